"""The figures of `cordon bench detect`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from controller.bench.figure import figure

from .mix import SWEEP_PER_S

Say = Callable[[str], None]
SAMPLED = 64


def measure(
    hosts: int, minutes: int, say: Say, *, warm: int = 10, flood_minutes: int = 10, sweep_per_s: int = SWEEP_PER_S
) -> Iterator[dict[str, Any]]:
    """Every figure, as it is known."""
    say(f"{hosts} hosts, {warm} minutes to fill the tables, {minutes} measured")
    found = _worker("cost", hosts, warm, minutes, 1)
    more = {"hosts": found["hosts"], "rows": found["rows"]}
    yield figure("detect.cpu_s_per_m", found["cpu_s_per_m"], "s/M", **more)
    yield figure("detect.bytes_per_host", [found["bytes_per_host"]], "B", **more)
    say(f"the same, sampled 1:{SAMPLED}")
    found = _worker("cost", hosts, warm, minutes, SAMPLED)
    more = {"hosts": found["hosts"], "rows": found["rows"]}
    yield figure("detect.cpu_s_per_m.sampled", found["cpu_s_per_m"], "s/M", **more)
    say("fifty hosts sweep a /16")
    swept = _worker("sweep", flood_minutes, sweep_per_s)
    yield {
        "name": "detect.rss_growth",
        "value": round(max(swept["rss_growth"], default=0.0), 2),
        "unit": "%",
        "runs": [round(run, 2) for run in swept["rss_growth"]],
        "rows": swept["rows"],
        "forgotten": swept["forgotten"],
    }
    yield figure("detect.cpu_s_per_m.sweep", [swept["cpu_s_per_m"]], "s/M")


def _worker(*arguments: Any) -> dict[str, Any]:
    command = [sys.executable, "-m", "controller.bench.detect.worker", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3600)
    return dict(json.loads(done.stdout))
