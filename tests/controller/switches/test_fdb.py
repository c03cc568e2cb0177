"""Forwarding rows, rule by rule: what proves a port, and everything that does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.tables import FdbRow
from controller.switches.mib import objects as o
from controller.switches.mib.fdb import FdbCounts, every_fdb_row, fdb_rows
from controller.switches.mib.walk import Oid, Value, Walk
from playbooks.facts import Verdict
from tests.controller.switches.mibs import MGMT, PC, PC_TEXT, SELF, device, learned_d, learned_q

ALL = (o.Q_FDB_PORT, o.Q_FDB_STATUS, o.BASE_PORT_IFINDEX, o.IF_NAME, o.IF_TYPE, o.IF_ADMIN, o.VLAN_FDB_ID)


def only(walk: Walk) -> FdbRow:
    """The one row."""
    (row,) = every_fdb_row(walk)
    return row


def test_by_the_bridge_port() -> None:
    """A bridge port is led to its ifIndex and name."""
    row = only(device(fdb=learned_q(10, 3)))
    assert (PC_TEXT, 10, 103, "ge3", Verdict.PORT, "bp") == (
        row.mac,
        row.vlan,
        row.ifindex,
        row.port,
        row.verdict,
        row.how,
    )


def test_a_bridge_port_is_never_taken_as_an_ifindex() -> None:
    """101 is an interface, but no bridge port: somebody else hangs there."""
    row = only(device(fdb=learned_q(10, 101)))
    assert (Verdict.AMBIGUOUS, None, None) == (row.verdict, row.ifindex, row.port)


def test_an_agent_without_bridge_ports() -> None:
    """dot1dBasePortTable is not there at all (RFC 4188 has it mandatory): the interface of that number is shown, by its looks."""
    names: dict[Oid, Value] = {(*o.IF_NAME, 103): b"ge3", (*o.IF_TYPE, 104): 6}
    rows = {port: only(Walk({**names, **learned_q(10, port)})) for port in (103, 104, 5, 0)}
    assert (103, "ge3", Verdict.PORT, True) == (
        rows[103].ifindex,
        rows[103].port,
        rows[103].verdict,
        rows[103].by_looks,
    )
    assert [Verdict.UNNAMED, Verdict.UNRESOLVED, Verdict.NO_PORT] == [rows[port].verdict for port in (104, 5, 0)]
    assert Verdict.SELF is only(Walk({**names, **learned_q(10, 103, status=SELF)})).verdict


def test_no_way_to_an_interface() -> None:
    """Neither a bridge port nor an interface."""
    assert Verdict.UNRESOLVED is only(device(fdb=learned_q(10, 77))).verdict


def test_port_zero() -> None:
    """No port, whatever the column."""
    assert Verdict.NO_PORT is only(device(fdb=learned_d(0))).verdict
    assert Verdict.NO_PORT is only(device(fdb=learned_d(9), none={(*o.BASE_PORT_IFINDEX, 9): 0})).verdict
    assert Verdict.NO_PORT is only(device(hw={(*o.HUAWEI_FDB_PORT, *PC, 10, 1, 48): 0})).verdict


@pytest.mark.parametrize(("status", "verdict"), [(SELF, Verdict.SELF), (MGMT, Verdict.MGMT)])
@pytest.mark.parametrize("port", [0, 3])
def test_the_switch_itself(status: int, verdict: Verdict, port: int) -> None:
    """Its own addresses are refused whatever port is named."""
    assert verdict is only(device(fdb=learned_q(10, port, status=status))).verdict


@pytest.mark.parametrize(
    ("status", "weak"), [(1, True), (2, True), (3, False), (6, True), (99, True), (-1, True), (None, False), (0, False)]
)
def test_what_a_status_is_worth(status: int | None, weak: bool) -> None:
    """Only learned (3) is; other, invalid and numbers of a maker's own are no proof. Agents without the column are believed."""
    row = only(device(fdb=learned_q(10, 3, status=status)))
    assert (Verdict.PORT, weak) == (row.verdict, row.weak)


def test_invalid_rows_are_not_kept() -> None:
    """The entry is no longer valid, and is only not flushed yet (RFC 4188)."""
    assert () == fdb_rows(device(fdb=learned_q(10, 3, status=2)))


def test_without_a_name() -> None:
    """An interface without a name cannot be told on a command line."""
    row = only(device(fdb=learned_q(10, 5), port={(*o.BASE_PORT_IFINDEX, 5): 105}))
    assert (Verdict.UNNAMED, 105) == (row.verdict, row.ifindex)


def test_vlans_of_forwarding_databases() -> None:
    """By the map; several VLANs of one FID are all named and none is chosen; a FID outside the map is the VLAN itself."""
    maps = {(*o.VLAN_FDB_ID, 0, 20): 7, (*o.VLAN_FDB_ID, 0, 30): 8, (*o.VLAN_FDB_ID, 0, 31): 8}
    found = {fid: only(device(fdb=learned_q(fid, 1), maps=maps)) for fid in (7, 8, 9, 70_000)}
    assert [(20, "fdbid-map"), (None, "fdbid-shared"), (9, "fdbid-assumed"), (None, "unknown")] == [
        (row.vlan, row.vlan_source) for row in found.values()
    ]
    assert (30, 31) == found[8].vlans


def test_shared_learning() -> None:
    """SVL: all VLANs learn into one FID, whose number is that of a VLAN too. None of them is chosen, whatever time marks."""
    maps = {(*o.VLAN_FDB_ID, mark, vlan): 1 for mark, vlan in ((0, 1), (7, 20), (0, 30), (3, 30))}
    row = only(device(fdb=learned_q(1, 2), maps=maps))
    assert (None, (1, 20, 30), "fdbid-shared", "ge2") == (row.vlan, row.vlans, row.vlan_source, row.port)


def test_fids_and_bridge_ports_are_not_what_they_look_like() -> None:
    """FID 20 is VLAN 10 and FID 10 is VLAN 20; bridge port 2 is ifIndex 3 and bridge port 3 is ifIndex 2."""
    names = {(*o.IF_NAME, 2): b"two", (*o.IF_NAME, 3): b"three", (*o.IF_TYPE, 2): 6, (*o.IF_TYPE, 3): 6}
    ports = {(*o.BASE_PORT_IFINDEX, 2): 3, (*o.BASE_PORT_IFINDEX, 3): 2}
    maps = {(*o.VLAN_FDB_ID, 0, 10): 20, (*o.VLAN_FDB_ID, 0, 20): 10}
    rows = every_fdb_row(Walk({**names, **ports, **maps, **learned_q(10, 2), **learned_q(20, 3)}))
    assert {(20, 3, "three"), (10, 2, "two")} == {(row.vlan, row.ifindex, row.port) for row in rows}


def test_walks_that_were_cut_off() -> None:
    """After the ports of the table: weak rows. After half of dot1dBasePort, or before it: no port. No column: no rows."""
    whole = device(
        fdb={**learned_q(10, 1), **learned_q(10, 4, mac=(2, 0, 0, 0, 0, 4))}, maps={(*o.VLAN_FDB_ID, 0, 10): 10}
    )
    objects = {(*root, *instance): value for root in ALL for instance, value in whole.column(root).items()}

    def cut(*wanted: tuple[int, ...]) -> list[tuple[str, str | None, bool]]:
        kept = {oid: value for oid, value in objects.items() if not any(oid[: len(w)] == w for w in wanted)}
        return [(str(row.verdict), row.port, row.weak) for row in every_fdb_row(Walk(kept))]

    assert [("port", "ge1", False), ("port", "ge4", False)] == cut()
    assert [("port", "ge1", False), ("port", "ge4", True)] == cut((*o.Q_FDB_STATUS, 10, 2, 0, 0, 0, 0, 4))
    assert [("port", "ge1", False), ("unresolved", None, False)] == cut((*o.BASE_PORT_IFINDEX, 4))
    assert [("unresolved", None, False)] * 2 == cut(o.BASE_PORT_IFINDEX)
    assert [("unnamed", None, False)] * 2 == cut(o.IF_NAME)
    assert [] == cut(o.Q_FDB_PORT)


def test_vlans_of_juniper() -> None:
    """FIDs are large numbers there; its own tables have their tags, with ELS and without."""
    els = {(*o.JUNIPER_L2_TAG, 5): 120, (*o.JUNIPER_L2_FID, 5): 7_864_320}
    assert (120, "vendor") == _vlan(device(fdb=learned_q(7_864_320, 1), els=els))
    assert (130, "vendor") == _vlan(device(fdb=learned_q(6, 1), ex={(*o.JUNIPER_EX_TAG, 6): 130}))


def _vlan(walk: Walk) -> tuple[int | None, str]:
    row = only(walk)
    return row.vlan, row.vlan_source


def test_an_index_with_a_length() -> None:
    """Some agents put the length of the MAC before it."""
    row = only(device(fdb={(*o.Q_FDB_PORT, 10, 6, *PC): 2}))
    assert (PC_TEXT, 10, "ge2") == (row.mac, row.vlan, row.port)


def test_tp_link_counts_its_ports_from_another_number() -> None:
    """FDB port n is bridge port 49152 + n, and only there."""
    ports = {(*o.BASE_PORT_IFINDEX, 49_160): 49_160, (*o.IF_NAME, 49_160): b"gigabitEthernet 1/0/8"}
    maker = {o.SYS_OBJECT_ID: (*o.TP_LINK, 5, 190)}
    assert "gigabitEthernet 1/0/8" == only(device(fdb=learned_q(10, 8), ports=ports, maker=maker)).port
    assert Verdict.UNRESOLVED is only(device(fdb=learned_q(10, 8), ports=ports)).verdict


def test_the_view_of_each_vlan() -> None:
    """A Cisco shows names in the base view, and bridge ports and MACs in each VLAN's; the base view's rows have no VLAN."""
    view = Walk({(*o.BASE_PORT_IFINDEX, 9): 104, **learned_d(9)})
    (row,) = every_fdb_row(device(fdb=learned_d(1, mac=(2, 0, 0, 0, 0, 9))), {20: view})
    assert (20, "context", "ge4") == (row.vlan, row.vlan_source, row.port)


def test_a_number_of_another_view() -> None:
    """Bridge port 3 of the base view is no bridge port of VLAN 20's, which has ports: a bridge of its own (RFC 4188). A view
    without ports has those of the base view."""
    ports: dict[Oid, Value] = {(*o.BASE_PORT_IFINDEX, 9): 104}
    (row,) = every_fdb_row(device(), {20: Walk({**ports, **learned_d(3)})})
    assert (Verdict.UNRESOLVED, None) == (row.verdict, row.port)
    (row,) = every_fdb_row(device(), {20: Walk(learned_d(3))})
    assert (Verdict.PORT, "ge3") == (row.verdict, row.port)


def test_rows_that_moved_during_the_walk() -> None:
    """A status without a port is left out and counted; a port without a status is weak."""
    counts = FdbCounts()
    odd = {(*o.Q_FDB_STATUS, 10, 2, 0, 0, 0, 0, 2): 3, **learned_q(10, 2, mac=(2, 0, 0, 0, 0, 3), status=None)}
    rows = every_fdb_row(device(fdb=learned_q(10, 1), odd=odd), None, counts)
    assert [False, True] == [row.weak for row in rows]
    assert (1, 1) == (counts.without_port, counts.ragged)


@pytest.mark.parametrize("tail", [(5, *PC), (0, 6, *PC), (6, *PC, 1), (6,), ()])
def test_lengths_in_an_index_that_do_not_fit(tail: tuple[int, ...]) -> None:
    """Only 6 and six octets, or six octets."""
    counts = FdbCounts()
    every_fdb_row(device(fdb={(*o.Q_FDB_PORT, 10, *tail): 1}), None, counts)
    assert 1 == counts.odd_index


def test_a_member_and_its_aggregate() -> None:
    """A MAC is learned on the member by number, or on the aggregate: both are told to be one, neither the other's name."""
    parts = {
        (*o.IF_NAME, 900): b"Uplink",
        (*o.IF_TYPE, 900): 161,
        (*o.IF_STACK, 900, 101): 1,
        (*o.BASE_PORT_IFINDEX, 9): 900,
    }
    rows = every_fdb_row(device(lag=parts, a=learned_q(10, 1), b=learned_q(10, 9, mac=(2, 0, 0, 0, 0, 9))))
    assert [("ge1", True), ("Uplink", True)] == [(row.port, row.lag) for row in rows]


def test_an_index_that_is_no_mac() -> None:
    """Counted, and the others stay."""
    counts = FdbCounts()
    odd = {(*o.Q_FDB_PORT, 10, 2, 0, 0): 1, (*o.Q_FDB_PORT, 10, 2, 0, 0, 0, 0, 999): 1}
    assert 1 == len(every_fdb_row(device(fdb=learned_q(10, 1), odd=odd), None, counts))
    assert 2 == counts.odd_index


def test_one_answer_for_a_mac_in_two_tables() -> None:
    """The inventory wants the row that has a VLAN. If the tables name different ports, both stay: a conflict."""
    assert [10] == [row.vlan for row in fdb_rows(device(q=learned_q(10, 1), d=learned_d(1)))]
    assert 2 == len(fdb_rows(device(q=learned_q(10, 1), d=learned_d(2))))


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([o.Q_FDB_PORT, o.TP_FDB_PORT, o.HUAWEI_FDB_PORT, o.Q_FDB_STATUS, o.BASE_PORT_IFINDEX]),
            st.lists(st.integers(0, 300) | st.integers(0, 2**32 - 1), max_size=10).map(tuple),
        ).map(lambda pair: (*pair[0], *pair[1])),
        st.integers(-1, 2**64) | st.binary(max_size=8) | st.lists(st.integers(0, 9), max_size=4).map(tuple),
        max_size=20,
    )
)
def test_whatever_an_agent_says(objects: dict) -> None:  # type: ignore[type-arg]
    """No table breaks the resolver, and a row is a port only with an interface that has a name."""
    for row in every_fdb_row(Walk(objects), {20: Walk(objects)}):
        assert row.verdict is not Verdict.PORT or (row.ifindex and row.port)
