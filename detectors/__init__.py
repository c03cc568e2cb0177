"""Pure detection: flow batches in, findings and alerts out. No sockets, files, clocks or databases."""
