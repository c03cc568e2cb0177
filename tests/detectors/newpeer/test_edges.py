"""Edges: only what was answered, by whoever began it; compiled and plain agree; what was learned goes out and comes in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from controller.runtime.catalog import load_catalog
from controller.runtime.replay import batches_of, captures_of
from detectors.address import INTERNAL, Networks, packed
from detectors.flow import Has, Version, concatenate
from detectors.newpeer.edges import Edges, columns, of_mapping
from detectors.newpeer.fast import FastEdges
from detectors.newpeer.plain import PlainEdges
from detectors.newpeer.settings import DYNAMIC, EdgeSettings
from tests.detectors import flows as f

DAY = 86_400_000
SETTINGS = load_catalog().newpeer.edges


@pytest.fixture(params=[PlainEdges, FastEdges])
def table(request: pytest.FixtureRequest) -> Edges:
    """Each of the two."""
    made: Edges = request.param(SETTINGS, Networks(INTERNAL))
    return made


def found(table: Edges, *rows: f.Row) -> list[tuple[bytes, bytes, int]]:
    """New edges of rows, in their order."""
    return [(edge.src, edge.dst, edge.port) for edge in table.take(f.batch_of(list(rows)))]


def edge(src: int, dst: int, port: int) -> tuple[bytes, bytes, int]:
    """An edge of hosts by number."""
    return packed(f.ip_of(src)), packed(f.ip_of(dst)), port


def test_an_answer_makes_an_edge(table: Edges) -> None:
    """Once; the next connection is no news."""
    assert [edge(1, 2, 445)] == found(table, *f.answered(0, 1, 2))
    assert [] == found(table, *f.answered(5_000, 1, 2, sport=50_001))


def test_silence_and_refusal_make_none(table: Edges) -> None:
    """A SYN alone, and one that was reset."""
    assert [] == found(table, f.tcp(0, 1, 2), *f.refused(10, 1, 3))


def test_other_services_are_not_administration(table: Edges) -> None:
    """Web, Kerberos and LDAP to a domain controller."""
    rows = [row for port in (80, 443, 88, 389, 636, 3268) for row in f.answered(port, 1, 2, dport=port)]
    assert [] == found(table, *rows)


def test_the_middle_of_a_connection_accuses_the_client(table: Edges) -> None:
    """Whichever direction is seen first: only the listed side's packets count, and their destination is the client."""
    ack = {"flags": 0x18}
    assert [] == found(table, f.tcp(0, 2, 1, sport=50_000, dport=3389, **ack))
    assert [edge(2, 1, 3389)] == found(table, f.tcp(1, 1, 2, sport=3389, dport=50_000, **ack))


def test_a_clients_port_that_happens_to_be_listed(table: Edges) -> None:
    """3389 talking to a web server was given out by an old Windows: nobody administers anybody."""
    assert [] == found(table, f.tcp(0, 1, 2, sport=3389, dport=80, flags=0x18))


def test_dynamic_ports_follow_the_rpc_mapper(table: Edges) -> None:
    """Above 49151 only after the same pair met at 135, and as one service; later than 15 minutes no more."""
    assert [] == found(table, *f.answered(0, 1, 2, dport=49_668))
    assert [edge(1, 2, 135)] == found(table, *f.answered(100, 1, 2, dport=135))
    assert [edge(1, 2, DYNAMIC)] == found(table, *f.answered(200, 1, 2, dport=49_668))
    assert [] == found(table, *f.answered(300, 1, 2, dport=49_670), *f.answered(400, 3, 2, dport=49_668))
    assert [edge(4, 2, 135)] == found(table, *f.answered(500, 4, 2, dport=135))
    assert [] == found(table, *f.answered(1_000_000, 4, 2, dport=49_668))


def test_a_record_of_both_ends(table: Edges) -> None:
    """Flags of a whole connection (NetFlow): the client's record and the server's say the same."""
    record = {"version": Version.V9, "flags": 0x1B}
    assert [edge(1, 2, 22)] == found(table, f.tcp(0, 1, 2, dport=22, **record))
    assert [edge(3, 2, 22)] == found(table, f.tcp(0, 2, 3, sport=22, dport=50_000, **record))


def test_outside_is_nobody_elses_business(table: Edges) -> None:
    """SSH to the internet is north-south."""
    rows = f.answered(0, 1, 2, dport=22)
    rows[1]["src_addr"] = packed("203.0.113.9")
    assert [] == found(table, *rows)


def test_what_is_long_unused_is_new_again(table: Edges) -> None:
    """After forget_days, not before."""
    assert 1 == len(found(table, *f.answered(0, 1, 2)))
    assert [] == found(table, *f.answered(44 * DAY, 1, 2))
    assert [edge(1, 2, 445)] == found(table, *f.answered(90 * DAY, 1, 2))


def test_the_first_use_is_told_again_when_it_is_read_again(table: Edges) -> None:
    """A worker that rereads flows after a restart has to raise what it raised; a later use says nothing."""
    first = f.answered(1_000, 1, 2)
    assert 1 == len(found(table, *first))
    assert [] == found(table, *f.answered(2_000, 1, 2, sport=50_002))
    assert 1 == len(found(table, *first))


def test_what_was_learned_goes_out_and_comes_in(table: Edges) -> None:
    """As columns that can be written; the second table knows all edges of the first."""
    rows = [row for host in range(2, 40) for row in f.answered(host, 1, host, dport=(22, 445, 3389)[host % 3])]
    found(table, *rows)
    state = {name: column.copy() for name, column in columns(table.state()).items()}
    for made in (PlainEdges(SETTINGS, Networks(INTERNAL)), FastEdges(SETTINGS, Networks(INTERNAL))):
        made.learn(of_mapping(state))
        assert [] == found(made, *(row | {"received_ms": row["received_ms"] + 60_000} for row in rows))
        assert set(map(tuple, table.state()["dst"].tolist())) == set(map(tuple, made.state()["dst"].tolist()))


@pytest.mark.parametrize("made", [PlainEdges, FastEdges])
def test_full_tables_evict_and_count(made: Any) -> None:
    """Memory stays as it is; the oldest go, and are counted."""
    small = EdgeSettings(frozenset({445}), 900_000, 45 * DAY, 32)
    table = made(small, Networks(INTERNAL))
    found(table, *(row for host in range(2, 300) for row in f.answered(host * 10, 1, host)))
    assert len(table.state()) <= 32
    assert table.counts.evicted >= 298 - 32


@pytest.mark.parametrize("name", ["benign_nms_poller", "attack_nmap_syn_sweep", "attack_l3_sweep_via_gateway"])
def test_compiled_as_plain_on_recordings(sample_flows: Path, name: str) -> None:
    """The same edges in the same order, from captures of the lab."""
    assert_same(concatenate(batches_of(sample_flows / f"{name}.pcap")))


@pytest.mark.parametrize("name", ["lm_snippets", "apt29_day1", "dapt2020_private"])
def test_compiled_as_plain_on_labelled_flows(data_dir: Path, name: str) -> None:
    """The same from tables, whatever their state words."""
    for batches in captures_of(data_dir / "detect" / f"{name}.csv.gz"):
        assert_same(concatenate(batches))


def test_compiled_as_plain_on_dice() -> None:
    """Flags, ports and versions at random, few hosts."""
    rng = np.random.default_rng(7)
    ports = np.array([22, 80, 104, 135, 445, 3389, 5985, 49_152, 49_670, 50_000, 61_000, 1030])
    rows = []
    for number in range(6_000):
        src, dst = rng.integers(1, 7, 2)
        sport, dport = rng.choice(ports, 2)
        version = (Version.SFLOW5, Version.V9, Version.V5, Version.IPFIX)[rng.integers(4)]
        flags = int(rng.choice([0x02, 0x12, 0x10, 0x18, 0x14, 0x04, 0x1B, 0x13]))
        made = f.tcp(int(number * 400 - rng.integers(0, 900)), int(src), int(dst), sport=int(sport), dport=int(dport),
                     flags=flags, version=version, rate=(1, 64, None)[rng.integers(3)])  # fmt: skip
        if version == Version.IPFIX and rng.random() < 0.5:
            made["has"] |= int(Has.REVERSE)
            made["reverse_packets"] = int(rng.integers(0, 2))
        if rng.random() < 0.1:
            made["has"] &= ~int(Has.TCP_FLAGS)
        rows.append(made)
    assert_same(f.batch_of(rows))


def assert_same(batch: Any) -> None:
    """Both tables hand over the same edges, and count the same."""
    plain, fast = PlainEdges(SETTINGS, Networks(INTERNAL)), FastEdges(SETTINGS, Networks(INTERNAL))
    assert list(plain.take(batch)) == list(fast.take(batch))
    assert (plain.counts.seen, plain.counts.new) == (fast.counts.seen, fast.counts.new)
