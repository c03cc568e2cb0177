"""Exporters that used to send and no longer do: a switch that is down, or whose export somebody switched off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .ledger import Stream

ENOUGH = 10  # datagrams: who sent fewer never "used to send"
PATIENCE = 4  # times the usual pause between two datagrams, for exporters that speak rarely
FORGET_MS = 24 * 3_600_000  # silent for so long, it was taken away


@dataclass(frozen=True, slots=True)
class Silence:
    """An exporter fell silent (`silent`), or is heard again; `last_ms`: its last datagram."""

    exporter: bytes
    silent: bool
    last_ms: int


class SilenceWatch:
    """Asked again and again with the streams and the time; tells each change once. `silent`: who is, and since when."""

    def __init__(self, silence_s: int) -> None:
        self._least_ms = silence_s * 1000
        self.silent: dict[bytes, int] = {}
        self.alarms = 0

    def look(self, streams: Iterable[Stream], now_ms: int) -> list[Silence]:
        """Changes since the last look."""
        if not self._least_ms:
            return []
        last: dict[bytes, int] = {}
        pause: dict[bytes, int] = {}
        for stream in streams:
            if stream.version == "unknown" or stream.datagrams < ENOUGH:
                continue
            usual = (stream.last_ms - stream.first_ms) // (stream.datagrams - 1)
            known = last.get(stream.agent, 0)
            last[stream.agent] = max(known, stream.last_ms)
            pause[stream.agent] = min(pause.get(stream.agent, usual), usual)
        waited = {agent: now_ms - at for agent, at in last.items()}
        silent = {
            agent: last[agent]
            for agent, ms in waited.items()
            if max(self._least_ms, PATIENCE * pause[agent]) <= ms < FORGET_MS
        }
        changes = [Silence(agent, True, at) for agent, at in silent.items() if agent not in self.silent]
        heard = [agent for agent in self.silent if agent not in silent and waited.get(agent, FORGET_MS) < FORGET_MS]
        changes += [Silence(agent, False, last[agent]) for agent in heard]
        self.alarms += sum(change.silent for change in changes)
        self.silent = silent
        return changes
