"""newpeer: a machine uses an administration service of another one for the first time.

That alone is common (about one a host and day in open data), so it is `info`. It is `medium` when more speaks for it: several
services of one machine within minutes, a machine that was itself just reached by somebody new, many machines at once, or many
machines at one. Before the site's learning time is over it says nothing, or (`report_unlearned`, for recordings) at most `low`.
It never acts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.address import text
from detectors.alert import MOST_LISTED, Endpoint, Finding, Proof, Severity
from detectors.contact import TCP
from detectors.flow import FlowBatch
from detectors.notice import SEVERITIES, Notice
from detectors.state import BoundedTable

from .edges import Edges, NewEdge, columns, of_mapping
from .memory import Host, Opened, Pair, Server
from .settings import DAY_MS, DYNAMIC, NewPeerSettings, Service

ONE_MEASURE = "administration services used for the first time on this machine"


@dataclass(slots=True)
class NewPeerCounts:
    """New edges by what became of them, and what had to be forgotten."""

    learned: int = 0  # during the learning time, silently
    ordinary: int = 0  # of servers that many use
    excepted: int = 0  # of declared hosts
    shown: int = 0
    below: int = 0  # less severe than is shown
    suppressed: int = 0  # single ones of a source that has many at a time, which is said
    evicted_hosts: int = 0
    evicted_servers: int = 0


class NewPeer:
    """Judges new edges.

    `learn_ms` and `show` take the place of the catalog's. Learning begins with a site's first edge, or at `started_ms`; `site_of`
    says whose an exporter is, by agent. Nobody asks about those who are `excused`: what they do is not even a sign for others.
    """

    NAME = "newpeer"

    def __init__(
        self,
        settings: NewPeerSettings,
        edges: Edges,
        *,
        excused: Container[bytes] = (),
        learn_ms: int | None = None,
        report_unlearned: bool = False,
        show: Severity | None = None,
        started_ms: int | None = None,
        site_of: Mapping[bytes, str] | None = None,
    ) -> None:
        self._s, self._edges, self._excused = settings, edges, excused
        self._learn_ms = settings.learn_ms if learn_ms is None else learn_ms
        self._report_unlearned = report_unlearned
        self._least = SEVERITIES.index(settings.show if show is None else show)
        self._site_of = dict(site_of or {})
        self._begin_ms = started_ms
        self._started: dict[str, int] = {}
        self._hosts: BoundedTable[bytes, Host] = BoundedTable(settings.most_hosts)
        self._servers: BoundedTable[tuple[bytes, str], Server] = BoundedTable(settings.most_hosts)
        self._pairs: BoundedTable[tuple[bytes, str], Pair] = BoundedTable(settings.most_hosts)
        self._counts = NewPeerCounts()

    @property
    def counts(self) -> NewPeerCounts:
        """Counters up to now; those of the table are in `edges.counts`."""
        self._counts.evicted_hosts, self._counts.evicted_servers = self._hosts.evictions, self._servers.evictions
        return self._counts

    @property
    def edges(self) -> Edges:
        """The table."""
        return self._edges

    def take(self, batch: FlowBatch) -> Iterable[Notice]:
        """Notices of a batch, in the order of its rows."""
        return [notice for edge in self._edges.take(batch) for notice in self._edge(edge)]

    def state(self) -> dict[str, Any]:
        """The baseline: columns of edges, and when learning began."""
        sites = sorted(self._started)
        return {
            **columns(self._edges.state()),
            "sites": np.array(sites, dtype=np.str_),
            "started_ms": np.array([self._started[site] for site in sites], dtype=np.int64),
        }

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take a baseline; KeyError or ValueError if it is none."""
        edges = of_mapping(state)
        began = zip(state["sites"].tolist(), state["started_ms"].tolist(), strict=True)
        self._edges.learn(edges)
        self._started.update({str(site): int(at_ms) for site, at_ms in began})
        for edge in edges[np.argsort(edges["first_ms"], kind="stable")]:
            source, target = edge["src"].tobytes(), edge["dst"].tobytes()
            if int(edge["port"]) in self._s.services:
                service = self._s.service_of(int(edge["port"]))
                self._remember(source, target, service, int(edge["first_ms"]))

    def _remember(self, source: bytes, target: bytes, service: Service, at_ms: int) -> tuple[Host, Server]:
        key = (target, service.group)
        host, server = self._hosts.ensure(source, Host), self._servers.ensure(key, Server)
        host.note_peer(key, at_ms)
        server.note_client(source, at_ms, 2 * self._s.server_clients)
        return host, server

    def _edge(self, edge: NewEdge) -> Iterable[Notice]:
        service = self._s.service_of(edge.port)
        site = self._site_of.get(edge.agent, "")
        started_ms = self._started.setdefault(site, edge.at_ms if self._begin_ms is None else self._begin_ms)
        host, server = self._remember(edge.src, edge.dst, service, edge.at_ms)
        learned = self._learn_ms > 0 and edge.at_ms - started_ms >= self._learn_ms
        if not learned and not self._report_unlearned:
            self._counts.learned += 1
            return ()
        if edge.src in self._excused:
            self._counts.excepted += 1
            return ()
        days = (edge.at_ms - started_ms) / DAY_MS if learned else 0.0
        return self._judge(edge, service, host, server, days)

    def _judge(self, edge: NewEdge, service: Service, host: Host, server: Server, days: float) -> Iterator[Notice]:
        """What a new edge gives cause to say, `days` after learning began; 0 before it is over."""
        ordinary = server.is_ordinary(self._s, edge.at_ms)
        opened = Opened(edge.at_ms, edge.dst, edge.port, service.group, ordinary)
        if opened in host.opened:
            return  # one packet, seen by two exporters
        host.note_opened(opened)
        self._counts.ordinary += ordinary
        server.note_fresh(edge.src, edge.at_ms)
        if not ordinary:
            reached = self._hosts.ensure(edge.dst, Host)
            reached.reached_ms, reached.reached_by = edge.at_ms, edge.src
        yield from self._pair(edge, service, host, server, days=days, ordinary=ordinary)
        yield from self._fanout(edge, service, host, days=days)

    def _pair(
        self, edge: NewEdge, service: Service, host: Host, server: Server, *, days: float, ordinary: bool
    ) -> Iterator[Notice]:
        s, at_ms = self._s, edge.at_ms
        pair = self._pairs.ensure((edge.src, text(edge.dst)), lambda: Pair(at_ms))
        if at_ms - pair.first_ms > s.chain_ms + s.edges.dynamic_ms and pair.rank >= 0:
            pair.first_ms, pair.rank = at_ms, -1  # another day's
            pair.ports.clear()
        pair.first_ms = min(pair.first_ms, at_ms)
        pair.ports[edge.port] = service
        groups = host.groups(edge.dst, at_ms, s.peer_window_ms)
        chained = host.reached_ms >= 0 and abs(at_ms - host.reached_ms) <= s.chain_ms and host.reached_by != edge.dst
        newcomers = server.newcomers(at_ms, s.fanin_window_ms)
        reason, measure, threshold, value = "newpeer", ONE_MEASURE, 1, max(len(groups), 1)
        if ordinary or self._administers(host, at_ms):
            pass
        elif len(groups) >= s.peer_services:
            reason, threshold = "newpeer-services", s.peer_services
        elif chained:
            reason, measure = "newpeer-chain", "seconds since somebody new reached it"
            threshold, value = s.chain_ms // 1000, abs(at_ms - host.reached_ms) // 1000
        elif newcomers == s.fanin:
            reason, measure = "newpeer-fanin", "machines that used this service for the first time"
            threshold, value = s.fanin, newcomers
        severity = Severity.INFO if reason == "newpeer" else Severity.MEDIUM if days else Severity.LOW
        if reason != "newpeer-services" and len(host.targets(at_ms, s.fanout_window_ms)) > s.fanout:
            self._counts.suppressed += 1  # said of all together
            return
        if not self._is_worse(pair, severity):
            return
        found = self._finding(edge, service, pair.first_ms, [edge.dst], pair.ports, (measure, threshold, value))
        words = {"by": text(host.reached_by) if chained else "-", "days": round(days, 1)}
        yield Notice(edge.src, found, severity, text(edge.dst), reason, words=words)

    def _fanout(self, edge: NewEdge, service: Service, host: Host, *, days: float) -> Iterator[Notice]:
        s = self._s
        opened = host.targets(edge.at_ms, s.fanout_window_ms)
        threshold = s.fanout * (2 if self._administers(host, edge.at_ms) else 1)
        if len(opened) < threshold:
            return
        first_ms = min(o.at_ms for o in opened)
        pair = self._pairs.ensure((edge.src, "*"), lambda: Pair(first_ms))
        if first_ms - pair.first_ms > s.fanout_window_ms and pair.rank >= 0:
            pair.first_ms, pair.rank = first_ms, -1
        severity = Severity.MEDIUM if days else Severity.LOW
        if not self._is_worse(pair, severity):
            return
        ports = {o.port: s.service_of(o.port) for o in opened}
        measure = ("machines whose administration services were used for the first time", threshold, len(opened))
        found = self._finding(edge, service, pair.first_ms, [o.target for o in opened], ports, measure, opened)
        words = {"minutes": s.fanout_window_ms // 60_000, "days": round(days, 1)}
        yield Notice(edge.src, found, severity, "fanout", "newpeer-fanout", words=words)

    def _administers(self, host: Host, at_ms: int) -> bool:
        """It has administered many machines for a while, servers that everybody uses left out: new ones are its daily work."""
        peers = {
            target
            for target, group in host.old_peers(at_ms, self._s.server_age_ms)
            if not ((server := self._servers.peek((target, group))) and server.is_ordinary(self._s, at_ms))
        }
        return len(peers) >= self._s.admin_peers

    def _is_worse(self, pair: Pair, severity: Severity) -> bool:
        """It is to be said, and was not said as loudly before."""
        rank = SEVERITIES.index(severity)
        if rank < self._least:
            self._counts.below += 1
            return False
        if rank <= pair.rank:
            return False
        pair.rank = rank
        self._counts.shown += 1
        return True

    def _finding(
        self,
        edge: NewEdge,
        service: Service,
        first_ms: int,
        targets: Sequence[bytes],
        ports: Mapping[int, Service],
        measured: tuple[str, int, int],
        opened: Sequence[Opened] = (),
    ) -> Finding:
        measure, threshold, value = measured
        proof = [(o.at_ms, o.target, o.port) for o in opened] or [(edge.at_ms, edge.dst, edge.port)]
        return Finding(
            detector=self.NAME,
            technique=service.technique,
            endpoint=Endpoint(text(edge.src)),
            first_flow_ms=first_ms,
            found_ms=edge.at_ms,
            attack_flows=max(len(opened), len(ports)),
            targets=tuple(text(target) for target in targets)[:MOST_LISTED],
            ports=tuple(ports),
            target_count=len(targets),
            port_count=len(ports),
            measure=measure,
            threshold=threshold,
            value=value,
            sampling_known=edge.known,
            service=", ".join(_said(port, ports[port]) for port in ports),
            proof=tuple(Proof(at_ms, text(target), port, TCP, "answered") for at_ms, target, port in proof),
        )


def _said(port: int, service: Service) -> str:
    """As an administrator says it: `5985/tcp (winrm)`."""
    return f"{service.name} above {DYNAMIC - 1}/tcp" if port == DYNAMIC else f"{port}/tcp ({service.name})"
