"""One measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import ctypes
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import detectors
from controller.core import yamlfile
from detectors.address import INTERNAL, Networks
from detectors.catalog import load
from detectors.engine import Engine
from detectors.observers import newpeer, transfer

from .mix import Morning, sources, sweep

SETTLED_MINUTE = 2  # memory is compared with what it was after so many minutes


def rss() -> int:
    """Resident octets, after garbage is collected and given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def engine(**options: Any) -> Engine:
    """The engine as it is shipped, with every detector that needs no model and no baseline."""
    catalog = load(yamlfile.read(Path(detectors.__file__).parent / "catalog.yaml").data)
    internal = Networks(INTERNAL)
    return Engine(
        catalog, internal=internal, observers=[newpeer(catalog, internal), transfer(catalog, internal)], **options
    )


def cost(hosts: int, warm: int, minutes: int, rate: int) -> dict[str, Any]:
    """CPU seconds a million rows of each minute after `warm` ones, and octets a host that sent something."""
    morning = Morning(hosts, rate)
    _compiled(morning)
    running = engine(roles=morning.hospital.site.roles, host_roles=morning.declared())
    seen, runs, rows = np.zeros(0, dtype=">u4"), [], 0
    before = rss()
    for minute in range(warm + minutes):
        spent, fed = 0.0, 0
        for batch in morning.minute(minute):
            began = time.process_time()
            running.feed(batch)
            spent += time.process_time() - began
            fed += len(batch)
            seen = np.union1d(seen, sources(batch))
        if minute >= warm:
            runs.append(spent / fed * 1e6)
        rows += fed
    held = rss() - before - seen.nbytes
    return {"cpu_s_per_m": runs, "bytes_per_host": held / len(seen), "hosts": len(seen), "rows": rows}


def _compiled(morning: Morning) -> None:
    """What compiles at the first use does so now, in an engine that is thrown away."""
    batch = next(iter(morning.minute(0)))
    engine(roles=morning.hospital.site.roles).feed(batch)


def flood(minutes: int, per_s: int) -> dict[str, Any]:
    """Resident octets after each minute of the /16 sweep, and what the engine says it forgot."""
    running, after, spent, rows = engine(), [], 0.0, 0
    for minute in range(minutes):
        batch = sweep(minute, per_s)
        began = time.process_time()
        running.feed(batch)
        spent += time.process_time() - began
        rows += len(batch)
        del batch
        after.append(rss())
    settled = after[SETTLED_MINUTE - 1]
    growth = [(later / settled - 1) * 100 for later in after[SETTLED_MINUTE:]]
    counts = running.counts
    forgotten = {name: getattr(counts, name) for name in dir(counts) if name.startswith(("evicted", "forgotten"))}
    return {"rss_growth": growth, "cpu_s_per_m": spent / rows * 1e6, "rows": rows, "forgotten": forgotten}


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    found = cost(*map(int, numbers)) if what == "cost" else flood(*map(int, numbers))
    sys.stdout.write(json.dumps(found) + "\n")
