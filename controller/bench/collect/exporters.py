"""Many exporters with templates of their own, some of them bad; and a collector that is restarted under load."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from controller.bench.figure import figure

from .peers import Cordon
from .process import free_port, rss_bytes, settled_cpu_s

RATE = 300_000
GOOD, BAD = 2000, 500
WARM_S = 15.0
Say = Callable[[str], None]


def exporters_figures(seconds: float, rounds: int, say: Say) -> Iterator[dict[str, Any]]:
    """What a record costs with 2,000 exporters, 500 more sending what cannot be decoded, beside one good exporter."""
    ratios, memory, lost = [], [], 0.0
    for _ in range(rounds):
        one, _, lost_of_one = _cost(1, 0, seconds)
        many, rss, lost_of_many = _cost(GOOD, BAD, seconds)
        say(f"one exporter {one:.3f}, {GOOD} and {BAD} bad ones {many:.3f} CPU-s per million; {rss >> 20} MiB")
        ratios.append(many / one)
        memory.append(rss / (1 << 20))
        lost = max(lost, lost_of_one, lost_of_many)
    yield figure("collect.exporters2000.cost_ratio", ratios, "x", lost=round(lost, 5))
    yield figure("collect.exporters2000.rss", memory, "MiB")


def _cost(good: int, bad: int, seconds: float) -> tuple[float, int, float]:
    """CPU seconds per million records that came in, resident memory at the end, and the share of records that did not."""
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as folder:
        running = Cordon().start("v9", Path(folder))
        try:
            warm = _send(running.port, good, bad, WARM_S, RATE)  # until what waits for templates has filled its bound
            before = settled_cpu_s(running.pid)
            sent = _send(running.port, good, bad, seconds, RATE)
            spent = settled_cpu_s(running.pid) - before
            rss = rss_bytes(running.pid)
        finally:
            running.stop()
        lost = 1 - (running.received() or 0) / (sent + warm)
        return spent / max(sent * (1 - lost), 1) * 1e6, rss, lost


def _send(port: int, good: int, bad: int, seconds: float, rate: float) -> int:
    numbers = [str(value) for value in (port, good, bad, seconds, rate)]
    command = [sys.executable, "-m", "controller.bench.collect.crowd", *numbers]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120 + 3 * seconds)
    return int(json.loads(done.stdout)["flows"])


def restart_figures(seconds: float, say: Say) -> Iterator[dict[str, Any]]:
    """The templates are sent once, before the collector is stopped and started again in the middle of the traffic."""
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as folder:
        templates, port = str(Path(folder) / "templates.json"), free_port()
        first = Cordon().start("v9", Path(folder), templates=templates, port=port)
        command = [
            sys.executable,
            "-m",
            "controller.bench.collect.sender",
            "v9",
            str(port),
            str(2 * seconds),
            str(RATE),
            "once",
        ]
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        time.sleep(seconds)
        stopped = time.monotonic()
        first.stop()
        second = Cordon().start("v9", Path(folder), templates=templates, port=port)
        down_s = time.monotonic() - stopped
        told, _ = sender.communicate(timeout=60 + 4 * seconds)
        settled_cpu_s(second.pid)
        second.stop()
        sent, received = int(json.loads(told)["flows"]), (first.received() or 0) + (second.received() or 0)
    undecodable = second.told["undecodable"] + second.told["waiting"]
    lost, limit = (sent - received) / sent, down_s * RATE / sent
    say(f"restart: {received} of {sent} records, down {down_s:.2f} s, {undecodable} sets undecodable afterwards")
    yield figure("collect.restart.undecodable", [undecodable], "sets")
    yield figure("collect.restart.loss", [lost], "share", down_s=round(down_s, 3), down_times_rate=round(limit, 4))
