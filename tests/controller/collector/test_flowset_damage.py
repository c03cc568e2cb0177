"""NetFlow v9 and IPFIX that is cut off or partly bad: what is whole is read, the rest is counted. Both decoders, one answer."""

import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.collector import ReferenceDecoder
from controller.collector.flowset import Limits, TemplateStore
from controller.collector.kernels import KernelDecoder
from controller.collector.records import records

from . import flowsets as f
from . import oracle
from .both import assert_same, decode, trouble
from .test_flowset_standard import ENDS, KEY, n, rates, v9_options
from .test_flowsets import counted

OTHER = bytes([10, 0, 0, 3, 10, 0, 0, 4])
Message = Callable[..., bytes]
Template = Callable[[int, f.Fields], bytes]
BOTH = pytest.mark.parametrize(
    ("message", "template"), [(f.v9, f.v9_template), (f.ipfix, f.ipfix_template)], ids=["v9", "ipfix"]
)


def sources(*messages: bytes) -> list[str | None]:
    """Source of each record."""
    return [record.get("src_ip") for record in decode(*messages)]


def specifier(number: int, fields: f.Fields) -> bytes:
    """A template record without its set."""
    return struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *field) for field in fields)


@BOTH
@pytest.mark.parametrize("octets", range(1, 16))
def test_a_data_set_that_is_cut(message: Message, template: Template, octets: int) -> None:
    """Records that are whole before the cut, and none that lies partly behind it."""
    whole = message(template(256, KEY), f.data(256, ENDS, OTHER))
    assert ["10.0.0.1"] * (octets <= 8) == sources(whole[:-octets])
    assert {"bad-length": 1} == trouble(whole[:-octets])


@BOTH
@pytest.mark.parametrize("octets", range(1, 20))
def test_a_template_set_that_is_cut(message: Message, template: Template, octets: int) -> None:
    """The first of two templates is whole, and reads what comes later."""
    number = 0 if template is f.v9_template else 2
    cut = message(f.a_set(number, specifier(256, KEY) + specifier(257, KEY)))[:-octets]
    assert ["10.0.0.1"] * (octets <= 12) == sources(cut, message(f.data(256, ENDS)))
    assert {"bad-length": 1} == trouble(cut)


@BOTH
def test_a_set_that_says_it_is_longer_than_its_message(message: Message, template: Template) -> None:
    """What there is of it is read; also where it waits for its template, and where its records have lengths inside them."""
    long = struct.pack("!HH", 256, 40) + ENDS + OTHER + bytes(3)
    assert ["10.0.0.1", "10.0.0.3"] == sources(message(template(256, KEY), long))
    assert ["10.0.0.1", "10.0.0.3"] == sources(message(long), message(template(256, KEY)))
    assert {"bad-length": 1} == trouble(message(template(256, KEY), long))


def test_cut_records_with_lengths_inside_them() -> None:
    """The one whose string goes on behind the end is none."""
    template = f.ipfix_template(256, (*KEY, (82, 0xFFFF)))
    cut = struct.pack("!HH", 256, 60) + ENDS + b"\3abc" + OTHER + b"\x09abc"
    assert ["10.0.0.1"] == sources(f.ipfix(template, cut))


def test_the_message_ends_before_its_datagram() -> None:
    """A set reaches to the declared end at most (RFC 7011 section 3.1), whatever lies behind."""
    message = bytearray(f.ipfix(f.ipfix_template(256, KEY), f.data(256, ENDS, OTHER)))
    message[2:4] = struct.pack("!H", len(message) - 8)
    assert ["10.0.0.1"] == sources(bytes(message))
    assert {"bad-length": 1} == trouble(bytes(message))


def test_whole_records_of_real_datagrams_cut_short(data_dir: Path) -> None:
    """Every record that is whole before a cut is there."""
    flows, wanted = data_dir / "flows", 0
    lines = (flows / "derived" / "truncated.jsonl").read_text(encoding="utf-8").splitlines()
    for entry in (e for e in map(json.loads, lines) if set(e["protocol"]) <= {"nf9", "ipfix"}):
        whole, complete = oracle.datagrams(flows, entry["capture"]), set(entry["complete_records_before_cut"])
        want = counted([r for r in oracle.expected(flows, entry["capture"]) if r["n"] in complete], late=False)
        sent = [whole[number] for number in entry["prelude"]]
        sent.append(replace(whole[entry["datagram"]], payload=bytes.fromhex(entry["payload_hex"])))
        decoded = ReferenceDecoder().decode(sent)
        assert_same(decoded, KernelDecoder(ReferenceDecoder()).decode(sent))
        got = counted([r for r in records(decoded) if r["dgram"] == len(sent) - 1])
        assert Counter() == want - got, (entry["capture"], entry["cut"])
        wanted += want.total()
    assert wanted > 100


@BOTH
@pytest.mark.parametrize(
    "bad",
    [specifier(255, KEY), specifier(8, ((8, 4), (12, 4), (4, 1))), specifier(300, ((8, 0), (12, 0)))],
    ids=["id-255", "id-8", "no-octets"],
)
def test_a_bad_template_before_a_good_one(message: Message, template: Template, bad: bytes) -> None:
    """It is stepped over and counted, every time it is sent."""
    number = 0 if template is f.v9_template else 2
    mixed = message(f.a_set(number, bad + specifier(256, KEY)), f.data(256, ENDS))
    assert ["10.0.0.1"] * 3 == sources(mixed, mixed, mixed)
    assert {"bad-template": 3} == trouble(mixed, mixed, mixed)


def test_a_v9_template_of_no_fields_before_a_good_one() -> None:
    """v9 has no withdrawals: it is nonsense, and the next one is read."""
    mixed = f.v9(f.a_set(0, specifier(299, ()) + specifier(256, KEY)), f.data(256, ENDS))
    assert (["10.0.0.1"], {"bad-template": 1}) == (sources(mixed), trouble(mixed))


def test_bad_options_before_good_ones() -> None:
    """The same of options templates, whose lengths are in octets."""
    bad, good = v9_options(9, ((1, 4),), ((34, 4),))[4:], v9_options(300, ((1, 4),), ((34, 4),))[4:]
    told = f.v9(f.a_set(1, bad[:14] + good[:14]), f.data(300, n(1) + n(512)))
    assert [512] == rates(told, f.v9(f.v9_template(256, KEY), f.data(256, ENDS)))
    assert {"bad-template": 1} == trouble(told)


def test_data_that_waited_and_is_bad() -> None:
    """A waiting set with a record that does not fit costs the templates behind the one it waited for nothing."""
    waiting = f.ipfix(struct.pack("!HH", 256, 16) + ENDS + b"\xff\xff\xff\xff")
    both = specifier(256, (*KEY, (82, 0xFFFF))) + specifier(257, KEY)
    assert ["10.0.0.1"] == sources(waiting, f.ipfix(f.a_set(2, both), f.data(257, ENDS)))


@pytest.mark.parametrize("size", [1, 2])
def test_padding_longer_than_an_options_record(size: int) -> None:
    """v9 fills up to four octets (RFC 3954 section 6.2): zeros that do are no second record, which would say rate 0."""
    told = f.v9(v9_options(300, ((1, 0),), ((34, size),)), f.data(300, n(10, size)))
    assert [10] == rates(told, f.v9(f.v9_template(256, KEY), f.data(256, ENDS)))


def test_short_options_records_behind_each_other() -> None:
    """Two of two octets fill four: nothing is padding."""
    told = f.v9(v9_options(300, ((1, 0),), ((48, 1), (34, 1))), f.data(300, b"\1\x0a", b"\2\x14"))
    flows = f.v9(f.v9_template(256, (*KEY, (48, 1))), f.data(256, ENDS + b"\1", ENDS + b"\2"))
    assert [10, 20] == rates(told, flows)


@pytest.mark.parametrize(
    ("fields", "values", "rate"),
    [
        (((34, 4), (48, 1), (50, 4)), n(0) + b"\1" + n(9), 9),
        (((48, 1), (34, 4), (304, 2), (305, 4), (306, 4)), b"\1" + n(0) + n(1, 2) + n(1) + n(99), 100),
        (((48, 1), (34, 4)), b"\1" + n(0), 0),
    ],
)
def test_an_interval_of_zero_in_options(fields: f.Fields, values: bytes, rate: int) -> None:
    """Another element beside it says the rate; alone it says 0, which is unknown."""
    told = f.v9(v9_options(300, ((1, 4),), fields), f.data(300, n(1) + values))
    assert [rate] == rates(told, f.v9(f.v9_template(256, (*KEY, (48, 1))), f.data(256, ENDS + b"\1")))


def test_more_sessions_than_are_kept() -> None:
    """Those that said nothing about themselves take no room, and of the others the oldest goes, in both decoders; those that are
    gone come back when they say it again."""
    store = {name: TemplateStore(Limits(sessions=3)) for name in ("reference", "kernels")}
    reference, kernels = ReferenceDecoder(store["reference"]), KernelDecoder(ReferenceDecoder(store["kernels"]))
    flow = f.v9_template(256, KEY), f.data(256, ENDS)
    rate = v9_options(300, ((1, 4),), ((34, 4),)), f.data(300, n(1) + n(512))
    mute = [f.v9(*flow, domain=domain) for domain in range(100, 140)]
    told = [f.v9(*flow, *rate, domain=domain) for domain in range(8)]
    again = [f.v9(*flow, domain=domain) for domain in range(8)]
    sampled = []
    for messages in (told, mute, again, told[:1], again):
        found = [f.datagram(message) for message in messages]
        want = reference.decode(found)
        assert_same(want, kernels.decode(found))
        sampled.append([r["odid"] for r in records(want) if "sampling_rate" in r])
    assert [[], [], [5, 6, 7], [], [0, 6, 7]] == sampled
