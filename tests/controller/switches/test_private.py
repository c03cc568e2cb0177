"""Forwarding tables of IEEE and of makers, as their MIBs define index and columns; what is not learned is no proof."""

from collections.abc import Sequence
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import DeviceError
from controller.core.sites import SwitchEntry
from controller.core.tables import FdbRow
from controller.switches.find import Finder
from controller.switches.mib import ieee, private, tagged
from controller.switches.mib import objects as o
from controller.switches.mib.fdb import FdbCounts, every_fdb_row, fdb_rows
from controller.switches.mib.walk import Oid, Value, Walk
from controller.switches.session import Session
from controller.switches.snmp import SnmpDriver
from controller.switches.views import Views
from controller.switches.wire.setting import Setting
from playbooks.facts import Verdict
from tests.controller.switches.mibs import PC, PC_TEXT, device, learned_d, learned_q

AOSG = private.AOS_GLOBAL[1]
HUAWEI = (20, 1, 48, 1, 48, 0, *PC)  # VLAN, VSI "0", SI "0", bridge 0
Parts = dict[Oid, Value]


def made_by(enterprise: int) -> Parts:
    """sysObjectID."""
    return {o.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, enterprise, 1)}


# A row that says: PC is learned in VLAN 20 at ifIndex 103.
LEARNED: dict[str, tuple[int, Parts]] = {
    "hwq": (2011, {(*private.HUAWEI_QUERY, *HUAWEI, 1, 0, 0, 0, 0, 0): 103}),
    "hh3c": (25506, {(*private.HH3C_PORT, 20, *PC): 103, (*private.HH3C_STATUS, 20, *PC): 3}),
    "ruijie": (4881, {(*private.RUIJIE_COLUMNS[4881][0], 20, *PC): 103, (*private.RUIJIE_COLUMNS[4881][1], 20, *PC): 1}),
    "fs": (52642, {(*private.RUIJIE_COLUMNS[52642][0], 20, *PC): 103, (*private.RUIJIE_COLUMNS[52642][1], 20, *PC): 1}),
    "exos": (
        1916,
        {
            (*private.EXOS_PORT, *PC, 1_000_053): 103,
            (*private.EXOS_STATUS, *PC, 1_000_053): 3,
            (*private.EXOS_TAG, 1_000_053): 20,
        },
    ),
    "aos": (6486, {(*private.AOS_STATUS, 103, 20, *PC): 4, (*private.AOS_USE, 103, 20, *PC): 1}),
    "aosg": (6486, {(*AOSG, 1, 0, 103, 20, 0, *PC): 4, (*private.AOS_GLOBAL_USE[1], 1, 0, 103, 20, 0, *PC): 1}),
    "ieee": (
        248,
        {
            (*ieee.FDB_PORT, 1, 9, *PC): 3,
            (*ieee.FDB_STATUS, 1, 9, *PC): 3,
            (*ieee.VLAN_FID, 0, 1, 20): 9,
            (*ieee.PORT_IFINDEX, 1, 3): 103,
        },
    ),
}  # fmt: skip


def only(*parts: Parts) -> FdbRow:
    """The one row of a device with these objects besides."""
    (row,) = every_fdb_row(device(**{f"p{n}": part for n, part in enumerate(parts)}))
    return row


@pytest.mark.parametrize("table", LEARNED)
def test_a_learned_mac(table: str) -> None:
    """MAC, VLAN, interface; and the columns are asked for only of that maker's agents."""
    maker, parts = LEARNED[table]
    row = only(parts)
    assert (PC_TEXT, 20, 103, "ge3", Verdict.PORT, False) == (*row[:5], row.weak)
    columns = private.wanted(device(maker=made_by(maker)))
    assert {column for column in columns for oid in parts if oid[: len(column)] == column}
    assert all(any(oid[: len(column)] == column for column in columns) for oid in parts)


@pytest.mark.parametrize("table", LEARNED)
def test_the_standard_table_is_better(table: str) -> None:
    """Where Q-BRIDGE-MIB has rows the others are not read: they would say the same, at the price of another walk."""
    maker, parts = LEARNED[table]
    row = only(parts, learned_q(20, 1))
    assert ("q", "ge1") == (row.table, row.port)
    assert () == private.wanted(device(maker=made_by(maker), fdb=learned_q(20, 1)))


def test_a_table_without_vlans_beside_it() -> None:
    """BRIDGE-MIB's row for the same interface adds nothing; one for another is a conflict, and both stay."""
    _, parts = LEARNED["aos"]
    assert ["aos"] == [row.table for row in fdb_rows(device(private=parts, d=learned_d(3)))]
    assert ["aos", "d"] == sorted(row.table for row in fdb_rows(device(private=parts, d=learned_d(2))))


H, R, A = private.HH3C_STATUS, private.RUIJIE_COLUMNS[4881][1], private.AOS_STATUS


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"),
    [
        ("hh3c", (*H, 20, *PC), 7, (Verdict.PORT, True)),  # config dynamic
        ("hh3c", (*H, 20, *PC), 6, (Verdict.PORT, True)),  # config static
        ("hh3c", (*H, 20, *PC), 11, (Verdict.PORT, True)),  # security
        ("hh3c", (*H, 20, *PC), 1, (Verdict.PORT, True)),
        ("hh3c", (*H, 20, *PC), 5, (Verdict.PORT, True)),  # no such value
        ("hh3c", (*H, 20, *PC), 9, (Verdict.NO_PORT, False)),  # black hole
        ("ruijie", (*R, 20, *PC), 2, (Verdict.PORT, True)),
        ("ruijie", (*R, 20, *PC), 3, (Verdict.NO_PORT, False)),  # filter
        ("exos", (*private.EXOS_STATUS, *PC, 1_000_053), 4, (Verdict.SELF, False)),
        ("exos", (*private.EXOS_STATUS, *PC, 1_000_053), 5, (Verdict.MGMT, False)),
        ("exos", (*private.EXOS_PORT, *PC, 1_000_053), 0, (Verdict.NO_PORT, False)),
        ("exos", (*private.EXOS_PORT, *PC, 1_000_053), 4242, (Verdict.UNNAMED, False)),
        ("aos", (*A, 103, 20, *PC), 1, (Verdict.PORT, True)),  # permanent
        ("aos", (*A, 103, 20, *PC), 5, (Verdict.NO_PORT, False)),  # static multicast
        ("aos", (*private.AOS_USE, 103, 20, *PC), 2, (Verdict.NO_PORT, False)),  # filtering
        ("aosg", (*private.AOS_GLOBAL_USE[1], 1, 0, 103, 20, 0, *PC), 2, (Verdict.NO_PORT, False)),
        ("hwq", (*private.HUAWEI_QUERY, *HUAWEI, 1, 0, 0, 0, 0, 0), 0, (Verdict.NO_PORT, False)),  # behind a pseudo wire
        ("ieee", (*ieee.FDB_STATUS, 1, 9, *PC), 4, (Verdict.SELF, False)),
        ("ieee", (*ieee.FDB_STATUS, 1, 9, *PC), 1, (Verdict.PORT, True)),
        ("ieee", (*ieee.FDB_PORT, 1, 9, *PC), 0, (Verdict.NO_PORT, False)),
        ("ieee", (*ieee.FDB_PORT, 1, 9, *PC), 2, (Verdict.UNRESOLVED, False)),  # not a port of that component
        ("ieee", (*ieee.PORT_IFINDEX, 1, 3), 0, (Verdict.NO_PORT, False)),
    ],
)  # fmt: skip
def test_what_is_no_proof(table: str, column: Oid, value: int, expected: Any) -> None:
    """Configured, secure, filtered, the switch's own, no port."""
    row = only(LEARNED[table][1] | {column: value})
    assert expected == (row.verdict, row.weak)


@pytest.mark.parametrize("table", ["hh3c", "ruijie", "exos", "aos", "aosg", "ieee"])
def test_an_index_that_is_none(table: str) -> None:
    """Too short, too long, an octet above 255: counted, and no row."""
    (name, value), *_ = LEARNED[table][1].items()
    at = len(name) - (len(PC) + 1 if table == "exos" else len(PC))
    for odd in ((*name, 1), name[:-1], (*name[:at], 999, *name[at + 1 :])):
        counts = FdbCounts()
        assert (odd, ()) == (odd, every_fdb_row(device(odd={odd: value}), None, counts))
        assert 1 == counts.odd_index


@pytest.mark.parametrize("index", [(), (20,), (20, 99), (20, 1, 48, 1), HUAWEI, (*HUAWEI[:-1], 999, 1)])
def test_an_index_of_huawei_that_is_none(index: Oid) -> None:
    """Cut off anywhere, a length that leads beyond its end."""
    counts = FdbCounts()
    assert () == every_fdb_row(device(odd={(*private.HUAWEI_QUERY, *index): 103}), None, counts)
    assert counts.odd_index == bool(index)


def test_rows_for_other_questions() -> None:
    """hwDynMacAddrQueryTable has a row for each way to ask; only `showall` counts. Names of any length stand before the MAC."""
    assert () == every_fdb_row(device(fdb={(*private.HUAWEI_QUERY, *HUAWEI, 9, 0, 0, 103, 0, 0): 103}))
    long = (20, 3, 118, 115, 105, 0, 0, *PC, 1, 0, 0, 0, 0, 0)
    assert (PC_TEXT, "ge3") == (
        only({(*private.HUAWEI_QUERY, *long): 103}).mac,
        only({(*private.HUAWEI_QUERY, *long): 103}).port,
    )


@pytest.mark.parametrize("domain", [0, 2, 3, 4, 5, 6])
def test_domains_other_than_vlans(domain: int) -> None:
    """VPLS, SPBM, VXLAN: an origin is an SAP or an SDP there."""
    assert Verdict.NO_PORT is only({(*AOSG, domain, 1, 103, 20, 0, *PC): 4}).verdict


def test_components_have_ports_of_their_own() -> None:
    """Port 3 of component 2 is not port 3 of component 1, and their FIDs are not the same VLANs."""
    ports = {(*ieee.PORT_IFINDEX, 1, 3): 103, (*ieee.PORT_IFINDEX, 2, 3): 102}
    maps = {(*ieee.VLAN_FID, 0, 1, 20): 9, (*ieee.VLAN_FID, 0, 2, 30): 9}
    row = only({(*ieee.FDB_PORT, 2, 9, 6, *PC): 3}, ports, maps)
    assert (30, 102, "ge2") == (row.vlan, row.ifindex, row.port)


def test_ports_of_the_old_mib_only() -> None:
    """One component has the same numbers as dot1dBasePort; a second one has not."""
    assert (Verdict.PORT, "ge3") == (
        only({(*ieee.FDB_PORT, 1, 9, *PC): 3}).verdict,
        only({(*ieee.FDB_PORT, 1, 9, *PC): 3}).port,
    )
    assert Verdict.UNRESOLVED is only({(*ieee.FDB_PORT, 2, 9, *PC): 3}).verdict


class Agent(Session):
    """Has these objects; `deaf` to questions for a maker's columns."""

    def __init__(self, walk: Walk, *, deaf: bool = False) -> None:
        self.walk, self.deaf = walk, deaf
        self.asked: list[Oid] = []

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Instances."""
        return [self.walk.get(oid) for oid in oids]

    def offers(self, oid: Oid) -> bool:
        """Nothing is asked for here."""
        raise AssertionError

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Whole columns."""
        self.asked += roots
        if self.deaf and {private.HH3C_PORT, tagged.CISCO_TRUNK} & set(roots):
            raise DeviceError("genErr")
        return {root: dict(self.walk.column(root)) for root in roots}

    def set(self, *settings: Setting) -> list[Value]:
        """Nothing is written here."""
        raise AssertionError

    def close(self) -> None:
        """Nothing to close."""


ENTRY = SwitchEntry(name="sw1", site="s", address="192.0.2.1")


@pytest.mark.parametrize("deaf", [False, True])
def test_an_agent_of_a_maker(deaf: bool) -> None:
    """The driver asks for the maker's columns after the standard ones; if the agent cannot, the standard rows are kept."""
    _, parts = LEARNED["hh3c"]
    agent = Agent(device(maker=made_by(25506), private=parts, d=learned_d(3)), deaf=deaf)
    driver = SnmpDriver(ENTRY, agent, SystemClock())
    assert [("d" if deaf else "hh3c", "ge3")] == [(row.table, row.port) for row in driver.fdb()]
    found = driver.find(PC_TEXT)
    assert ["ge3"] == [row.port for row in found or ()] if deaf else found is None


def test_an_agent_with_the_standard_table() -> None:
    """It is asked for nothing else."""
    agent = Agent(device(maker=made_by(25506), q=learned_q(20, 3)))
    assert ["q"] == [row.table for row in SnmpDriver(ENTRY, agent, SystemClock()).fdb()]
    assert not {private.HH3C_PORT, ieee.FDB_PORT} & set(agent.asked)


def test_one_mac_cannot_be_asked_for() -> None:
    """What a private table knows is not in the standard ones: a question for one MAC says that the tables must be read."""
    finder = Finder(None, Views(None, "2c"))  # type: ignore[arg-type]  # nobody is asked
    finder.remember({}, ())
    finder.forget()
    assert (None, None) == (finder.find(PC_TEXT), finder.questions(PC_TEXT, None, None))


def test_makers_without_such_a_table() -> None:
    """A Cisco shows its VLANs in views; any other agent without Q-BRIDGE rows is asked for IEEE's tables."""
    assert () == private.wanted(device(maker=made_by(9)))
    assert ieee.COLUMNS == private.wanted(device(maker=made_by(99999)))
    assert ieee.COLUMNS == private.wanted(Walk({}))
