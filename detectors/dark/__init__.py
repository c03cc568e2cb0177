"""Addresses that nobody has, as an inventory and the flows themselves let one know. Unknown is not dark."""
