"""Mutated datagrams: nothing raises, nothing hangs, memory stays (marker fuzz)."""

import os
import random
import resource
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import Capture, ReferenceDecoder
from controller.collector.records import records

from . import datagrams as d
from . import flowsets as f

MUTATIONS = int(os.environ.get("CORDON_FUZZ", "100000"))
BATCH = 200
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
    """CORDON_FUZZ mutations (default 10^5) of real and hand-made datagrams: flips, cuts, doubled and swapped parts."""
    seeds = [SEEDS[protocol]]
    if protocol == "sflow":
        capture = Capture(sample_flows / "attack_nmap_connect445.pcap")
        seeds += [x.payload for x in capture if x.payload[:4] == b"\0\0\0\x05"][:200]
    chance, decoder = random.Random(7), ReferenceDecoder()
    before, begun = _rss(), time.process_time()
    for _ in range(MUTATIONS // BATCH):
        decoder.decode([d.datagram(mutated(chance, chance.choice(seeds))) for _ in range(BATCH)])
    assert _rss() - before < 64 * 1024  # KiB
    assert (time.process_time() - begun) / MUTATIONS < 0.005  # a hang would show


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
