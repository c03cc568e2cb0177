"""Pure resolution: objects of a walk to rows of ports, FDB, ARP and neighbours. A bridge port is no ifIndex."""
