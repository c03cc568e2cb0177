"""Tables of command lines: MAC, ARP and LLDP output of any platform that ntc-templates knows, and of those it does not."""
