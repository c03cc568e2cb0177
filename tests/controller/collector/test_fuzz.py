"""Mutated datagrams: nothing raises, nothing hangs, memory stays (marker fuzz)."""

import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import Capture, ReferenceDecoder
from controller.collector.datagram import Datagram
from controller.collector.flowset import TemplateStore
from controller.collector.flowset.store import Limits
from controller.collector.kernels import KernelDecoder
from controller.collector.records import records

from . import datagrams as d
from . import flowsets as f
from . import oracle
from .both import assert_same

MUTATIONS = int(os.environ.get("CORDON_FUZZ", "100000"))
BATCH = 200
HEADS = {"sflow": b"\0\0\0\5", "netflow5": b"\0\5", "netflow9": b"\0\x09", "ipfix": b"\0\x0a"}
# Bounds that are reached within the test: what is learned of mutated templates must not grow beyond them.
SMALL = Limits(templates=1000, sessions=500, waiting_octets=1 << 20, waiting_octets_each=1 << 14)
SEEDS = {
    "sflow": d.sflow(
        d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()), tags=(10,)))),
        d.expanded_sample(d.raw_header(d.frame(0x86DD, d.ipv6(d.tcp())))),
        d.flow_sample(d.raw_header(d.frame(0x0806, d.arp()))),
    ),
    "netflow5": d.netflow5(d.row5(), d.row5(), d.row5()),
    "netflow9": f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic(), f.basic())),
    "ipfix": f.ipfix(f.ipfix_template(256, (*f.BASIC, (82, 0xFFFF))), f.data(256, f.basic() + b"\x03eth")),
}


@settings(max_examples=1000, deadline=None)
@given(payload=st.binary(max_size=200))
def test_any_octets(payload: bytes) -> None:
    """Whatever comes over UDP is decoded or counted."""
    decoded = ReferenceDecoder().decode([d.datagram(payload)])
    assert len(decoded.batch) + len(decoded.notices) == len(list(records(decoded)))


@pytest.mark.parametrize("protocol", SEEDS)
def test_cut_at_every_length(protocol: str) -> None:
    """Never more rows than the whole one has; where the message says how long it is, every cut is counted."""
    whole = SEEDS[protocol]
    most = len(ReferenceDecoder().decode([d.datagram(whole)]).batch)
    for size in range(len(whole)):
        decoded = ReferenceDecoder().decode([d.datagram(whole[:size])])
        assert len(decoded.batch) <= most
        assert sum(decoded.trouble.values()) >= 1 or protocol == "netflow9"  # its count is often wrong: not believed


@pytest.mark.fuzz
@pytest.mark.parametrize("protocol", SEEDS)
def test_mutated(protocol: str, sample_flows: Path) -> None:
    """CORDON_FUZZ mutations (default 10^5) of real and hand-made datagrams, by the reference and by the kernels: nothing raises,
    nothing hangs, both say the same, templates and what waits for them included, and the memory stays."""
    seeds, chance = [SEEDS[protocol], *real(protocol, sample_flows)], random.Random(7)
    reference, kernels = ReferenceDecoder(TemplateStore(SMALL)), KernelDecoder(ReferenceDecoder(TemplateStore(SMALL)))
    begun, settled = time.process_time(), 0
    for batch in range(MUTATIONS // BATCH):
        found = [one(chance, chance.choice(seeds), batch * BATCH + n) for n in range(BATCH)]
        assert_same(reference.decode(found), kernels.decode(found))
        if batch == MUTATIONS // BATCH // 2:
            settled = _rss()
    assert _rss() - settled < 32 * 1024  # KiB, in the second half
    assert (time.process_time() - begun) / MUTATIONS < 0.01  # a hang would show


@pytest.mark.fuzz
def test_guided_by_coverage() -> None:
    """A fuzzer that looks for new paths through the reference finds nothing that raises, or that the kernels say otherwise."""
    pytest.importorskip("atheris")
    runs = str(MUTATIONS // 5)
    command = [sys.executable, "-m", "tests.controller.collector.guided", f"-runs={runs}", "-seed=1", "-max_len=600"]
    done = subprocess.run([*command, "-rss_limit_mb=2048", "-timeout=20"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"Done {runs} runs" in done.stderr


def one(chance: random.Random, payload: bytes, at_ms: int) -> Datagram:
    """One of a few exporters, from one of two ports, damaged in four of five cases."""
    damaged = mutated(chance, payload) if chance.random() < 0.8 else payload
    return Datagram(damaged, bytes(15) + bytes([chance.randrange(3)]), 4000 + chance.randrange(2), at_ms)


def real(protocol: str, sample_flows: Path) -> list[bytes]:
    """Datagrams of the protocol that were sent by somebody: the project's recordings, and every open capture where they are."""
    found = [x.payload for x in Capture(sample_flows / "attack_nmap_connect445.pcap")]
    flows = Path(os.environ.get("CORDON_DATA", sample_flows.parents[1] / "shared" / "data")) / "flows"
    if flows.is_dir():
        for name in oracle.captures(flows, {"nf9", "ipfix", "nf5", "sflow5", "other"}):
            found += [x.payload for x in oracle.datagrams(flows, name)[:60]]
    return [payload for payload in found if payload[: len(HEADS[protocol])] == HEADS[protocol]][:1500]


def mutated(chance: random.Random, payload: bytes) -> bytes:
    """One to four changes of the kinds that real damage and real malice make."""
    data = bytearray(payload)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data)) if data else 0
        kind = chance.randrange(5)
        if kind == 0 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\x00\x01"))
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            data[at:at] = data[at : at + chance.randint(1, 60)]
        else:
            del data[at : at + chance.randint(1, 60)]
    return bytes(data)


def _rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
