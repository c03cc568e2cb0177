"""The kernels say what the reference says: on real captures, on hand-made datagrams, and on mutated ones (marker fuzz)."""

import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import Capture, ReferenceDecoder
from controller.collector.datagram import Arrivals, Datagram, Decoded, arrivals_of, joined
from controller.collector.kernels import KernelDecoder

from . import datagrams as d
from . import flowsets as f
from . import oracle
from .test_fuzz import SEEDS, mutated

MUTATIONS = int(os.environ.get("CORDON_FUZZ", "100000"))
BATCH = 500


@pytest.fixture(scope="module")
def kernels() -> KernelDecoder:
    """One decoder: its scratch memory is used again and again, so that a row left over would show."""
    return KernelDecoder(ReferenceDecoder())


def assert_same(want: Decoded, got: Decoded) -> None:
    """Every column, the datagram of each row, the trouble and the notices."""
    assert want.dgram.tolist() == got.dgram.tolist()
    for name, column in want.batch.columns.items():
        np.testing.assert_array_equal(column, got.batch[name], err_msg=name)
        assert column.dtype == got.batch[name].dtype, name
    assert want.trouble == got.trouble
    assert told(want) == told(got)
    assert silent(want) == silent(got)


def silent(decoded: Decoded) -> list[int]:
    """Records of each datagram that gave no row; nothing where there are none."""
    return [] if decoded.silent is None else decoded.silent.tolist()


def told(decoded: Decoded) -> Counter[tuple[str, int, bytes]]:
    """Notices as a multiset."""
    return Counter((n.kind, n.dgram, n.agent) for n in decoded.notices)


def test_real_captures(data_dir: Path, kernels: KernelDecoder) -> None:
    """Every open capture of every protocol, mixed ones included."""
    names = list(oracle.captures(data_dir / "flows", {"nf9", "ipfix", "nf5", "sflow5", "nf1", "other"}))
    assert len(names) > 100
    for name in names:
        found = oracle.datagrams(data_dir / "flows", name)
        assert_same(ReferenceDecoder().decode(found), KernelDecoder(ReferenceDecoder()).decode(found))


@pytest.mark.parametrize("name", ["attack_nmap_connect445", "benign_office", "attack_l3_sweep_via_gateway"])
def test_the_projects_recordings(sample_flows: Path, kernels: KernelDecoder, name: str) -> None:
    """Thousands of real samples in one batch."""
    found = list(Capture(sample_flows / f"{name}.pcap"))
    want = ReferenceDecoder().decode(found)
    assert len(want.batch) > 300
    assert_same(want, kernels.decode(found))


def test_nothing(kernels: KernelDecoder) -> None:
    """No datagrams, empty ones, and ones that no kernel is for."""
    assert 0 == len(kernels.decode([]).batch)
    empty = [d.datagram(b""), d.datagram(b"\0"), d.datagram(b"GET /")]
    assert_same(ReferenceDecoder().decode(empty), kernels.decode(empty))


def test_nothing_is_compiled_later(kernels: KernelDecoder) -> None:
    """Single datagrams, bulks off a socket, empty batches: one compiled form serves them all."""
    before = kernels.compiled()
    single = [d.datagram(SEEDS["sflow"]), d.datagram(SEEDS["netflow5"])]
    bulk = arrivals_of(single)
    writeable = Arrivals(bulk.data.copy(), bulk.ends, bulk.exporters.copy(), bulk.ports, bulk.received_ms)
    for batch in (single, bulk, writeable, [], joined([writeable, bulk])):
        kernels.decode(batch)
    assert 1 == before == kernels.compiled()


def test_order_of_a_mixed_batch(kernels: KernelDecoder) -> None:
    """v9, sFlow, garbage and v5 in one batch: rows stand in the order of their datagrams."""
    v9 = f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic()))
    mixed = [d.datagram(p) for p in (v9, SEEDS["sflow"], b"junk", SEEDS["netflow5"], v9)]
    assert_same(ReferenceDecoder().decode(mixed), KernelDecoder(ReferenceDecoder()).decode(mixed))


@settings(max_examples=1000, deadline=None)
@given(payloads=st.lists(st.binary(max_size=120), max_size=5), head=st.sampled_from([b"", b"\0\0\0\5", b"\0\5"]))
def test_any_octets(kernels: KernelDecoder, payloads: list[bytes], head: bytes) -> None:
    """Whatever follows the version."""
    found = [d.datagram(head + payload) for payload in payloads]
    assert_same(ReferenceDecoder().decode(found), kernels.decode(found))


@pytest.mark.fuzz
@pytest.mark.parametrize("protocol", ["sflow", "netflow5"])
def test_mutated(kernels: KernelDecoder, sample_flows: Path, protocol: str) -> None:
    """CORDON_FUZZ mutations (default 10^5), in batches, so that one datagram's damage would show in another's rows."""
    seeds = [SEEDS[protocol]]
    if protocol == "sflow":
        capture = Capture(sample_flows / "attack_nmap_connect445.pcap")
        seeds += [x.payload for x in capture if x.payload[:4] == b"\0\0\0\x05"][:200]
    chance = random.Random(11)
    for _ in range(MUTATIONS // BATCH):
        found = [Datagram(mutated(chance, chance.choice(seeds)), bytes(15) + b"\1", 1, n) for n in range(BATCH)]
        assert_same(ReferenceDecoder().decode(found), kernels.decode(found))
