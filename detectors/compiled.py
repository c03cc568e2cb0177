"""How kernels are compiled, and when compiled code is still good.

`_nrt=False`: without numba's reference counting. Every array that is handed from function to function was counted up and
down by an atomic operation at each call and branch. A kernel therefore makes no arrays and takes no slices; one that does is
refused when it is compiled.

numba looks only at a function's own file to see whether its cached code is still good, but most of a kernel's code is that of
other files, compiled into it. Here the cache goes by all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

DETECTORS = Path(__file__).parent


def digest(*paths: Path) -> str:
    """Of every file that kernels are made of or take constants from."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(path.read_bytes())
    return found.hexdigest()


STAMP = digest(*DETECTORS.glob("kernels/*.py"), DETECTORS / "flow.py", DETECTORS / "event.py", DETECTORS / "watch.py")


def _compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    decorate: Any = njit(**{"cache": True, "nogil": True, "_nrt": False, **options})  # _nrt is not in numba's types

    def wrap(function: Callable[..., Any]) -> Any:
        dispatcher = decorate(function)
        dispatcher._cache._cache_file._source_stamp = STAMP
        return dispatcher

    return wrap


kernel = _compiled()
inlined = _compiled(forceinline=True)  # a part of a larger one: a call would cost as much as its work
