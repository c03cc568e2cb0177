"""Edges in plain Python: the rules, readable, and the oracle of the compiled ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import Networks
from detectors.event import ACK, EPHEMERAL, FLAGS, RST, SYN, WELL_KNOWN, Hint, Quality, Verb, is_v4
from detectors.flow import FlowBatch, Has, Version
from detectors.initiator import read
from detectors.plainparts import quality
from detectors.state import BoundedTable

from .edges import EDGE, EdgeCounts, NewEdge
from .settings import DYNAMIC, RPC_MAPPER, EdgeSettings

Key = tuple[bytes, bytes, int]


@dataclass(slots=True)
class _Use:
    first_ms: int
    last_ms: int
    count: int = 1


class PlainEdges:
    """See edges.py."""

    def __init__(self, settings: EdgeSettings, internal: Networks) -> None:
        self._s, self._internal = settings, internal
        self._uses: BoundedTable[Key, _Use] = BoundedTable(settings.most_edges)
        self._counts = EdgeCounts()

    @property
    def counts(self) -> EdgeCounts:
        """Counters up to now."""
        self._counts.evicted = self._uses.evictions
        return self._counts

    def take(self, batch: FlowBatch) -> Iterator[NewEdge]:
        """New edges of a batch, in the order of its rows."""
        for row in batch.rows():
            found = self._row(row)
            if found is not None:
                yield found

    def _row(self, row: Mapping[str, Any]) -> NewEdge | None:
        if row["proto"] != 6 or not row["has"] & Has.PORTS or not row["has"] & Has.ADDRESSES:
            return None
        client, server, port = self._answered(row)
        if not port or client == server or not self._east_west(client, server):
            return None
        at_ms = row["received_ms"]
        if port not in self._s.ports:
            mapper = self._uses.peek((client, server, RPC_MAPPER))
            if mapper is None or at_ms - mapper.last_ms > self._s.dynamic_ms:
                return None
            port = DYNAMIC
        self._counts.seen += 1
        if not self._is_new((client, server, port), at_ms):
            return None
        return NewEdge(client, server, port, at_ms, bool(quality(row) & Quality.KNOWN), row["agent"], _proven(row))

    def _answered(self, row: Mapping[str, Any]) -> tuple[bytes, bytes, int]:
        """Client, server and the service that a row proves to be used; port 0 if it proves nothing."""
        flags, src, dst = row["tcp_flags"] & FLAGS, row["src_port"], row["dst_port"]
        answer = (row["dst_addr"], row["src_addr"])
        if row["has"] & Has.TCP_FLAGS and not flags & (SYN | RST):
            # The middle of a connection: the side of a listed port speaks to one that only clients have.
            return (*answer, src if flags & ACK and src in self._s.ports and _below(src, dst) else 0)
        reading = read(row)
        if reading.port not in self._s.ports and reading.port < DYNAMIC:
            return (*answer, 0)
        if reading.verb == Verb.ANSWER:
            return (*answer, reading.port)
        opened = reading.verb == Verb.OPEN and reading.hint == Hint.ANSWERED
        return row["src_addr"], row["dst_addr"], reading.port if opened else 0

    def _is_new(self, key: Key, at_ms: int) -> bool:
        use = self._uses.get(key)
        if use is None or at_ms - use.last_ms > self._s.forget_ms:
            self._uses.put(key, _Use(at_ms, at_ms))
            self._counts.new += 1
            return True
        use.count += 1
        use.last_ms = max(use.last_ms, at_ms)
        began = at_ms <= use.first_ms  # no later than we knew: out of order, or read again after a restart
        use.first_ms = min(use.first_ms, at_ms)
        return began

    def _east_west(self, one: bytes, other: bytes) -> bool:
        """Both inside, or neighbours: two public addresses of one /24 (or /64) are one network."""
        near = one[:15] == other[:15] if is_v4(one) else one[:8] == other[:8]
        return near or (one in self._internal and other in self._internal)

    def state(self) -> NDArray[Any]:
        """All edges."""
        found = np.zeros(len(self._uses), dtype=EDGE)
        for at, ((src, dst, port), use) in enumerate(self._uses.items()):
            found[at] = (
                np.frombuffer(src, np.uint8), np.frombuffer(dst, np.uint8), port, use.first_ms, use.last_ms, use.count
            )  # fmt: skip
        return found

    def learn(self, edges: NDArray[Any]) -> None:
        """Take edges as known."""
        for edge in edges:
            key = (edge["src"].tobytes(), edge["dst"].tobytes(), int(edge["port"]))
            self._uses.put(key, _Use(int(edge["first_ms"]), int(edge["last_ms"]), int(edge["count"])))


def _proven(row: Mapping[str, Any]) -> bool:
    """The row shows who began: a SYN or SYN/ACK by itself, or both directions (initiator.py, all but the last resort)."""
    flags = row["tcp_flags"] & FLAGS if row["has"] & Has.TCP_FLAGS else 0
    packet = row["version"] in (Version.SFLOW5, Version.TABLE) or not flags & ACK or flags == SYN | ACK
    return bool(flags & SYN and (packet or row["has"] & Has.REVERSE))


def _below(server: int, client: int) -> bool:
    """Ranked as a server's port and a client's (initiator.py)."""
    return (server < WELL_KNOWN <= client) or (server < EPHEMERAL <= client)
