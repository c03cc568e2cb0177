"""The watch: the compiled one gives the events of the plain one, whatever the rows and however they are cut."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from controller.runtime.catalog import load_catalog
from controller.runtime.replay import batches_of
from controller.runtime.roles import InferredRoles
from detectors.address import INTERNAL, Networks
from detectors.event import Verb
from detectors.fastwatch import FastWatch, warm
from detectors.flow import FlowBatch, Has, Version, concatenate
from detectors.initiator import quarter_octaves
from detectors.kernels.reading import quarter_octaves as compiled_octaves
from detectors.kernels.watching import watch as entry
from detectors.plainwatch import PlainWatch
from detectors.watch import NEVER, Watch

from . import flows as f


def both(
    roles: Any = lambda _agent, port: "uplink" if port == 2 else "edge", routers: frozenset[int] = frozenset()
) -> Any:
    """A plain and a compiled watch, told the same."""
    told = (load_catalog().watch, Networks(INTERNAL), roles, routers)
    return PlainWatch(*told), FastWatch(*told)


def assert_same(plain: Watch, fast: Watch, batch: FlowBatch) -> None:
    """The same events, field by field, and the same counters."""
    expected, found = list(plain.take(batch)), list(fast.take(batch))
    assert [events.tolist() for events in expected] == [events.tolist() for events in found]
    assert plain.counts == fast.counts
    assert plain.now_ms == fast.now_ms


PORTS = st.sampled_from([22, 53, 80, 123, 445, 902, 1433, 2000, 3389, 8080, 40_000, 50_000, 50_001, 50_002])
FLAGS = st.sampled_from([0, 0x01, 0x29, 0x02, 0x04, 0x06, 0x10, 0x12, 0x14, 0x18, 0x1B, 0x1F, 0xC2])
OPTIONAL = [
    Has.IN_IF,
    Has.SRC_MAC,
    Has.DST_MAC,
    Has.SAMPLING,
    Has.REVERSE,
    Has.TCP_FLAGS,
    Has.BYTES,
    Has.SECTION,
    Has.PORT_PROVEN,
]


def address(host: int) -> bytes:
    """Of a host: mostly inside, some IPv6, a group, an address outside."""
    odd = {26: "224.0.0.26", 27: "fd00::27", 28: "fd00::28", 29: "8.8.29.8", 30: "8.8.30.8"}
    return f.packed(odd.get(host, f.ip_of(host)))


@st.composite
def rows(draw: st.DrawFn) -> f.Row:
    """A row of a small network: few hosts and ports, so that much is said twice; every field may be missing."""
    has = Has.ADDRESSES | Has.PROTO
    for bit in draw(st.lists(st.sampled_from(OPTIONAL), max_size=12)):
        has |= bit
    proto = draw(st.sampled_from([1, 6, 6, 6, 17, 17, 58]))
    has |= {1: Has.ICMP, 58: Has.ICMP}.get(proto, Has.PORTS)
    if draw(st.integers(0, 9)) == 0:
        has = (has | Has.ARP) & ~Has.ADDRESSES
    src, dst = draw(st.integers(0, 9)), draw(st.integers(0, 30))
    return {
        "has": int(has),
        "version": draw(st.sampled_from([Version.SFLOW5, Version.SFLOW5, Version.TABLE, Version.V9])),
        "received_ms": f.START_MS + draw(st.integers(0, 4000)) + draw(st.sampled_from([0, 0, 0, 30_000, 1_000_000])),
        "agent": f.packed(f"172.30.0.{draw(st.integers(1, 2))}"),
        "in_if": draw(st.integers(0, 3)),
        "in_if_format": draw(st.sampled_from([0, 0, 0, 1])),
        "src_addr": address(src),
        "dst_addr": address(dst),
        "src_port": draw(PORTS),
        "dst_port": draw(PORTS),
        "proto": proto,
        "tcp_flags": draw(FLAGS),
        "icmp_type": draw(st.sampled_from([0, 3, 8, 13, 14, 128, 129, 135])),
        "bytes": draw(st.sampled_from([0, 1, 60, 2000, 2100, 70_000, 2**40])),
        "reverse_packets": draw(st.integers(0, 1)),
        "reverse_bytes": draw(st.sampled_from([0, 2000])),
        "sampling_rate": draw(st.sampled_from([0, 1, 1, 1, 64])),
        "src_mac": draw(st.sampled_from([0, src + 1, src + 1, 77])),
        "dst_mac": draw(st.sampled_from([0, dst + 1, 0xFFFFFFFFFFFF])),
        "arp_op": draw(st.integers(0, 2)),
    }


@settings(max_examples=150, deadline=None)
@given(kept=st.lists(rows(), max_size=80), cut=st.integers(0, 80))
def test_any_rows(kept: list[f.Row], cut: int) -> None:
    """Rows of every kind, valid or not, in two batches: the same events."""
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(kept[:cut]))
    assert_same(plain, fast, f.batch_of(kept[cut:]))
    assert plain.suspect(f.packed(f.ip_of(3))).tolist() == fast.suspect(f.packed(f.ip_of(3))).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_busy_pairs(seed: int) -> None:
    """Thousands of rows of few hosts: buckets fill and leak, sources become suspicious, MACs change."""
    dice, made = random.Random(seed), []
    for n in range(3000):
        src, dst, port = dice.randrange(6), 6 + dice.randrange(12), dice.choice([22, 445, 902, 443])
        more = {
            "version": dice.choice([Version.SFLOW5, Version.TABLE, Version.IPFIX]),
            "bytes": dice.choice([900, 950, 20_000]),
        }
        more["src_mac"] = dice.choice([f.mac_of(src)] * 20 + [f.mac_of(99)])
        rate = dice.choice([1, 1, 1, 16])
        one = f.tcp(
            n * dice.choice([5, 50]), src, dst, dport=port, sport=dice.randrange(40_000, 40_200), rate=rate, **more
        )
        made += [one, f.tcp(n * 50, dst, src, sport=port, dport=one["src_port"], flags=dice.choice([0x12, 0x12, 0x14]))]
    plain, fast = both()
    assert_same(plain, fast, f.batch_of(made))
    assert plain.counts.delivered > 100


@pytest.mark.parametrize("which", [0, 1])
def test_answers_in_time_are_told_with_the_next_event(which: int) -> None:
    """Two answers wait for the contact after them, unless something waits for their time; a refusal waits for nothing."""
    for wake_ms, grouped in ((NEVER, ["answer answer open", "refuse"]), (0, ["answer", "answer", "open", "refuse"])):
        watch = both()[which]
        list(watch.take(f.batch_of([f.tcp(n, 1, 10 + n) for n in range(3)])))
        watch.suspect(address(1))
        watch.wake(wake_ms)
        came = [(10, f.SYN_ACK), (11, f.SYN_ACK)]
        made = [f.tcp(50 + host, host, 1, sport=445, dport=40_000, flags=flags) for host, flags in came]
        made += [f.tcp(70, 1, 20), f.tcp(80, 12, 1, sport=445, dport=40_000, flags=f.RST)]
        told = [" ".join(Verb(e).name.lower() for e in events["verb"]) for events in watch.take(f.batch_of(made))]
        assert grouped == told


@pytest.mark.parametrize("name", ["attack_nmap_connect445", "attack_nmap_syn_sweep", "attack_l3_sweep_via_gateway"])
def test_recordings_of_the_project(sample_flows: Path, name: str) -> None:
    """Real rows, roles and routers inferred."""
    same_events(sample_flows / f"{name}.pcap")


def test_every_recording(data_dir: Path) -> None:
    """All recordings of others that are here."""
    found = [*sorted((data_dir / "lab").glob("*.pcap")), *sorted((data_dir / "detect").glob("*.csv.gz"))]
    assert found
    for path in found:
        same_events(path)


def same_events(path: Path) -> None:
    """Both watches over one recording."""
    roles = InferredRoles(batches_of(path))
    plain, fast = both(roles, roles.routers)
    assert_same(plain, fast, concatenate(batches_of(path)))


@given(st.integers(0, 2**63))
@example(3)
def test_sizes(number: int) -> None:
    """Quarter octaves, compiled and plain; below 4 there are no quarters."""
    assert quarter_octaves(number) == compiled_octaves.py_func(f.np.uint64(number))
    assert number < 4 or abs(4 * math.log2(number) + 0.6 - min(quarter_octaves(number), 255)) < 1


def test_nothing_is_compiled_at_the_first_flow(sample_flows: Path) -> None:
    """What `warm` makes is what real rows run on: no second form of the entry is made for them."""
    warm()
    _, fast = both()
    for batch in batches_of(sample_flows / "attack_nmap_connect445.pcap"):
        list(fast.take(batch))
    assert 1 == len(entry.signatures)
