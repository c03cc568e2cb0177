"""transfer: a machine hands much to several others within minutes, who got nothing from it before (ATT&CK T1570).

Measured against the machine's own past: peers that it has pushed to for long do not count, and a machine that always had many new
ones at a time has to have more. It never acts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detectors.address import text
from detectors.alert import MOST_LISTED, Endpoint, Finding, Proof, Severity
from detectors.contact import TCP
from detectors.flow import FlowBatch
from detectors.notice import SEVERITIES, Notice
from detectors.state import BoundedTable

from .pushes import Push, Pushes
from .settings import TransferSettings

PEERS = 256  # kept of one machine
MEASURE = "machines that got much from it and nothing before"


@dataclass(slots=True)
class TransferCounts:
    """Pushes by what became of them, and what had to be forgotten."""

    usual: int = 0  # to peers of long standing
    excepted: int = 0  # of declared hosts
    shown: int = 0
    evicted_hosts: int = 0


@dataclass(slots=True)
class _Host:
    since_ms: OrderedDict[bytes, int] = field(default_factory=OrderedDict)  # its peers, since when
    last_ms: dict[bytes, int] = field(default_factory=dict)
    recent: dict[bytes, Push] = field(default_factory=dict)  # of the window
    most: int = 0  # new peers that it had at a time while it was learned
    shown_ms: int = -1


class Transfer:
    """Judges pushes; parameters as NewPeer's."""

    NAME = "transfer"

    def __init__(
        self,
        settings: TransferSettings,
        pushes: Pushes,
        *,
        excused: Container[bytes] = (),
        learn_ms: int | None = None,
        report_unlearned: bool = False,
        show: Severity | None = None,
        started_ms: int | None = None,
    ) -> None:
        self._s, self._pushes, self._excused = settings, pushes, excused
        self._learn_ms = settings.learn_ms if learn_ms is None else learn_ms
        self._report_unlearned, self._started_ms = report_unlearned, started_ms
        self._least = SEVERITIES.index(settings.show if show is None else show)
        self._hosts: BoundedTable[bytes, _Host] = BoundedTable(settings.most_hosts)
        self._counts = TransferCounts()

    @property
    def counts(self) -> TransferCounts:
        """Counters up to now."""
        self._counts.evicted_hosts = self._hosts.evictions
        return self._counts

    @property
    def pushes(self) -> Pushes:
        """The table."""
        return self._pushes

    def take(self, batch: FlowBatch) -> Iterable[Notice]:
        """Notices of a batch, in the order of its rows."""
        for push in self._pushes.take(batch):
            yield from self._push(push)

    def _push(self, push: Push) -> Iterator[Notice]:
        if push.src in self._excused:
            self._counts.excepted += 1
            return
        if self._started_ms is None:
            self._started_ms = push.at_ms
        learned = self._learn_ms > 0 and push.at_ms - self._started_ms >= self._learn_ms
        host = self._hosts.ensure(push.src, _Host)
        if self._is_usual(host, push):
            self._counts.usual += 1
            return
        window_ms = self._s.pushes.window_ms
        host.recent = {dst: p for dst, p in host.recent.items() if abs(push.at_ms - p.at_ms) <= window_ms}
        host.recent[push.dst] = push
        if not learned and not self._report_unlearned:
            host.most = max(host.most, len(host.recent))
            return
        threshold = max(self._s.peers, self._s.usual_times * host.most + 1)
        severity = Severity.MEDIUM if learned else Severity.LOW
        is_shown = host.shown_ms >= 0 and push.at_ms - host.shown_ms <= 2 * window_ms
        if len(host.recent) < threshold or is_shown or SEVERITIES.index(severity) < self._least:
            return
        host.shown_ms = push.at_ms
        self._counts.shown += 1
        yield self._notice(push, host, threshold, severity)

    def _is_usual(self, host: _Host, push: Push) -> bool:
        """A peer of long standing; every push is remembered."""
        last_ms = host.last_ms.get(push.dst)
        if last_ms is None or push.at_ms - last_ms > self._s.forget_ms:
            host.since_ms[push.dst] = push.at_ms
        host.last_ms[push.dst] = max(push.at_ms, last_ms or push.at_ms)
        host.since_ms.move_to_end(push.dst)
        if len(host.since_ms) > PEERS:
            gone, _ = host.since_ms.popitem(last=False)
            del host.last_ms[gone]
        return push.at_ms - host.since_ms[push.dst] >= self._s.usual_age_ms

    def _notice(self, push: Push, host: _Host, threshold: int, severity: Severity) -> Notice:
        recent = list(host.recent.values())
        ports = tuple(dict.fromkeys(p.port for p in recent))
        found = Finding(
            detector=self.NAME,
            technique=self._s.technique,
            endpoint=Endpoint(text(push.src)),
            first_flow_ms=min(p.at_ms for p in recent),
            found_ms=push.at_ms,
            attack_flows=len(recent),
            targets=tuple(text(p.dst) for p in recent)[:MOST_LISTED],
            ports=ports,
            target_count=len(recent),
            port_count=len(ports),
            measure=MEASURE,
            threshold=threshold,
            value=len(recent),
            sampling_known=all(p.known for p in recent),
            service=", ".join(f"{port}/tcp" for port in ports),
            proof=tuple(Proof(p.at_ms, text(p.dst), p.port, TCP, "answered") for p in recent[-20:]),
        )
        words = {
            "megabytes": round(sum(p.octets for p in recent) / 1e6, 1),
            "minutes": self._s.pushes.window_ms // 60_000,
            "most": host.most,
        }
        return Notice(push.src, found, severity, "transfer", self.NAME, words=words)

    def state(self) -> dict[str, Any]:
        """The baseline as columns: a row a pair, the host's most repeated."""
        pairs = [(src, dst, host) for src, host in self._hosts.items() for dst in host.since_ms]
        ends = (b"".join(src for src, _, _ in pairs), b"".join(dst for _, dst, _ in pairs))
        rows = [(host.since_ms[dst], host.last_ms[dst], host.most) for _, dst, host in pairs]
        numbers = np.array(rows, dtype=np.int64).reshape(-1, 3)
        began = -1 if self._started_ms is None else self._started_ms
        names = ("since_ms", "last_ms", "most")
        return {
            **{
                name: np.frombuffer(end, np.uint8).reshape(-1, 16)
                for name, end in zip(("src", "dst"), ends, strict=True)
            },
            **{name: numbers[:, at] for at, name in enumerate(names)},
            "started_ms": np.array([began], dtype=np.int64),
        }

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take a baseline; KeyError or ValueError if it is none."""
        rows = zip(*(state[name] for name in ("src", "dst", "since_ms", "last_ms", "most")), strict=True)
        began = int(state["started_ms"][0])
        self._started_ms = began if began >= 0 else self._started_ms
        for src, dst, since_ms, last_ms, most in rows:
            host = self._hosts.ensure(src.tobytes(), _Host)
            host.since_ms[dst.tobytes()], host.last_ms[dst.tobytes()] = int(since_ms), int(last_ms)
            host.most = max(host.most, int(most))
