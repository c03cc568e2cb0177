"""The watch, compiled. plainwatch.py and initiator.py are the same in plain Python."""
