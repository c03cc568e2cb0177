"""`cordon bench collect`: what receiving and decoding costs, beside the collectors that are installed, on the same datagrams."""

from .figures import measure

__all__ = ["measure"]
