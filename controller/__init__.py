"""Everything that touches the world: collecting, the bus, inventory, switches, containment, feeds, store, web, cli."""
