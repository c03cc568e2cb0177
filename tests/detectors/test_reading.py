"""Who opened what, in rows as exporters send them: scans without a SYN, records without flags, answers that nobody exported."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from controller.runtime.roles import InferredRoles
from detectors.event import Kind, Verb
from detectors.flow import Has, Version
from detectors.initiator import NOTHING, Reading, rank, read

from . import flows as f
from .test_watch import assert_same, both

RECORD = Has.ADDRESSES | Has.PORTS | Has.PROTO | Has.PACKETS | Has.BYTES | Has.SAMPLING


def record(at_ms: int, ends: tuple[int, int], ports: tuple[int, int], flags: int | None, octets: int) -> f.Row:
    """A NetFlow record; flags None: the exporter has none."""
    flagged = Has(0) if flags is None else Has.TCP_FLAGS
    return {
        "has": int(RECORD | flagged), "version": Version.V9, "received_ms": f.START_MS + at_ms, "exporter": f.AGENT,
        "agent": f.AGENT, "src_addr": f.packed(f.ip_of(ends[0])), "dst_addr": f.packed(f.ip_of(ends[1])), "proto": 6,
        "src_port": ports[0], "dst_port": ports[1], "tcp_flags": flags or 0, "packets": 1, "bytes": octets,
        "sampling_rate": 1,
    }  # fmt: skip


def raised(rows: Iterable[f.Row]) -> list[tuple[str, str]]:
    """Who is accused of what."""
    kept = sorted(rows, key=lambda row: row["received_ms"])
    return sorted({(a.endpoint.src_ip, a.detector) for a in f.alerts(kept)})


@pytest.mark.parametrize("flags", [0, 0x01, 0x08, 0x29])
def test_scans_without_a_syn(flags: int) -> None:
    """NULL, FIN, PSH and Xmas: no system sends such a segment, so each is an attempt, and a reset refuses it."""
    rows = [
        row
        for n in range(60)
        for row in (
            f.tcp(10 * n, 1, 2, sport=40_000, dport=n + 1, flags=flags),
            f.tcp(10 * n + 1, 2, 1, sport=n + 1, dport=40_000, flags=f.RST),
        )
    ]
    assert [(f.ip_of(1), "portscan")] == raised(rows)


@pytest.mark.parametrize("flags", [0x10, 0x11, 0x18, 0x19, 0x38])
def test_a_connection_that_goes_on_opens_nothing(flags: int) -> None:
    """From a server to its client it says nothing; from the client, that the server answered."""
    assert NOTHING == read(f.tcp(0, 2, 1, sport=445, dport=50_000, flags=flags))
    assert Reading(Verb.WENT, Kind.TCP, 445, 50_000) == read(f.tcp(0, 1, 2, flags=flags))
    assert NOTHING == read(f.tcp(0, 1, 2, flags=flags, rate=64))


def talks(port: int, flags: Iterable[int]) -> Iterator[f.Row]:
    """Ten clients at eight servers each, whose answers enter at ports that export nothing."""
    for n in range(80):
        client, server = 100 + n % 10, n // 10
        for step, sent in enumerate(flags):
            yield f.tcp(700 * n + 5 * step, client, server, sport=50_000 + n, dport=port, flags=sent)


@pytest.mark.parametrize("port", [443, 445])
def test_answers_that_are_not_exported(port: int) -> None:
    """A client that goes on with what it opened was answered, and nobody is accused. One that only knocks was not."""
    assert [] == f.alerts(sorted(talks(port, (0x02, 0x10, 0x18, 0x18)), key=lambda row: row["received_ms"]))
    knocks = f.alerts(sorted(talks(port, (0x02, 0x02)), key=lambda row: row["received_ms"]))
    assert {f.ip_of(100 + n) for n in range(10)} == {a.endpoint.src_ip for a in knocks}


def test_what_goes_on_opens_nothing_by_itself() -> None:
    """Packets of connections that began before anybody watched: no contact, however many."""
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(list(talks(445, (0x10, 0x18)))))
    assert (0, 0) == (plain.counts.contacts, fast.counts.contacts)


def test_both_watches_say_the_same_of_them() -> None:
    """Answers out of the client's own packets, mixed with those of the server, late ones, and without a MAC."""
    mixed: list[f.Row] = []
    for n, row in enumerate(talks(445, (0x02, 0x10, 0x18))):
        mixed.append({**row, "received_ms": row["received_ms"] + (9000 if n % 7 == 0 else 0)})
        if n % 3 == 0:
            mixed += f.answered(700 * n, 100 + n % 4, 40 + n % 9, sport=51_000 + n)
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(mixed))
    assert plain.counts.delivered > 10


def test_a_port_scan_without_flags() -> None:
    """One segment each way is a refusal; whoever talks sends more."""
    scan = [
        row
        for n in range(60)
        for row in (
            record(10 * n, (1, 2), (40_000, n + 1), None, 44),
            record(10 * n + 1, (2, 1), (n + 1, 40_000), None, 40),
        )
    ]
    assert [(f.ip_of(1), "portscan")] == raised(scan)
    assert Verb.ANSWER == read(record(0, (2, 1), (445, 50_000), None, 400)).verb
    assert Verb.ANSWER == read({**record(0, (2, 1), (445, 50_000), None, 40), "sampling_rate": 64}).verb


def test_an_exporter_without_flags_may_say_zero() -> None:
    """No flag at all in a record is no NULL scan: the ports decide. In the header of a packet it is one."""
    assert Verb.ANSWER == read(record(0, (2, 1), (445, 50_000), 0, 4000)).verb
    assert Verb.OPEN == read(f.tcp(0, 2, 1, sport=445, dport=50_000, flags=0)).verb


@pytest.mark.parametrize("service", [1433, 3306, 3389, 5432, 5985])
@pytest.mark.parametrize("client", [1025, 4999, 20_000, 32_767])
@pytest.mark.parametrize("flags", [None, 0x1B])
def test_services_above_the_system_ports(service: int, client: int, flags: int | None) -> None:
    """Are told from the ports that systems give to clients; a system port is told from both."""
    opened = read(record(0, (1, 2), (client, service), flags, 1500))
    answer = read(record(0, (2, 1), (service, client), flags, 1500))
    assert [(Verb.OPEN, service), (Verb.ANSWER, service)] == [(opened.verb, opened.port), (answer.verb, answer.port)]
    assert rank(445) < rank(service) < rank(client) < rank(50_000)


@pytest.mark.parametrize(
    ("kind", "verb"), [(8, Verb.OPEN), (13, Verb.OPEN), (17, Verb.OPEN), (14, Verb.ANSWER), (3, 0)]
)
def test_icmp(kind: int, verb: int) -> None:
    """Requests of every kind contact; errors do not."""
    assert verb == read(f.ping(0, 1, 2, kind=kind)).verb


def six(at_ms: int, host: int, net: int) -> f.Row:
    """A SYN of an IPv6 host, with the MAC of a router."""
    row = f.tcp(at_ms, 9, 9, in_if=7)
    ends = {"src_addr": f.packed(f"fd00:{net}::{host + 1:x}"), "dst_addr": f.packed(f"fd00:99::{host % 50 + 1:x}")}
    return {**row, **ends, "has": row["has"] | int(Has.ETHERTYPE), "ethertype": 0x86DD}


@pytest.mark.parametrize("net", [lambda n: n % 6, lambda _n: 1], ids=["six networks", "one network"])
def test_ipv6_routers(net: Any) -> None:
    """A MAC that sends for several /64s, or for more addresses than a host has, forwards: nobody is accused at its port."""
    rows = [six(50 * n, n % 40, net(n)) for n in range(400)]
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(rows))
    assert plain.counts.forwarded > 250
    assert {f.mac_of(9)} == InferredRoles([f.batch_of(rows)]).routers


def test_ipv6_hosts_have_several_addresses() -> None:
    """Link-local ones, temporary ones, a network or two: not a router."""
    rows = [six(50 * n, n % 5, n % 2) for n in range(200)]
    rows += [{**row, "src_addr": f.packed(f"fe80::{n + 1:x}")} for n, row in enumerate(rows)]
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(rows))
    assert 0 == plain.counts.forwarded
    assert frozenset() == InferredRoles([f.batch_of(rows)]).routers
