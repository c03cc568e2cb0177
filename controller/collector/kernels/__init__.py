"""The same decoding as the reference, compiled: a whole batch of datagrams into columns in a few calls."""

from .decoder import KernelDecoder
from .enter import warm_enter

__all__ = ["KernelDecoder", "warm_enter"]
