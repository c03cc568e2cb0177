"""Functions over arrays that are compiled where that is possible, and run as they stand where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def quick(function: Callable[..., Any]) -> Any:
    """The compiled form of a function, cached on disk; the function itself where nothing can be compiled."""
    try:
        from .kernels.compiled import kernel  # noqa: PLC0415 numba takes half a second, which only a service should pay
    except (ImportError, RuntimeError, OSError):
        return function
    try:
        return kernel(function)
    except (RuntimeError, OSError, KeyError):  # "cannot cache function": no place to write to
        return function


def soon(data: Any, at: int) -> None:
    """The cache line of data[at] is read soon: compiled code asks for it (kernels/octets.py), plain Python need not."""
