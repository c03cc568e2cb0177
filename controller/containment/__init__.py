"""The one door to a switch: guard, journal, apply, read back, expire, release, reconcile."""
