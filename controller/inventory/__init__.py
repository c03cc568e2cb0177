"""Where is it? FDB, ports and neighbours of every switch, joined with flow evidence into a Location."""
