"""UDP datagrams and pcap files of export datagrams in, FlowBatch out."""
