"""services.py builds and wires every part; one loop each for collect, detect and respond."""
