"""A call on a thread of its own, whose result is wanted a little later: asking a switch is mostly waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def aside(call: Callable[[], T], name: str) -> Future[T]:
    """Begin it; `result()` waits for it, and raises what it raised. The thread holds up nobody's end."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 it is raised again by who asks for the result
            future.set_exception(error)

    threading.Thread(target=run, name=f"cordon-{name}", daemon=True).start()
    return future
