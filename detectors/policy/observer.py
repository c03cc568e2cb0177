"""policy: a connection between two groups that a rule denies. The rule is named, and says what its violation asks for.

A violation is told once a day for each source and rule: who breaks one towards a whole network is one notice, not hundreds. An
exporter whose sampling is not known never makes it ask for more than `recommend`, nor does a connection of which only the ports
say who began it: old systems give their clients ports from 1024 on, and look like servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.address import text
from detectors.alert import Endpoint, Finding, Proof, Response, Severity, stronger, weaker
from detectors.contact import TCP
from detectors.event import WELL_KNOWN
from detectors.flow import FlowBatch
from detectors.newpeer.edges import NewEdge
from detectors.newpeer.settings import DAY_MS, DYNAMIC
from detectors.notice import Notice
from detectors.state import BoundedTable

from .days import DailyEdges
from .groups import Groups
from .matrix import Matrix, Rule

MEASURE = "connections that this rule denies"
MOST_TOLD = 65_536
SEVERITY = {
    Response.NONE: Severity.LOW,
    Response.RECOMMEND: Severity.MEDIUM,
    Response.APPROVE: Severity.HIGH,
    Response.AUTO: Severity.HIGH,
}


@dataclass(slots=True)
class PolicyCounts:
    """First connections of a day by what the policy says of them."""

    allowed: int = 0
    violations: int = 0
    repeated: int = 0  # violations of a rule that this source had broken already that day
    shown: int = 0
    softened: int = (
        0  # asked for less than the rule says: sampling not known, or the direction told by port numbers alone
    )
    evicted: int = 0  # what was told, forgotten for want of room; it is told again under the same id


class Policy:
    """Holds first connections of a day against a matrix. `techniques` are ATT&CK ids by port, `technique` that of all others."""

    NAME = "policy"

    def __init__(
        self,
        matrix: Matrix,
        edges: DailyEdges,
        groups: Groups,
        *,
        technique: str,
        techniques: Mapping[int, str] | None = None,
        most_told: int = MOST_TOLD,
    ) -> None:
        self._matrix, self._edges, self._groups = matrix, edges, groups
        self._technique, self._techniques = technique, dict(techniques or {})
        self._told: BoundedTable[tuple[bytes, str, int], Response] = BoundedTable(most_told)
        self._counts = PolicyCounts()

    @property
    def counts(self) -> PolicyCounts:
        """Counters up to now."""
        self._counts.evicted = self._told.evictions
        return self._counts

    @property
    def edges(self) -> DailyEdges:
        """The tables of connections."""
        return self._edges

    def take(self, batch: FlowBatch) -> Iterable[Notice]:
        """Violations of a batch, in the order of its rows."""
        for edge in self._edges.take(batch):
            yield from self._edge(edge)

    def state(self) -> dict[str, Any]:
        """What was told, to be kept across restarts: a row for each source, rule and day."""
        rows = list(self._told.items())
        return {
            "src": np.frombuffer(b"".join(key[0] for key, _ in rows), np.uint8).reshape(-1, 16),
            "rule": np.array([key[1] for key, _ in rows], dtype=np.str_),
            "day": np.array([key[2] for key, _ in rows], dtype=np.int64),
            "asked": np.array([str(asked) for _, asked in rows], dtype=np.str_),
        }

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take such rows; KeyError or ValueError if they are none."""
        for src, rule, day, asked in zip(*(state[name] for name in ("src", "rule", "day", "asked")), strict=True):
            self._told.put((src.tobytes(), str(rule), int(day)), Response(str(asked)))

    def _edge(self, edge: NewEdge) -> Iterator[Notice]:
        source, target = self._groups.group_of(edge.src), self._groups.group_of(edge.dst)
        rule = self._matrix.rule_of(source, target, edge.port)
        if rule.allows:
            self._counts.allowed += 1
            return
        self._counts.violations += 1
        asks = rule.response if edge.known and self._is_sure(edge) else weaker(rule.response, Response.RECOMMEND)
        key = (edge.src, rule.name, edge.at_ms // DAY_MS)
        told = self._told.get(key)
        if told is not None and not stronger(asks, told):
            self._counts.repeated += 1
            return
        self._told.put(key, asks)
        self._counts.shown += 1
        self._counts.softened += asks is not rule.response
        yield self._notice(edge, rule, asks, {"from_group": source, "to_group": target, "rule": rule.name})

    def _is_sure(self, edge: NewEdge) -> bool:
        """Who began is certain enough to act: seen, or the target's port is one that no client is given."""
        return edge.proven or edge.port < WELL_KNOWN or edge.port in self._techniques

    def _notice(self, edge: NewEdge, rule: Rule, asks: Response, words: Mapping[str, object]) -> Notice:
        service = f"{edge.port}-65535/tcp" if edge.port == DYNAMIC else f"{edge.port}/tcp"
        found = Finding(
            detector=self.NAME,
            technique=self._techniques.get(edge.port, self._technique),
            endpoint=Endpoint(text(edge.src)),
            first_flow_ms=edge.at_ms,
            found_ms=edge.at_ms,
            attack_flows=1,
            targets=(text(edge.dst),),
            ports=(edge.port,),
            target_count=1,
            port_count=1,
            measure=MEASURE,
            threshold=1,
            value=1,
            sampling_known=edge.known,
            service=service,
            proof=(Proof(edge.at_ms, text(edge.dst), edge.port, TCP, "answered"),),
        )
        return Notice(edge.src, found, SEVERITY[asks], rule.name, self.NAME, response=asks, words=words)
