"""Which watch is taken: the compiled one, or the plain one."""

from __future__ import annotations

from collections.abc import Callable

from .address import Networks
from .plainwatch import PlainWatch
from .watch import PortRoles, Watch, WatchSettings


def watch_class(*, slow: bool) -> Callable[[WatchSettings, Networks, PortRoles, frozenset[int]], Watch]:
    """The compiled watch, unless `slow`."""
    if slow:
        return PlainWatch
    from .fastwatch import FastWatch  # noqa: PLC0415 numba takes half a second, and is not wanted where nothing is detected

    return FastWatch
