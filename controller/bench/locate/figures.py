"""The figures of `cordon bench locate`."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from controller.bench.figure import figure
from controller.core.clock import SystemClock
from controller.core.sites import SnmpAccess, SwitchEntry
from controller.core.snmp.ber import Oid
from controller.core.snmp.pdu import Value
from controller.switches.mib import objects as o
from controller.switches.session import SnmpSession
from controller.switches.snmp import SnmpDriver
from controller.switches.wire.quick import load
from controller.switches.wire.transport import UdpPath
from playbooks.facts import Verdict

from .crowd import crowd
from .netsnmp import BulkWalk

VERSIONS = ("v2c", "v3")
Say = Callable[[str], None]
FINDS = 50
WARM = 10  # one of so many switches is read before anything is measured
LARGE = 3  # switches that snmpbulkwalk reads too, so large that its start-up is little beside its walk


def measure(switches: int, macs: int, large: int, rounds: int, say: Say) -> Iterator[dict[str, Any]]:
    """CPU seconds of what the walks decode, of the walks whole, and with everything located from them; the ratio to
    snmpbulkwalk (switches of `large` MACs); one MAC's time."""
    words = {name: secrets.token_hex(10) for name in ("community", "auth", "priv")} | {"user": "bench"}
    names = {"community": "CORDON_BENCH_COMMUNITY", "auth": "CORDON_BENCH_AUTH", "priv": "CORDON_BENCH_PRIV"}
    os.environ.update({names[word]: words[word] for word in names})
    load()  # as a service has it that has read its site once
    say(f"{switches} agents with {macs} MACs each ...")
    with crowd([macs] * switches + [large] * LARGE, words) as every:
        ports = every[:switches]
        for version in VERSIONS:
            yield from _located(version, [_entry(version, port, names) for port in ports], macs, rounds, say)
        for version in VERSIONS:
            peer = BulkWalk(version, words)
            chosen = [_entry(version, port, names) for port in every[switches:]]
            yield _ratio(version, chosen, peer, rounds, say)
        yield _find_one([_entry("v2c", port, names) for port in ports[:FINDS]], say)
        yield _find_busy(_entry("v3", every[-1], names), say)


def _entry(version: str, port: int, names: dict[str, str]) -> SwitchEntry:
    fast: dict[str, Any] = {"port": port, "walk_rate": 1e6}  # CPU is measured, and waiting costs none
    access = SnmpAccess(version="2c", community=f"env:{names['community']}", **fast)
    if version == "v3":
        auth, priv = f"env:{names['auth']}", f"env:{names['priv']}"
        access = SnmpAccess(version="3", user="bench", auth_key=auth, priv_key=priv, **fast)
    return SwitchEntry(name=f"access-{port}", site="bench", address="127.0.0.1", snmp=access)


class _TimedPath(UdpPath):
    """The CPU time that sending and receiving take: it is the system's, and no decoder changes it."""

    cpu_s = 0.0

    def send(self, datagram: bytes) -> None:
        """As ever."""
        begun = time.thread_time()
        super().send(datagram)
        self.cpu_s += time.thread_time() - begun

    def receive(self, left_s: float) -> bytes | None:
        """As ever."""
        begun = time.thread_time()
        found = super().receive(left_s)
        self.cpu_s += time.thread_time() - begun
        return found


class _Timed(SnmpSession):
    """Its own CPU time: from a question to the columns that were read, and not what is made of them."""

    cpu_s = 0.0

    def __init__(self, name: str, address: str, access: SnmpAccess) -> None:
        super().__init__(name, address, access)
        self._path = self.path = _TimedPath(name, address, access.port)

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Every root's (instance -> value)."""
        begun = time.thread_time()
        found = super().columns(roots, context)
        self.cpu_s += time.thread_time() - begun
        return found


def _session(entry: SwitchEntry) -> _Timed:
    if entry.snmp is None:
        raise ValueError("no SNMP")
    return _Timed(entry.name, entry.address, entry.snmp)


def _driver(entry: SwitchEntry) -> SnmpDriver:
    return SnmpDriver(entry, _session(entry), SystemClock())


def _located(
    version: str, entries: Sequence[SwitchEntry], macs: int, rounds: int, say: Say
) -> Iterator[dict[str, Any]]:
    decoding, walks, everything = [], [], []
    _read(entries[: len(entries) // WARM])  # in service, it is not the first site that is read
    for number in range(rounds):
        say(f"{version}: round {number + 1} of {rounds}")
        begun = time.thread_time()
        rows, walked_s, sent_s = _read(entries)
        everything.append(time.thread_time() - begun)
        decoding.append(walked_s - sent_s)
        walks.append(walked_s)
        if rows != 2 * macs * len(entries):
            raise RuntimeError(f"{rows} rows were located, {2 * macs * len(entries)} are there")
    more = {"switches": len(entries), "rows": 2 * macs * len(entries)}
    yield figure(f"locate.{version}.cpu_s", decoding, "s", **more)
    yield figure(f"locate.{version}.walk_cpu_s", walks, "s", **more)
    yield figure(f"locate.{version}.located_cpu_s", everything, "s", **more)


def _read(entries: Sequence[SwitchEntry]) -> tuple[int, float, float]:
    """(rows located, CPU seconds of the walks, those of them that sending and receiving took)."""
    rows, walked_s, sent_s = 0, 0.0, 0.0
    for entry in entries:
        session = _session(entry)
        driver = SnmpDriver(entry, session, SystemClock())
        rows += sum(row.verdict is Verdict.PORT and bool(row.port) for row in driver.fdb())
        rows += len(driver.arp())
        driver.close()
        walked_s += session.cpu_s
        sent_s += session.path.cpu_s
    return rows, walked_s, sent_s


def _ratio(version: str, entries: Sequence[SwitchEntry], peer: BulkWalk, rounds: int, say: Say) -> dict[str, Any]:
    name = "locate.ratio_snmpbulkwalk" if version == "v2c" else f"locate.{version}.ratio_snmpbulkwalk"
    if not peer.there:
        return figure(name, [], "x")
    ports = [entry.snmp.port for entry in entries if entry.snmp]
    runs, ours_s, theirs_s = [], 0.0, 0.0
    objects = sum(len(rows) for rows in _walk(entries[0]).values())
    if objects != peer.rows(ports[0]):
        raise RuntimeError(f"Cordon reads {objects} objects, snmpbulkwalk {peer.rows(ports[0])}")
    for number in range(rounds):
        say(f"{version} beside snmpbulkwalk: round {number + 1} of {rounds}")
        begun = time.thread_time()
        for entry in entries:
            _walk(entry)
        ours_s = time.thread_time() - begun
        theirs_s = peer.cpu_s(ports)
        runs.append(theirs_s / ours_s)
    return figure(name, runs, "x", ours_s=round(ours_s, 3), theirs_s=round(theirs_s, 3), objects=objects * len(entries))


def _walk(entry: SwitchEntry) -> dict[Any, Any]:
    session = _session(entry)
    found = session.columns([o.Q_FDB_PORT, o.Q_FDB_STATUS, o.ARP_MAC])
    session.close()
    return found


def _find_busy(entry: SwitchEntry, say: Say) -> dict[str, Any]:
    """One MAC while another thread walks the tables of the same large switch, as fast as it answers."""
    say("one MAC during a walk")
    driver, ended = _driver(entry), threading.Event()
    wanted = driver.fdb()[0].mac

    def walk() -> None:
        while not ended.is_set():
            driver.fdb()

    walking = threading.Thread(target=walk)
    walking.start()
    runs = []
    try:
        for _ in range(FINDS):
            begun = time.perf_counter()
            rows = driver.find(wanted)
            runs.append((time.perf_counter() - begun) * 1000)
            if rows is None or [row.mac for row in rows] != [wanted]:
                raise RuntimeError(f"{wanted} was not found")
    finally:
        ended.set()
        walking.join()
        driver.close()
    return figure("locate.find_busy_ms", runs, "ms", longest=round(max(runs), 2))


def _find_one(entries: Sequence[SwitchEntry], say: Say) -> dict[str, Any]:
    say("one MAC")
    runs = []
    for entry in entries:
        driver = _driver(entry)
        wanted = driver.fdb()[0].mac  # the session is warm, as in service
        begun = time.perf_counter()
        rows = driver.find(wanted)
        runs.append((time.perf_counter() - begun) * 1000)
        if rows is None or [row.mac for row in rows] != [wanted]:
            raise RuntimeError(f"{wanted} was not found")
        driver.close()
    return figure("locate.find_one_ms", runs, "ms", longest=round(max(runs), 2))
