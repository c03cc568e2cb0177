"""Agents that do not keep to RFC 4188 and RFC 4363 to the letter: what still proves a port, and what does not."""

import pytest

from controller.core.tables import FdbRow
from controller.switches.mib import numbered, private
from controller.switches.mib import objects as o
from controller.switches.mib.fdb import FdbCounts, every_fdb_row, fdb_rows
from controller.switches.mib.ports import bridge_ports
from controller.switches.mib.walk import Oid, Value, Walk
from playbooks.facts import Verdict
from tests.controller.switches.mibs import LEARNED, PC, PC_TEXT, device, learned_d, learned_q

AOS = (1, 3, 6, 1, 4, 1, 6486, 800, 1, 1, 2, 1, 7, 1, 10)


def only(walk: Walk) -> FdbRow:
    """The one row."""
    (row,) = every_fdb_row(walk)
    return row


# FortiSwitch: dot1dTpFdbTable by running numbers, dot1dBasePort.29 is 32769. LibreNMS reads it so.
NUMBERED: dict[Oid, Value] = {
    (*o.TP_FDB_ADDRESS, 142): bytes(PC),
    (*o.TP_FDB_PORT, 142): 32_769,
    (*o.TP_FDB_STATUS, 142): LEARNED,
    (*o.BASE_PORT, 29): 32_769,
    (*o.BASE_PORT_IFINDEX, 29): 29,
    (*o.IF_NAME, 29): b"port29",
}


def test_a_table_by_running_numbers() -> None:
    """The MAC is in dot1dTpFdbAddress, the port's number in dot1dBasePort; the columns may have moved apart, so it is weak."""
    row = only(device(parts=NUMBERED))
    assert (PC_TEXT, 29, "port29", Verdict.PORT, True) == (row.mac, row.ifindex, row.port, row.verdict, row.weak)


def test_running_numbers_are_asked_for_where_they_are() -> None:
    """Not of an agent that indexes by the MAC; and what is read that way cannot be asked for one MAC at a time."""
    assert numbered.COLUMNS == private.wanted(device(parts=NUMBERED))
    assert o.TP_FDB_ADDRESS not in private.wanted(device(fdb=learned_d(3)))
    assert private.has_rows({o.TP_FDB_ADDRESS: {(142,): bytes(PC)}})


def test_a_running_number_without_a_mac() -> None:
    """Counted."""
    counts = FdbCounts()
    assert () == every_fdb_row(device(parts=NUMBERED, gone={(*o.TP_FDB_ADDRESS, 142): b""}), None, counts)
    assert 1 == counts.odd_index


def test_a_base_port_that_is_not_its_index() -> None:
    """dot1dBasePort says 9 in row 3: the agent may mean 3 or 9, and both are that port. It says 2 in row 3: FDB port 2 may be
    either, and is none."""
    assert {1: 101, 2: 102, 3: 103, 9: 103, 4: 104} == bridge_ports(device(said={(*o.BASE_PORT, 3): 9}))
    assert {1: 101, 3: 103, 4: 104} == bridge_ports(device(said={(*o.BASE_PORT, 3): 2}))
    assert Verdict.UNRESOLVED is only(device(said={(*o.BASE_PORT, 3): 2}, fdb=learned_q(10, 2))).verdict


def tp_link(*names: tuple[int, bytes]) -> Walk:
    """FDB port 5 of a JetStream with these interfaces."""
    parts: dict[Oid, Value] = {o.SYS_OBJECT_ID: (*o.TP_LINK, 5, 190)}
    for ifindex, name in names:
        parts |= {(*o.BASE_PORT_IFINDEX, ifindex): ifindex, (*o.IF_NAME, ifindex): name}
    return device(fdb=learned_q(10, 5), parts=parts)


@pytest.mark.parametrize(
    "names",
    [
        # a stack: port 5 of which unit?
        ((49_157, b"gigabitEthernet 1/0/5"), (49_205, b"gigabitEthernet 2/0/5")),
        # counted otherwise than from 49153: 49157 is port 3
        ((49_157, b"gigabitEthernet 1/0/3"), (49_159, b"gigabitEthernet 1/0/5")),
    ],
)
def test_a_tp_link_whose_ports_are_not_one_row(names: tuple[tuple[int, bytes], ...]) -> None:
    """ifIndex 49152 + n holds for one unit only; SNMP::Info leaves the port of a stack unresolved as well."""
    row = only(tp_link(*names))
    assert (Verdict.AMBIGUOUS, None) == (row.verdict, row.port)


def test_a_tp_link() -> None:
    """One unit."""
    assert "gigabitEthernet 1/0/5" == only(tp_link((49_157, b"gigabitEthernet 1/0/5"))).port


def test_a_huawei_with_a_gap_in_its_bridge_ports() -> None:
    """dot1dTpFdbPort leads nowhere, hwDynFdbPort names the ifIndex (HUAWEI-L2MAM-MIB): one answer, and no doubt."""
    walk = device(d=learned_d(57), hw={(*o.HUAWEI_FDB_PORT, *PC, 10, 1, 48): 103})
    assert [("hw", "ge3")] == [(row.table, row.port) for row in fdb_rows(walk)]
    assert {Verdict.UNRESOLVED, Verdict.PORT} == {row.verdict for row in every_fdb_row(walk)}


def test_a_row_that_leads_nowhere_is_kept_where_nothing_better_is() -> None:
    """Nobody else says where it is."""
    assert [Verdict.UNRESOLVED] == [row.verdict for row in fdb_rows(device(d=learned_d(57)))]


def omniswitch(entry: int) -> Walk:
    """dot1qTpFdbPort says 103, which is no bridge port; slMacAddressTable has the MAC in VLAN 10 at ifIndex `entry`."""
    table: dict[Oid, Value] = {(*private.AOS_STATUS, entry, 10, *PC): 4, (*private.AOS_USE, entry, 10, *PC): 1}
    return device(fdb=learned_q(10, 103), own=table, maker={o.SYS_OBJECT_ID: AOS})


def test_an_omniswitch_with_ifindexes_for_bridge_ports() -> None:
    """AOS 6.3.1 has ifIndexes in dot1qTpFdbPort (SNMP::Info tells of it). That alone proves nothing; the maker's table is asked
    for and settles it. Where the two name different numbers, both stay, and nothing is proven."""
    assert private.AOS_STATUS in private.wanted(omniswitch(103))
    assert [(10, "ge3", "aos")] == [(row.vlan, row.port, row.table) for row in fdb_rows(omniswitch(103))]
    assert {Verdict.AMBIGUOUS, Verdict.PORT} == {row.verdict for row in fdb_rows(omniswitch(104))}
