"""Recorded walks as text: whatever stands in the file, the rows that can be read are read, and no port comes out of nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.switches.mib import objects as o
from controller.switches.mib.arp import arp_rows
from controller.switches.mib.fdb import every_fdb_row
from controller.switches.mib.neighbours import neighbour_rows
from controller.switches.mib.ports import port_rows
from controller.switches.mib.snmprec import parse_recording
from playbooks.facts import Verdict
from tests.controller.switches.mibs import device, learned_q


def test_odd_lines_of_a_recording() -> None:
    """Values with line ends, unknown types and comments are counted or passed over; the others stay."""
    text = b"# made by\n1.3.6.1.2.1.1.5.0|4|name\nof two lines\r\n1.3.6.1.2.1.1.3.0|67|12\n1.3.6.1|99|x\n1.3.6.2|64|10.0.0.1\n"
    recording = parse_recording(text)
    assert (3, 2) == (len(recording.objects), recording.odd_lines)
    assert b"\x0a\0\0\x01" == recording.objects[(1, 3, 6, 2)]


def test_an_object_that_is_there_twice() -> None:
    """The same value is nothing odd; two values, and then a third, are a table that moved, and none of them is believed."""
    lines = ["1.3.6.1|2|7", "1.3.6.1|2|7", "1.3.6.2|2|7", "1.3.6.2|2|8", "1.3.6.2|2|7"]
    recording = parse_recording("\n".join(lines).encode())
    assert ({(1, 3, 6, 1): 7}, 2) == (recording.objects, recording.odd_lines)


def test_rows_in_any_order() -> None:
    """What was recorded column by column, row by row or backwards is the same device."""
    walk = device(fdb=learned_q(10, 3))
    lines = [
        f"{'.'.join(map(str, (*root, *instance)))}|4x|{value.hex()}" if isinstance(value, bytes) else
        f"{'.'.join(map(str, (*root, *instance)))}|2|{value}"
        for root in (o.Q_FDB_STATUS, o.Q_FDB_PORT, o.BASE_PORT_IFINDEX, o.IF_NAME)
        for instance, value in walk.column(root).items()
        if isinstance(value, int | bytes)
    ]  # fmt: skip
    forth, back = (every_fdb_row(parse_recording("\n".join(order).encode()).walk()) for order in (lines, lines[::-1]))
    assert forth == back
    assert ["ge3"] == [row.port for row in back]


def test_identifiers_that_are_none() -> None:
    """An arc below 0 or above 2^32 - 1, as a name or as a value, is an odd line."""
    text = b"1.3.-6.1|2|1\n1.3.6.4294967296|2|1\n1.3.6.1|6|1.3.-1\n.1.3.6.2|6|.1.3.6\n"
    recording = parse_recording(text)
    assert ({(1, 3, 6, 2): (1, 3, 6)}, 3) == (recording.objects, recording.odd_lines)


COLUMNS = (
    *o.FDB_TABLES,
    *o.VLAN_MAPS,
    *o.PORT_COLUMNS,
    o.ARP_MAC,
    o.LLDP_REMOTE_NAME,
    o.LLDP_REMOTE_PORT_KIND,
    o.LAG_ATTACHED,
)
ARC = st.integers(0, 6) | st.sampled_from([-1, 255, 256, 4095, 2**31, 2**32, 2**64])
VALUES = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.text("0123456789abcdefxG:. \r\0|", max_size=24),
    st.binary(max_size=8).map(lambda octets: octets.decode("latin-1")),
)
LINES = st.builds(
    lambda column, arcs, tag, value: ".".join(map(str, (*column, *arcs))) + f"|{tag}|{value}",
    st.sampled_from(COLUMNS),
    st.lists(ARC, max_size=10),
    st.sampled_from(["2", "4", "4x", "4e", "6", "64", "64x", "65", "66:numeric", "67", "70", "5", "99", "", "x"]),
    VALUES,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES | st.text(max_size=30), max_size=25))
def test_whatever_stands_in_a_file(lines: list[str]) -> None:
    """No line breaks the reader or a table, and a row is a port only if dot1dBasePort, or the maker's table, leads to a name."""
    walk = parse_recording("\n".join(lines).encode("utf-8", "replace")).walk()
    arp_rows(walk)
    neighbour_rows(walk)
    port_rows(walk)
    led = set(walk.integers(o.BASE_PORT_IFINDEX).values())
    named = {i[0] for i, text in walk.texts(o.IF_NAME) if text and len(i) == 1}
    for row in every_fdb_row(walk, {20: walk}):
        if row.verdict is Verdict.PORT:
            assert row.port
            assert row.ifindex in named
            assert row.table == "hw" or row.ifindex in led


@given(port=st.integers(-(2**40), 2**40), status=st.integers(-5, 12))
def test_a_port_is_proven_or_refused(port: int, status: int) -> None:
    """Of all numbers a forwarding row may hold, those of bridge ports lead to a port, unless the row is the switch's own."""
    (row,) = every_fdb_row(device(fdb=learned_q(10, port, status=status)))
    assert (row.verdict is Verdict.PORT) == (port in range(1, 5) and status not in (4, 5))
