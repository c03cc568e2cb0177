"""The figures of `cordon bench collect`: medians over rounds in which every collector gets the same datagrams in turn."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.bench.figure import figure

from .corpus import corpus
from .exporters import exporters_figures, restart_figures
from .peers import PEERS, Cordon
from .process import Peer, settled_cpu_s, udp_drops

PROTOCOLS = ("sflow", "v9", "ipfix", "v5")
RATES = {"sflow": 500_000, "v9": 500_000, "ipfix": 500_000, "v5": 500_000}  # flow records a second
WARM_S = 1.0
# What a slow collector is sent, so that it is measured at a rate it can take without loss.
SLOWER = {"goflow2": 100_000, "pmacct": 200_000}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One collector given one corpus: flow records sent and received, and CPU seconds. Of one that cannot say what came in, what
    the kernel did not drop at its socket: a collector that loses half of what is sent must not pass for twice as fast."""

    sent: int
    received: int
    cpu_s: float

    @property
    def per_million(self) -> float:
        """CPU seconds per million flow records that came in."""
        return self.cpu_s / max(self.received, 1) * 1e6


def measure(protocols: Sequence[str], seconds: float, rounds: int, say: Say) -> Iterator[dict[str, Any]]:
    """Every figure, as it is known."""
    for protocol in protocols:
        if protocol in PROTOCOLS:
            yield from _protocol(protocol, seconds, rounds, say)
    if "sflow" in protocols:
        yield from _lossless(seconds, say)
    if "exporters" in protocols:
        yield from exporters_figures(seconds, rounds, say)
    if "restart" in protocols:
        yield from restart_figures(seconds, say)


def _protocol(protocol: str, seconds: float, rounds: int, say: Say) -> Iterator[dict[str, Any]]:
    collectors: list[Peer] = [Cordon(), *PEERS]
    runs: dict[str, list[Run]] = {peer.name: [] for peer in collectors}
    for turn in range(rounds):
        for peer in collectors:
            rate = SLOWER.get(peer.name, RATES[protocol])
            if peer.name in SLOWER and turn >= max(rounds // 2, 1):
                continue
            found = once(peer, protocol, seconds, rate)
            if found is not None:
                say(f"{protocol} {peer.name}: {found.per_million:.3f} CPU-s/M, {found.received} of {found.sent}")
                runs[peer.name].append(found)
    ours = runs["cordon"]
    for name, found_runs in runs.items():
        lost = [1 - run.received / run.sent for run in found_runs]
        costs = [run.per_million for run in found_runs]
        yield figure(f"collect.{protocol}.cpu_s_per_m.{name}", costs, "s/M", lost=round(max(lost), 5) if lost else None)
    for peer in PEERS:
        pairs = zip(runs[peer.name], ours, strict=False)
        yield figure(
            f"collect.{protocol}.ratio_{peer.name}",
            [theirs.per_million / our.per_million for theirs, our in pairs],
            "x",
        )


def once(peer: Peer, protocol: str, seconds: float, rate: float) -> Run | None:
    """Start it, send to it, stop it; None if it is not installed."""
    with tempfile.TemporaryDirectory(prefix="cordon-bench-", dir=_memory()) as folder:
        running = peer.start(protocol, Path(folder))
        if running is None:
            return None
        try:
            send(protocol, running.port, WARM_S, rate)  # what is made or mapped at first is not what is measured
            before = settled_cpu_s(running.pid)
            warm = corpus_flows(protocol, WARM_S, rate)
            drops = udp_drops(running.port)
            sent = send(protocol, running.port, seconds, rate)
            spent = settled_cpu_s(running.pid) - before
            dropped = (udp_drops(running.port) - drops) * corpus(protocol).per_datagram
        finally:
            running.stop()
        received = running.received()
        return Run(sent, max(sent - round(dropped), 0) if received is None else received - warm, spent)


def corpus_flows(protocol: str, seconds: float, rate: float) -> int:
    """Flow records that `send` sends, without sending."""
    made = corpus(protocol)
    count = int(seconds * rate / made.per_datagram)
    rounds, rest = divmod(count, len(made.flows))
    return rounds * sum(made.flows) + sum(made.flows[:rest])


def send(protocol: str, port: int, seconds: float, rate: float) -> int:
    """From a process of its own; flow records sent."""
    command = [sys.executable, "-m", "controller.bench.collect.sender", protocol, str(port), str(seconds), str(rate)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120 + 3 * seconds)
    return int(json.loads(done.stdout)["flows"])


def _lossless(seconds: float, say: Say) -> Iterator[dict[str, Any]]:
    """The highest rate at which nothing is lost, sender and collector on the same cores; upward until something is."""
    collectors: list[Peer] = [Cordon(), *(peer for peer in PEERS if peer.name == "nfdump")]
    for peer in collectors:
        best, reached = 0, []
        for rate in (300_000, 500_000, 700_000, 1_000_000, 1_400_000, 2_000_000):
            found = once(peer, "sflow", min(seconds, 4.0), rate)
            if found is None:
                break
            say(f"sflow {peer.name} at {rate}/s: {found.received} of {found.sent}")
            reached.append(found.received / found.sent)
            if found.received < found.sent:
                break
            best = rate
        name = "collect.sflow.lossless_per_s" + ("" if peer.name == "cordon" else f".{peer.name}")
        yield {"name": name, "value": best or None, "unit": "flows/s", "runs": [round(share, 5) for share in reached]}


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 files of a peer go to memory, not to a disk
