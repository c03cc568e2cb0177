"""NetFlow v9 and IPFIX by their standards: what recordings seldom hold. Both decoders, the same answers."""

import struct
from typing import Any

import pytest

from . import flowsets as f
from .both import decode, trouble

VARIABLE = 0xFFFF
ENDS = bytes([10, 0, 0, 1, 10, 0, 0, 2])
KEY: f.Fields = ((8, 4), (12, 4))
FLOW = (f.ipfix_template(256, KEY), f.data(256, ENDS))


def n(value: int, size: int = 4) -> bytes:
    """A number of so many octets."""
    return value.to_bytes(size, "big")


def v9_options(number: int, scopes: f.Fields, options: f.Fields) -> bytes:
    """An options template FlowSet (RFC 3954 section 6.1): lengths in octets, scope types of their own numbering."""
    head = struct.pack("!HHH", number, 4 * len(scopes), 4 * len(options))
    return f.a_set(1, head + b"".join(struct.pack("!HH", *field) for field in (*scopes, *options)))


def rates(*messages: bytes) -> list[int | None]:
    """Sampling rate of each record; None if unknown."""
    return [record.get("sampling_rate") for record in decode(*messages)]


def with_key(fields: f.Fields, values: bytes, *, number: int = 256) -> tuple[bytes, bytes]:
    """Template and data of a flow with more fields."""
    return f.ipfix_template(number, (*KEY, *fields)), f.data(number, ENDS + values)


@pytest.mark.parametrize("length", [0, 1, 2, 4, 8])
def test_v9_scopes_of_any_length(length: int) -> None:
    """Scope `system` of 0, 1, 2, 4 or 8 octets: its type 1 is never read as octets, and what stands behind is found."""
    told = f.v9(v9_options(300, ((1, length),), ((34, 4), (35, 1))), f.data(300, bytes(length) + n(512) + b"\1"))
    assert [512] == rates(told, f.v9(f.v9_template(256, KEY), f.data(256, ENDS)))


def test_v9_several_scopes() -> None:
    """System, interface and line card in one record."""
    scopes = ((1, 4), (2, 2), (3, 2))
    told = f.v9(v9_options(300, scopes, ((48, 1), (49, 1), (50, 4))), f.data(300, bytes(8) + b"\7\2" + n(1000)))
    flows = f.v9(f.v9_template(256, (*KEY, (48, 1))), f.data(256, ENDS + b"\7", ENDS + b"\x08"))
    assert [1000, None] == rates(told, flows)


@pytest.mark.parametrize(("in_flow", "in_options"), [(1, 2), (2, 1), (1, 4), (4, 2)])
def test_sampler_ids_of_different_sizes(in_flow: int, in_options: int) -> None:
    """The same number in one octet here and in four there is the same sampler."""
    told = f.v9(
        v9_options(300, ((1, 4),), ((48, in_options), (50, 2))), f.data(300, bytes(4) + n(9, in_options) + n(64, 2))
    )
    assert [64] == rates(told, f.v9(f.v9_template(256, (*KEY, (48, in_flow))), f.data(256, ENDS + n(9, in_flow))))


@pytest.mark.parametrize(
    ("fields", "values", "rate"),
    [
        (((304, 2), (305, 4), (306, 4)), n(1, 2) + n(1) + n(999), 1000),  # systematic count-based
        (((304, 2), (305, 4), (306, 4)), n(1, 2) + n(10) + n(90), 10),
        (((304, 2), (309, 4), (310, 4)), n(3, 2) + n(1) + n(2048), 2048),  # random n out of N
        (((304, 2), (309, 4), (310, 4)), n(3, 2) + n(2) + n(100), 50),
        (((304, 1), (305, 2), (306, 2)), n(1, 1) + n(1, 2) + n(99, 2), 100),  # reduced size
        (((34, 4), (35, 1)), n(400) + b"\2", 400),
        (((50, 4),), n(77), 77),
        (((34, 2),), n(300, 2), 300),
    ],
)
def test_selectors(fields: f.Fields, values: bytes, rate: int) -> None:
    """RFC 5477: selector tables, the selector named by the flow; and the same elements in the flow's own record."""
    told = f.ipfix(f.ipfix_template(300, ((302, 8), *fields), scopes=1), f.data(300, n(5, 8) + values))
    assert [rate] == rates(told, f.ipfix(*with_key(((302, 4),), n(5))))
    assert [None] == rates(told, f.ipfix(*with_key(((302, 4),), n(6))))
    assert [rate] == rates(f.ipfix(*with_key(fields, values)))


def test_a_rate_of_one_domain_is_not_anothers() -> None:
    """Nor another version's."""
    told = f.ipfix(f.ipfix_template(300, ((149, 4), (34, 4)), scopes=1), f.data(300, n(7) + n(512)))
    assert [512] == rates(told, f.ipfix(*FLOW))
    assert [None] == rates(told, f.ipfix(*FLOW, domain=8))
    assert [None] == rates(told, f.v9(f.v9_template(256, KEY), f.data(256, ENDS)))


def test_a_rate_that_changes() -> None:
    """The newest holds from where it stands, in both decoders."""
    template = f.ipfix_template(300, ((149, 4), (34, 4)), scopes=1)
    change = f.ipfix(f.data(300, n(7) + n(64)))
    assert [512, 64] == rates(
        f.ipfix(template, f.data(300, n(7) + n(512))), f.ipfix(*FLOW), change, f.ipfix(f.data(256, ENDS))
    )


def test_scopes_of_variable_length_and_enterprise() -> None:
    """An options template whose scope is a vendor's own string."""
    fields = ((0x8000 | 77, VARIABLE, 9), (302, 4), (34, 4))
    told = f.ipfix(
        f.ipfix_template(300, fields, scopes=1), f.data(300, b"\5rtr-1" + n(2) + n(128), b"\xff\0\3rtr" + n(3) + n(256))
    )
    flows = f.ipfix(f.ipfix_template(256, (*KEY, (302, 4))), f.data(256, ENDS + n(2), ENDS + n(3)))
    assert [128, 256] == rates(told, flows)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 8])
def test_reduced_sizes(size: int) -> None:
    """RFC 7011 section 6.2: counters and interfaces of any size up to their own."""
    fields = ((1, size), (2, size), (10, min(size, 4)), (14, min(size, 4)), (6, 1 if size == 1 else 2))
    values = n(200, size) + n(3, size) + n(7, min(size, 4)) + n(9, min(size, 4)) + n(2, 1 if size == 1 else 2)
    (record,) = decode(f.ipfix(*with_key(fields, values)))
    want = {"bytes": 200, "packets": 3, "in_if": 7, "out_if": 9, "tcp_flags": 2}
    assert want == {key: record[key] for key in want}


@pytest.mark.parametrize("padding", [1, 2, 3])
def test_padding_of_data(padding: int) -> None:
    """Shorter than a record: no record of zeros."""
    assert 1 == len(
        decode(f.ipfix(f.ipfix_template(256, KEY), struct.pack("!HH", 256, 12 + padding) + ENDS + bytes(padding)))
    )


def test_padding_of_templates_and_options() -> None:
    """Zeros behind the last template of a set, of any kind, are no template and no trouble."""
    template = struct.pack("!HHHHHH", 256, 2, 8, 4, 12, 4)
    padded = struct.pack("!HH", 2, 4 + len(template) + 4) + template + bytes(4)
    assert 1 == len(decode(f.ipfix(padded, f.data(256, ENDS))))
    assert {} == trouble(f.ipfix(padded, f.data(256, ENDS)))
    options = struct.pack("!HHHHHHH", 300, 2, 1, 149, 4, 34, 4) + bytes(2)
    assert {} == trouble(f.ipfix(struct.pack("!HH", 3, 4 + len(options)) + options))
    assert {} == trouble(f.v9(v9_options(300, ((1, 4),), ((34, 4),)) + bytes(4)))


def test_several_templates_in_a_set() -> None:
    """Two definitions in one set, with enterprise elements between them."""
    both = struct.pack("!HHHHHHHHI", 256, 3, 8, 4, 12, 4, 0x8000 | 5, 2, 9) + struct.pack(
        "!HHHHHH", 257, 2, 12, 4, 8, 4
    )
    message = f.ipfix(f.a_set(2, both), f.data(256, ENDS + b"ab"), f.data(257, ENDS))
    assert ["10.0.0.1", "10.0.0.2"] == [record["src_ip"] for record in decode(message)]


def test_withdrawal_of_one() -> None:
    """RFC 7011 section 8.1: not used over UDP; obeyed if sent, and the data that follows waits for the next definition."""
    gone = f.ipfix(f.a_set(2, struct.pack("!HH", 256, 0)))
    assert 1 == len(decode(f.ipfix(*FLOW), gone, f.ipfix(f.data(256, ENDS))))
    assert 3 == len(decode(f.ipfix(*FLOW), gone, f.ipfix(f.data(256, ENDS)), f.ipfix(*FLOW)))


@pytest.mark.parametrize("number", [2, 3])
def test_withdrawal_of_all(number: int) -> None:
    """Set id as template id, no fields: no trouble; over UDP it is not obeyed (section 8.4)."""
    gone = f.ipfix(f.a_set(number, struct.pack("!HH", number, 0)))
    assert {} == trouble(f.ipfix(*FLOW), gone)
    assert 2 == len(decode(f.ipfix(*FLOW), gone, f.ipfix(f.data(256, ENDS))))


def test_redefinition_from_data_to_options_and_back() -> None:
    """The same id: flows, then options, then flows again."""
    as_options = f.ipfix(f.ipfix_template(256, ((149, 4), (34, 4)), scopes=1), f.data(256, n(7) + n(32)))
    assert [None, 32] == rates(f.ipfix(*FLOW), as_options, f.ipfix(*FLOW))


@pytest.mark.parametrize("form", ["short", "long"])
def test_structured_data(form: str) -> None:
    """RFC 6313 basicList, subTemplateList and subTemplateMultiList: stepped over by their length, whatever is in them."""
    body = bytes(range(40))
    value = (n(len(body), 1) if form == "short" else b"\xff" + n(len(body), 2)) + body
    for element in (291, 292, 293):
        (record,) = decode(f.ipfix(*with_key(((element, VARIABLE), (2, 4)), value + n(3))))
        assert 3 == record["packets"]


def test_reverse_elements() -> None:
    """RFC 5103: reverse ports, addresses or times never overwrite the forward ones."""
    fields = ((7, 2), (11, 2), (0x8000 | 7, 2, 29305), (0x8000 | 150, 4, 29305), (0x8000 | 8, 4, 29305))
    (record,) = decode(f.ipfix(*with_key(fields, n(50000, 2) + n(445, 2) + n(1, 2) + n(5) + bytes(4))))
    assert ("10.0.0.1", 50000, 445, None) == tuple(
        record.get(k) for k in ("src_ip", "src_port", "dst_port", "first_ms")
    )


@pytest.mark.parametrize("elements", [(154, 155), (156, 157)])
@pytest.mark.parametrize(
    ("fraction", "ms"), [(0, 0), (1 << 31, 500), ((1 << 32) - 1, 999), (4_294_967, 0), (4_294_968, 1)]
)
def test_ntp_times(elements: tuple[int, int], fraction: int, ms: int) -> None:
    """Micro- and nanoseconds: seconds since 1900 and a fraction of 2^32, cut to milliseconds."""
    moment = n((1_700_000_000 + 2_208_988_800) << 32 | fraction, 8)
    (record,) = decode(f.ipfix(*with_key(((elements[0], 8), (elements[1], 8)), moment * 2)))
    assert 1_700_000_000_000 + ms == record["first_ms"] == record["last_ms"]


def test_a_data_link_section() -> None:
    """RFC 7133: the frame's layers under names of their own; cut inside the IP header, what is whole."""
    frame = bytes.fromhex("020000000002020000000001") + b"\x08\x00" + bytes.fromhex("450000280007000040060000") + ENDS
    frame += struct.pack("!HHIIBBHHH", 50000, 445, 1, 0, 0x50, 2, 1024, 0, 0)
    for size, port in ((len(frame), 445), (34, None)):
        fields: f.Fields = ((10, 4), (312, 2), (315, VARIABLE))
        data = f.data(256, n(4) + n(1500, 2) + n(size, 1) + frame[:size])
        (record,) = decode(f.ipfix(f.ipfix_template(256, fields), data))
        got: tuple[Any, ...] = tuple(record.get(k) for k in ("in_if", "bytes", "l2_src_ip", "l2_dst_port", "src_ip"))
        assert (4, 1500, "10.0.0.1", port, None) == got


@pytest.mark.parametrize("scope", [1, 5])
def test_templates_that_could_never_end(scope: int) -> None:
    """Records of no octets, more scopes than fields: refused or harmless, and the next message is read."""
    bad = f.ipfix(f.ipfix_template(256, ((8, 0), (12, 0)), scopes=scope), f.data(256, bytes(64)))
    assert {"bad-template": 1} == trouble(bad, f.ipfix(*FLOW))
    assert 1 == len(decode(bad, f.ipfix(f.ipfix_template(257, KEY), f.data(257, ENDS))))


def test_what_lies_behind_the_message() -> None:
    """Octets beyond the declared length are no part of it (section 3.1)."""
    assert 1 == len(decode(f.ipfix(*FLOW) + f.data(256, ENDS)))
