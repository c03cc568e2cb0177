"""Sequence numbers: what never arrived is counted, and what only looks lost is not."""

import importlib.util
import random
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import ReferenceDecoder
from controller.collector.datagram import Datagram, arrivals_of
from controller.collector.ledger import Ledger, Stream

from . import datagrams as d
from . import flowsets as f

SAMPLE = d.flow_sample(d.raw_header(d.frame(0x0800, d.ipv4(d.tcp()))))


def sflow(sequence: int, *, uptime: int | None = None, sub_agent: int = 0) -> bytes:
    """An sFlow datagram with that number; its clock goes on by a second for each."""
    whole = bytearray(d.sflow(SAMPLE, sub_agent=sub_agent))
    whole[16:24] = struct.pack("!II", sequence % 2**32, sequence * 1000 % 2**32 if uptime is None else uptime)
    return bytes(whole)


def v5(sequence: int, rows: int, uptime: int) -> bytes:
    """A v5 datagram."""
    whole = bytearray(d.netflow5(*[d.row5()] * rows))
    whole[4:8], whole[16:20] = struct.pack("!I", uptime), struct.pack("!I", sequence % 2**32)
    return bytes(whole)


def v9(sequence: int, rows: int, uptime: int = 10_000) -> bytes:
    """A v9 message with its template."""
    whole = bytearray(f.v9(f.v9_template(256, f.BASIC), f.data(256, *[f.basic()] * rows)))
    whole[4:8], whole[12:16] = struct.pack("!I", uptime), struct.pack("!I", sequence % 2**32)
    return bytes(whole)


def ipfix(sequence: int, *sets: bytes, second: int = 1_700_000_000) -> bytes:
    """An IPFIX message."""
    whole = bytearray(f.ipfix(*sets))
    whole[4:12] = struct.pack("!II", second, sequence % 2**32)
    return bytes(whole)


def follow(payloads: Iterable[bytes], *, ports: Iterator[int] | None = None, batch: int = 7) -> Stream:
    """The only stream after these datagrams came, a second apart, in small batches."""
    (stream,) = streams(payloads, ports=ports, batch=batch)
    return stream


def streams(payloads: Iterable[bytes], *, ports: Iterator[int] | None = None, batch: int = 7) -> list[Stream]:
    """All streams."""
    ledger, decoder = Ledger(64), ReferenceDecoder()
    found = [
        Datagram(payload, d.datagram(b"").exporter, next(ports) if ports else 40000, 1_700_000_000_000 + n * 1000)
        for n, payload in enumerate(payloads)
    ]
    for start in range(0, len(found), batch):
        arrivals = arrivals_of(found[start : start + batch])
        ledger.note(arrivals, decoder.decode(arrivals))
    ledger.settle()
    ledger.settle()
    return list(ledger.lines())


def test_ipfix_without_any_template_is_not_lost() -> None:
    """Nothing can be read: messages of one record for the most part are not taken for a numbering of messages."""
    total, payloads = 0, []
    for place, rows in enumerate([1, 1, 1, 5] * 15):
        payloads.append(ipfix(total, f.data(256, *[f.basic()] * rows), second=place))
        total += rows
    assert (0, None) == (follow(payloads).lost, follow(payloads).meaning)


@pytest.mark.parametrize("first", [1, 2**32 - 20, 2**31 - 20])
def test_what_is_missing_is_counted(first: int) -> None:
    """sFlow, three of a hundred missing in two places, across the wrap of the number too."""
    stream = follow(sflow(first + n) for n in range(100) if n not in (30, 31, 60))
    assert (3, 2, 0, 97) == (stream.lost, stream.gaps, stream.restarts, stream.datagrams)


def test_nothing_missing() -> None:
    """A hundred in order: nothing lost, everything counted."""
    stream = follow(sflow(n) for n in range(100))
    assert (0, 0, 0, 100, 100) == (stream.lost, stream.late, stream.restarts, stream.records, stream.datagrams)


def test_reordered_is_not_lost() -> None:
    """Pairs swapped on the way."""
    order = [n + (1 if n % 2 == 0 else -1) for n in range(100)]
    stream = follow(sflow(n) for n in order)
    assert (0, 0) == (stream.lost, stream.restarts)
    assert stream.late > 0


def test_doubled_is_neither_lost_nor_found() -> None:
    """A datagram that comes twice does not make up for one that never came."""
    stream = follow(sflow(n) for n in [*range(20), *range(21, 40), 39, *range(40, 60)])
    assert 1 == stream.lost


@pytest.mark.parametrize("last", [100, 50_000, 4_000_000_000])
@pytest.mark.parametrize("clock", ["anew", "goes on"])
def test_a_restart_is_no_loss(last: int, clock: str) -> None:
    """The number starts again, with the clock or without it: a restart, counted apart."""
    before = [sflow(last + n, uptime=900_000_000 + n * 1000) for n in range(20)]
    begun = 0 if clock == "anew" else 900_020_000
    after = [sflow(n + 1, uptime=begun + n * 1000) for n in range(20)]
    stream = follow(before + after)
    assert (0, 1) == (stream.lost, stream.restarts)


def test_sub_agents_count_on_their_own() -> None:
    """Two sub-agents of one agent, interleaved."""
    found = streams(sflow(n // 2 if n % 2 else 5000 + n // 2, sub_agent=n % 2) for n in range(60))
    assert [(0, 0, 30), (1, 0, 30)] == [(s.number, s.lost, s.datagrams) for s in found]


def sizes(seed: int = 3, count: int = 60) -> list[int]:
    """Records of v5 datagrams: full ones for the most part."""
    chance = random.Random(seed)
    return [30 if chance.random() < 0.6 else chance.randint(1, 29) for _ in range(count)]


@pytest.mark.parametrize("quirk", ["standard", "counts the last"])
def test_v5_counts_records(quirk: str) -> None:
    """By the standard the number of the first record; Open vSwitch gives that of the last: no false loss in either."""
    total, payloads = 0, []
    for n, rows in enumerate(sizes()):
        payloads.append(v5(total + (rows if quirk != "standard" else 0), rows, n * 1000))
        total += rows
    whole = follow(payloads)
    assert (0, 0) == (whole.lost, whole.restarts)
    assert ("records-before" if quirk == "standard" else "records-after") == whole.meaning
    missing = sum(sizes()[40:42])
    assert missing == follow(payloads[:40] + payloads[42:]).lost


@pytest.mark.parametrize("counts", ["messages", "records"])
def test_v9_counts_messages_or_records(counts: str) -> None:
    """RFC 3954 counts export packets; exporters that count records are found out."""
    total, payloads = 0, []
    for n, rows in enumerate(sizes()):
        payloads.append(v9(total, rows, n * 1000))
        total += 1 if counts == "messages" else rows
    assert 0 == follow(payloads).lost
    want = 2 if counts == "messages" else sum(sizes()[40:42])
    assert want == follow(payloads[:40] + payloads[42:]).lost


@pytest.mark.parametrize("quirk", ["standard", "no options", "no options, counts the last"])
def test_ipfix_counts_data_records_options_included(quirk: str) -> None:
    """RFC 7011 section 3.1: data records of the domain, those of options templates too, templates not. pmacct leaves options out,
    and softflowd; neither is a loss."""
    options = (f.ipfix_template(300, ((149, 4), (34, 4)), scopes=1), f.data(300, bytes(8), bytes(8)))
    total, payloads = 0, []
    for n, rows in enumerate(sizes()):
        sets = [f.ipfix_template(256, f.BASIC), f.data(256, *[f.basic()] * rows)]
        begin = total
        total += rows + (2 if n % 5 == 0 and quirk == "standard" else 0)
        sequence = total if "last" in quirk else begin
        payloads.append(ipfix(sequence, *sets, *(options if n % 5 == 0 else ()), second=1_700_000_000 + n))
    meaning = "records-after" if "last" in quirk else "records-before"
    assert (0, 0, meaning) == (follow(payloads).lost, follow(payloads).restarts, follow(payloads).meaning)
    assert sizes()[43] == follow(payloads[:43] + payloads[44:]).lost


def test_ipfix_that_cannot_be_read_is_not_lost() -> None:
    """Sets whose template never came hold nobody knows how many records: never a loss by guess."""
    total, payloads = 0, []
    for n, rows in enumerate(sizes()):
        unknown = f.data(999, *[bytes(40)] * 3) if n % 4 == 0 else b""
        payloads.append(
            ipfix(total, f.ipfix_template(256, f.BASIC), f.data(256, *[f.basic()] * rows), unknown, second=n)
        )
        total += rows + (3 if unknown else 0)
    assert 0 == follow(payloads).lost


def test_a_new_port_for_each_datagram() -> None:
    """An exporter that changes its source port as it goes is one stream, and its gaps are seen."""
    ports = iter(range(20000, 60000))
    assert 4 == follow((sflow(n) for n in range(60) if n not in (40, 41, 42, 43)), ports=ports).lost


def test_two_processes_behind_one_address() -> None:
    """The same address and source id, two source ports, two numberings: neither loses anything."""
    payloads = [v9(n // 2 if n % 2 else 1000 + n // 2, 3, n * 1000) for n in range(60)]
    stream = follow(payloads, ports=iter([1000, 2000] * 30))
    assert (0, 0) == (stream.lost, stream.restarts)


def test_two_programs_of_different_minds_behind_one_address() -> None:
    """One domain, two senders: one numbers records by the standard, the other counts them up to the end of the message."""
    payloads, ports, totals = [], [], [0, 7000]
    for place, rows in enumerate(sizes()):
        which = place % 2
        sets = (f.ipfix_template(256, f.BASIC), f.data(256, *[f.basic()] * rows))
        payloads.append(ipfix(totals[which] + (rows if which else 0), *sets, second=1_700_000_000 + place))
        ports.append(1000 + which)
        totals[which] += rows
    assert (0, 0) == (follow(payloads, ports=iter(ports)).lost, follow(payloads, ports=iter(ports)).restarts)
    missing = payloads[:41] + payloads[42:]
    assert sizes()[41] == follow(missing, ports=iter(ports[:41] + ports[42:])).lost


def test_heavy_loss_is_still_told() -> None:
    """Nine of ten gone."""
    chance = random.Random(5)
    kept = [0, *(n for n in range(1, 499) if chance.random() < 0.1), 499]
    assert 500 - len(kept) == follow(sflow(n) for n in kept).lost


def test_a_batch_is_followed_as_single_datagrams_are() -> None:
    """How datagrams fall into batches changes nothing."""
    payloads = [sflow(n) for n in range(100) if n % 9]
    assert follow(payloads, batch=1).lost == follow(payloads, batch=100).lost == 10


def anew(name: str) -> Any:
    """A module, run once more and apart from the one that is loaded."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_plain_form_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be compiled the same functions run as they stand."""
    monkeypatch.setitem(sys.modules, "controller.collector.kernels.compiled", None)
    monkeypatch.setitem(sys.modules, "controller.collector.heads", anew("controller.collector.heads"))
    plain = anew("controller.collector.streams")
    payloads = [*(sflow(n) for n in range(40) if n % 7), *(v5(n * 3, 3, n * 1000) for n in range(20)), b"\1" * 20]
    compiled = streams(payloads)
    monkeypatch.setattr("controller.collector.ledger.s", plain)
    assert compiled == streams(payloads)
    assert not hasattr(plain.note, "signatures")


@settings(max_examples=300, deadline=None)
@given(
    payloads=st.lists(st.binary(max_size=60), max_size=6),
    head=st.sampled_from([b"", b"\0\0\0\5\0\0\0\1", b"\0\0\0\5\0\0\0\2", b"\0\5", b"\0\x09", b"\0\x0a", b"\0\1"]),
)
def test_any_octets(payloads: list[bytes], head: bytes) -> None:
    """Whatever comes is counted under someone, and nothing behind a datagram's end is read."""
    ledger = Ledger(16)
    arrivals = arrivals_of([d.datagram(head + payload) for payload in payloads])
    of = ledger.note(arrivals, ReferenceDecoder().decode(arrivals))
    counted = sum(line.datagrams for line in ledger.lines())
    assert len(payloads) == counted + ledger.not_followed == int((of >= 0).sum()) + ledger.not_followed
    whole = Ledger(16)
    for payload in payloads:  # each alone, so that what follows it in a batch is not there to be read
        whole.note(arrivals_of([d.datagram(head + payload)]), None)
    assert [(x.agent, x.version, x.number) for x in ledger.lines()] == [
        (x.agent, x.version, x.number) for x in whole.lines()
    ]


def test_streams_beyond_the_bound() -> None:
    """Forged sources: the table is never larger, those that came last are kept, and the rest is counted."""
    ledger, decoder = Ledger(64), ReferenceDecoder()
    for n in range(200):
        payload = bytearray(sflow(1))
        payload[8:12] = n.to_bytes(4, "big")
        arrivals = arrivals_of([d.datagram(bytes(payload), at_ms=n * 2000)])
        ledger.note(arrivals, decoder.decode(arrivals))
    assert len(ledger) <= 64
    assert 199 in {int.from_bytes(line.agent[-4:], "big") for line in ledger.lines()}
    assert ledger.generation > 0
