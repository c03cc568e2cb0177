"""Capture files: pcap and pcapng, gzipped or not, and the export datagrams in them."""
