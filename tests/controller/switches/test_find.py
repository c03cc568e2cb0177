"""One MAC or address by a few GETs says what the whole table says (needs the shared data)."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.core.errors import CommandRejected
from controller.switches.find import Ahead, Finder
from controller.switches.mib import objects as o
from controller.switches.mib.arp import arp_rows
from controller.switches.mib.fdb import fdb_rows
from controller.switches.mib.snmprec import read_recording
from controller.switches.mib.walk import Oid, Value, Walk
from controller.switches.session import Session
from controller.switches.views import Views, vlans
from controller.switches.wire.setting import Setting
from tests.controller.switches.test_walks import DEVICES

ROOTS = (*o.FDB_COLUMNS, o.IF_NAME, o.IF_DESCR, o.IF_TYPE, o.LAG_ATTACHED)


class Recorded(Session):
    """A session that answers from recordings; contexts are their views."""

    def __init__(self, folder: Path, name: str) -> None:
        self._views = {"": read_recording(folder / f"{name}.snmprec").walk()}
        for path in folder.glob(f"{name}@*.snmprec"):
            self._views[path.stem.split("@")[1]] = read_recording(path).walk()
        self.questions = 0

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Instances."""
        self.questions += 1
        return [self._view(context).get(oid) for oid in oids]

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Whole columns."""
        return {root: dict(self._view(context).column(root)) for root in roots}

    def set(self, *settings: Setting) -> list[Value]:
        """Nothing is written here."""
        raise AssertionError

    def close(self) -> None:
        """Nothing to close."""

    def _view(self, context: str) -> Walk:
        if context not in self._views:
            raise CommandRejected("the agent has no such context")
        return self._views[context]


@pytest.mark.parametrize("device", DEVICES)
def test_as_the_table_says(data_dir: Path, device: str) -> None:
    """Every twentieth MAC of every device: the same rows, in at most five questions and a few a VLAN view."""
    session = Recorded(data_dir / "switches" / "snmprec", device)
    views = Views(session, "2c")
    finder = Finder(session, views)
    columns = session.columns(ROOTS)
    seen = views.read(Walk.by_column(columns))
    expected = fdb_rows(Walk.by_column(columns), seen)
    finder.remember(columns, seen)
    for mac in sorted({row.mac for row in expected})[::20]:
        session.questions = 0
        found = finder.find(mac)
        assert found is not None
        rows = [row._replace(ragged=False) for row in expected if row.mac == mac]  # an answer is of one moment
        assert sorted(map(repr, found)) == sorted(map(repr, rows))
        assert session.questions <= 2 + 2 * len(seen)
    assert () == finder.find("02:ff:ff:ff:ff:fe")


def test_views_of_a_cisco(data_dir: Path) -> None:
    """VLANs by VTP; those without a view are passed over. After two refusals at the start none is asked for again."""
    session = Recorded(data_dir / "switches" / "snmprec", "cisco-c3560-juet")
    base = Walk.by_column(session.columns(ROOTS))
    assert [1, 100, 950] == vlans(base)
    assert {100, 950} == set(Views(session, "2c").read(base))
    by_context = Views(session, "3")
    assert ({}, "vlan-100") == (by_context.read(base), by_context.context(100))
    assert by_context.refused


def test_before_any_reading(data_dir: Path) -> None:
    """Nothing is known: the table has to be read."""
    session = Recorded(data_dir / "switches" / "snmprec", "h3c-e528-2")
    finder = Finder(session, Views(session, "2c"))
    assert (None, None) == (finder.find("02:00:00:00:00:01"), finder.bindings("10.1.123.1"))


def test_an_address(data_dir: Path) -> None:
    """The bindings that the ARP table has for it; IPv6 is looked up in the table."""
    session = Recorded(data_dir / "switches" / "snmprec", "h3c-e528-2")
    finder = Finder(session, Views(session, "2c"))
    rows = arp_rows(Walk.by_column(session.columns((o.ARP_MAC,))))
    finder.remember_addresses(rows)
    assert [rows[0]] == list(finder.bindings(rows[0].ip) or ())
    assert () == finder.bindings("10.255.255.1")
    assert None is finder.bindings("fe80::1")


@pytest.mark.parametrize("device", DEVICES)
def test_asked_ahead(data_dir: Path, device: str) -> None:
    """Asked in one go, a MAC's rows are those of one question after the other; the interface is asked for once more where it
    is another one than was thought."""
    session = Recorded(data_dir / "switches" / "snmprec", device)
    finder = Finder(session, views := Views(session, "2c"))
    columns = session.columns(ROOTS)
    seen = views.read(Walk.by_column(columns))
    finder.remember(columns, seen)
    for mac in sorted({row.mac for row in fdb_rows(Walk.by_column(columns), seen)})[::40]:
        expected = finder.find(mac)
        ports = {row.bridge_port for row in expected or ()}
        for thought in (*ports, 9999, None):
            questions = finder.questions(mac, None, thought)
            assert questions is not None
            session.questions = 0
            assert expected == finder.find(mac, Ahead(session, questions))
            once = thought is not None and ports == {thought} and not seen
            # TP-Link has interfaces of two kinds for one number.
            assert not once or session.questions <= 1 + device.startswith("tplink")
