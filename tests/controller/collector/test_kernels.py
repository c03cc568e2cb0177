"""The kernels say what the reference says: on real captures, on hand-made datagrams, and, in test_fuzz, on mutated ones."""

import gc
import weakref
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import Capture, ReferenceDecoder
from controller.collector.datagram import Arrivals, arrivals_of, joined
from controller.collector.kernels import KernelDecoder

from . import datagrams as d
from . import flowsets as f
from . import oracle
from .both import assert_same
from .test_fuzz import SEEDS


@pytest.fixture(scope="module")
def kernels() -> KernelDecoder:
    """One decoder: its scratch memory is used again and again, so that a row left over would show."""
    return KernelDecoder(ReferenceDecoder())


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
    writeable = Arrivals(bulk.data.copy(), bulk.starts, bulk.ends, bulk.exporters.copy(), bulk.ports, bulk.received_ms)
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


def test_a_bad_set_that_is_sent_again_holds_on_to_nothing() -> None:
    """What is remembered of it is what is wrong, not the error that was raised, which would keep the whole batch."""
    decoder, left = KernelDecoder(ReferenceDecoder()), []
    for _ in range(3):
        arrivals = arrivals_of([d.datagram(f.ipfix(f.a_set(77, b"\1\2\3\4")))])
        assert {"unknown-set": 1} == {kind: n for (kind, _), n in decoder.decode(arrivals).trouble.items()}
        left.append(weakref.ref(arrivals.data))
        del arrivals
    gc.collect()
    assert [True] * 3 == [one() is None for one in left]


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 128, 200])
def test_rows_across_blocks(kernels: KernelDecoder, rows: int) -> None:
    """Rows go to the columns block by block: datagrams that end before, at and behind the end of one, of every protocol."""
    sample = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))
    nameless = f.v9_template(257, ((95, 4), (96, 4)))  # nothing that is known: each record is begun and taken back
    silent = f.data(257, *[bytes(8)] * 3)
    mixed = [
        d.datagram(d.sflow(*[sample] * rows)),
        d.datagram(d.netflow5(*[d.row5()] * min(rows, 30))),
        d.datagram(f.v9(f.v9_template(256, f.BASIC), nameless, f.data(256, *[f.basic()] * rows), silent)),
        d.datagram(d.sflow(*[sample] * 3)),
    ]
    assert_same(ReferenceDecoder().decode(mixed * 9), kernels.decode(mixed * 9))


@pytest.mark.parametrize("rows", [1, 5, 70])
def test_frames_in_records_of_one_size(kernels: KernelDecoder, rows: int) -> None:
    """A data link frame section fills the columns of its layers, many records at once too (RFC 7133)."""
    frame = d.frame(0x0806, d.arp())
    template = f.ipfix_template(256, ((1, 4), (315, len(frame))))
    found = [d.datagram(f.ipfix(template, f.data(256, *[bytes(4) + frame] * rows)))]
    want = ReferenceDecoder().decode(found)
    assert (want.batch["arp_op"] == 1).all()
    assert_same(want, kernels.decode(found))
