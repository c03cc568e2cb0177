"""The catalog as typed values: thresholds and texts, checked when they are loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .initiator import quarter_octaves
from .leniency import Roles, roles_of
from .newpeer.settings import NewPeerSettings
from .newpeer.settings import settings as newpeer_settings
from .risk import RiskSettings
from .risk import settings as risk_settings
from .transfer.settings import TransferSettings
from .transfer.settings import settings as transfer_settings
from .watch import LOGIN, SESSION, Bucket, WatchSettings, classes


@dataclass(frozen=True, slots=True)
class Sequential:
    """Steps and boundary of the sequential test, in natural logarithms of the likelihood ratio."""

    failure: float
    success: float
    boundary: float
    udp_weight: float


@dataclass(frozen=True, slots=True)
class Fanout:
    """So many distinct targets (or ports) within so many milliseconds."""

    targets: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class SampledFanout:
    """The same for exporters that send one packet in up to `rate`."""

    rate: int
    targets: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class Acting:
    """From when on a sweep may be acted on: `failed` of the latest `among` targets (`among_other`: of services that are not
    lateral), where fewer than `others` fail too unless there are `shared` such; ARP and echo requests within a window."""

    failed: int
    failed_lateral: int  # of lateral ports, where two thirds of the latest failed
    refused: int  # of lateral ports, refused within `refused_window_ms`
    refused_window_ms: int
    failed_reached: int  # as `failed`, of a source that an attacker had reached
    among: int
    among_other: int
    others: int
    shared: int
    arp_window_ms: int
    icmp_window_ms: int
    failed_outside: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Connections of a new pair that are at least `gap_ms` apart are told once in `forget_ms`."""

    gap_ms: int
    forget_ms: int


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the detectors can be told."""

    answer_timeout_ms: int
    memory_ms: int
    most_sources: int
    most_contacts: int
    watch: WatchSettings
    sequential: Sequential
    fanout: Mapping[str, Fanout]
    sampled: tuple[SampledFanout, ...]
    port_fanout: Fanout
    refused_port: float  # step of the sequential test for a port that was refused
    lateral_ports: frozenset[int]
    act: Acting
    act_failed_ports: int
    act_logins: int
    act_alike: int  # tenths
    slow: Slow
    empty: int  # quarter octaves of the bytes of a connection in which nothing was said
    spread_targets: int
    spread_window_ms: int
    quiet_ms: int
    risk: RiskSettings
    roles: Roles
    newpeer: NewPeerSettings
    transfer: TransferSettings
    techniques: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # names of measures in other languages

    def is_login(self, port: int) -> bool:
        """A service where one logs in."""
        return int(self.watch.classes[port]) in (LOGIN, SESSION)

    def bucket_of(self, port: int, rate: int) -> Bucket:
        """The bucket that the watch keeps for a service."""
        if rate != 1:
            return self.watch.sampled
        return {LOGIN: self.watch.login, SESSION: self.watch.session}.get(
            int(self.watch.classes[port]), self.watch.other
        )


BUCKETS = ("other", "blind", "login", "session", "sampled", "fresh")


def load(data: Mapping[str, Any]) -> Catalog:
    """The catalog of a mapping as in catalog.yaml; KeyError or ValueError name what is missing or wrong."""
    engine, sweep, scan = data["engine"], data["sweep"], data["portscan"]
    return Catalog(
        answer_timeout_ms=int(engine["answer_timeout_ms"]),
        memory_ms=int(engine["memory_s"]) * 1000,
        most_sources=int(engine["most_suspicious"]),
        most_contacts=int(engine["most_contacts"]),
        watch=_watch(data),
        sequential=_sequential(data["sequential"]),
        fanout={name: _fanout(entry) for name, entry in sweep["fanout"].items()},
        sampled=tuple(
            SampledFanout(int(b["rate"]), int(b["targets"]), int(b["window_s"]) * 1000) for b in sweep["sampled"]
        ),
        port_fanout=Fanout(int(scan["fanout"]["ports"]), int(scan["fanout"]["window_s"]) * 1000),
        refused_port=_refused(data["sequential"], scan),
        lateral_ports=frozenset(int(port) for port in sweep["lateral_ports"]),
        act=_acting(sweep["act"]),
        act_failed_ports=int(scan["act"]["failed_ports"]),
        act_logins=int(data["bruteforce"]["act"]["connections"]),
        act_alike=round(float(data["bruteforce"]["act"]["alike"]) * 10),
        slow=Slow(
            int(float(data["bruteforce"]["fresh"]["slow_s"]) * 1000),
            int(data["bruteforce"]["fresh"]["forget_days"]) * 86_400_000,
        ),
        empty=quarter_octaves(int(sweep["empty_bytes"])),
        spread_targets=int(data["spread"]["targets"]),
        spread_window_ms=int(data["spread"]["window_s"]) * 1000,
        quiet_ms=int(data["episode"]["quiet_s"]) * 1000,
        risk=risk_settings(data["risk"]),
        roles=roles_of(data["roles"]),
        newpeer=newpeer_settings(data["newpeer"]),
        transfer=transfer_settings(data["transfer"]),
        techniques={name: str(entry["id"]) for name, entry in data["techniques"].items()},
        texts=data["texts"],
        measures=data.get("measures", {}),  # a site's own catalog may be older
    )


def _fanout(entry: Mapping[str, Any]) -> Fanout:
    return Fanout(int(entry["targets"]), int(entry["window_s"]) * 1000)


def _acting(data: Mapping[str, Any]) -> Acting:
    found = Acting(
        failed=int(data["failed_targets"]),
        failed_lateral=int(data["failed_targets_lateral"]),
        refused=int(data["refused_targets"]),
        refused_window_ms=int(float(data["refused_window_s"]) * 1000),
        failed_reached=int(data["failed_targets_reached"]),
        among=int(data["among"]),
        among_other=int(data["among_other"]),
        others=int(data["others"]),
        shared=int(data["shared_targets"]),
        arp_window_ms=int(data["arp_window_s"]) * 1000,
        icmp_window_ms=int(data["icmp_window_s"]) * 1000,
        failed_outside=int(data["failed_outside_targets"]),
    )
    if not 0 < found.failed <= min(found.among, found.among_other):
        raise ValueError("sweep.act: failed_targets is above 0 and at most among and among_other")
    if min(found.failed_lateral, found.refused, found.failed_reached) <= 0:  # else whoever fails once is acted on
        raise ValueError("sweep.act: failed_targets_lateral, refused_targets and failed_targets_reached are above 0")
    return found


def _watch(data: Mapping[str, Any]) -> WatchSettings:
    engine, watch, sweep, brute = data["engine"], data["watch"], data["sweep"], data["bruteforce"]
    buckets = {name: _bucket(brute["buckets"][name]) for name in BUCKETS}
    return WatchSettings(
        answer_timeout_ms=int(engine["answer_timeout_ms"]),
        memory_ms=int(engine["memory_s"]) * 1000,
        # Never above what a detector asks for, however the catalog is tuned.
        suspicious_silent=min(int(watch["silent"]), _failures(_sequential(data["sequential"]))),
        suspicious_targets=min(int(watch["targets"]), *(int(e["targets"]) for e in sweep["fanout"].values())),
        suspicious_window_ms=int(watch["window_s"]) * 1000,
        sampled_targets=min(int(watch["sampled_targets"]), *(int(b["targets"]) for b in sweep["sampled"])),
        sampled_window_ms=int(watch["sampled_window_s"]) * 1000,
        calm_ms=int(watch["calm_s"]) * 1000,
        router_window_ms=int(engine["router_window_s"]) * 1000,
        **buckets,
        fresh_ms=int(brute["fresh"]["new_s"]) * 1000,
        fresh_gap_ms=int(float(brute["fresh"]["gap_s"]) * 1000),
        fresh_alike=round(float(brute["fresh"]["alike"]) * 10),
        most_size=quarter_octaves(int(brute["most_bytes"])),
        most_sources=int(engine["most_sources"]),
        most_contacts=int(engine["most_pairs"]),
        most_macs=int(engine["most_macs"]),
        most_victims=int(engine["most_victims"]),
        most_acting=int(engine["most_suspicious"]),
        quiet_ms=int(data["episode"]["quiet_s"]) * 1000,
        classes=classes(quiet=brute["quiet_ports"], login=brute["login_ports"], session=brute["session_ports"]),
        web=frozenset(int(port) for port in sweep["outside_ports_ignored"]),
    )


def _bucket(entry: Mapping[str, Any]) -> Bucket:
    full, leak = round(float(entry["full"]) * 1000), round(float(entry["leak_per_minute"]) * 1000 / 60)
    if full <= 0 or leak < 0:
        raise ValueError("bruteforce.buckets: full must be above 0 and leak_per_minute not below it")
    return Bucket(full, leak)


def _sequential(data: Mapping[str, Any]) -> Sequential:
    benign, scanner = float(data["theta_benign"]), float(data["theta_scanner"])
    alpha, beta = float(data["false_positive"]), float(data["detection"])
    if not 0 < scanner < benign < 1 or not 0 < alpha < beta < 1:
        raise ValueError("sequential: 0 < theta_scanner < theta_benign < 1 and 0 < false_positive < detection < 1")
    return Sequential(
        failure=math.log((1 - scanner) / (1 - benign)),
        success=math.log(scanner / benign),
        boundary=math.log(beta / alpha),
        udp_weight=float(data["udp_weight"]),
    )


def _refused(test: Mapping[str, Any], scan: Mapping[str, Any]) -> float:
    scanner, refused = float(test["theta_scanner"]), float(scan["theta_refused"])
    if not 0 < refused < 1 - scanner:
        raise ValueError("portscan.theta_refused: above 0 and below 1 - sequential.theta_scanner")
    return math.log((1 - scanner) / refused)


def _failures(test: Sequential) -> int:
    """Failures in a row that reach the boundary."""
    return math.ceil(test.boundary / test.failure - 1e-9)
