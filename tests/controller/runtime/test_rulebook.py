"""The switch file in the words of the engine: classes, windows with time zones, quarantine VLANs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from controller.containment.whereabouts import QuarantineVlans
from controller.core.sites import SwitchFile
from controller.runtime.rulebook import FileRulebook
from playbooks.facts import Location, Maintenance, Verdict
from playbooks.mode import Mode, stricter
from playbooks.plan import PortRef
from playbooks.request import Target

PUMP, PACS, PC = "00:11:22:00:00:01", "00:aa:bb:00:00:01", "02:00:00:00:00:01"


def file(site: dict[str, Any] | None = None, switch: dict[str, Any] | None = None, **more: Any) -> SwitchFile:
    """A file with one site and one switch."""
    return SwitchFile.model_validate(
        {
            "sites": [{"name": "clinic", "mode": "auto", **(site or {})}],
            "switches": [{"name": "sw1", "site": "clinic", "address": "192.0.2.1", **(switch or {})}],
            **more,
        }
    )


def located(mac: str | None = PC, ip: str | None = None) -> Location:
    """On sw1 ge1."""
    port = PortRef(switch="sw1", ifindex=1, name="ge1")
    return Location(mac=mac, ip=ip, port=port, verdict=Verdict.PORT, located_ms=1)


PROTECTED = {
    "protected_classes": [{"name": "life-support", "approvals": 3}, {"name": "server", "ask": True}],
    "protected": [
        {"mac": "00:11:22", "kind": "life-support", "why": "infusion pumps"},
        {"mac": PACS, "kind": "server", "why": "PACS"},
        {"ip": "10.1.8.0/24", "why": "clinical gateways"},
    ],
}


def test_classes_decide_how_many_people() -> None:
    """A vendor's MACs, one MAC, a network: each with its class; the strictest decides where several fit."""
    book = FileRulebook(file(**PROTECTED))
    pump = book.protection(located(PUMP), Target(mac=PUMP))
    assert (("life-support MAC 00:11:22 (infusion pumps)",), 3, False) == (pump.hits, pump.approvals, pump.ask)
    assert book.protection(located(PACS), Target(mac=PACS)).ask
    both = book.protection(located(PACS, "10.1.8.7"), Target(mac=PACS))
    assert (2, 2, False) == (len(both.hits), both.approvals, both.ask)
    assert () == book.protection(located(PC, "10.1.9.7"), Target(mac=PC)).hits


def test_protected_port() -> None:
    """A port may be protected by name, in any spelling of it."""
    for written in ("ge1", "GE 1", "GigabitEthernet1"):
        book = FileRulebook(file(switch={"protected_ports": [written]}))
        assert ("port ge1 of sw1",) == book.protection(located(), Target(mac=PC)).hits
    other = FileRulebook(file(switch={"protected_ports": ["ge11"]}))
    assert () == other.protection(located(), Target(mac=PC)).hits


@pytest.mark.parametrize(
    "wrong",
    [
        {"protected": [{"mac": PC, "kind": "nothing", "why": "x"}]},
        {"protected": [{"why": "x"}]},
        {"protected_classes": [{"name": "pumps"}, {"name": "pumps", "approvals": 1}]},
        {"sites": [{"name": "clinic"}, {"name": "clinic", "mode": "auto"}]},
        {"protected": [{"ip": "10.1.8.0/44", "why": "x"}]},
        {"switch": {"quarantine_range": [20, 10]}},
        {"switch": {"quarantine_range": [10, 20], "quarantine_vlan": 666}},
        {"site": {"time_zone": "Mars/Olympus"}},
        {"site": {"maintenance": [{"name": "x", "begins": "22:00"}]}},
        {"site": {"maintenance": [{"name": "x", "begins": "22:00", "ends": "23:00", "first": "2026-01-01T00:00"}]}},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    """Unknown classes, networks, zones and half windows are errors of the file."""
    with pytest.raises(ValidationError):
        file(**wrong)


NIGHT = {"name": "night", "begins": "22:00", "ends": "06:00", "days": ["fri"]}


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [
        ("2026-11-27T13:59", False),  # Friday 21:59 in Shanghai
        ("2026-11-27T14:00", True),
        ("2026-11-27T21:59", True),  # Saturday 05:59 there: Friday's window
        ("2026-11-27T22:00", False),
        ("2026-11-28T14:30", False),  # Saturday night
    ],
)
def test_a_window_over_midnight_in_its_time_zone(utc: str, is_open: bool) -> None:
    """It opens by the clock on the wall of the site."""
    book = FileRulebook(file(site={"time_zone": "Asia/Shanghai", "maintenance": [NIGHT]}))
    now_ms = int(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1000)
    assert ((Maintenance(name="night"),) if is_open else ()) == book.maintenance("sw1", now_ms)


def test_a_window_of_one_switch_once() -> None:
    """From first to last in its own zone, with approval only; in summer time too."""
    window = {"name": "swap", "first": "2026-07-01T08:00", "last": "2026-07-01T10:00", "time_zone": "Europe/Berlin"}
    book = FileRulebook(file(switch={"maintenance": [{**window, "policy": "approve"}]}))
    at = datetime(2026, 7, 1, 6, 0, tzinfo=UTC).timestamp() * 1000
    assert (Maintenance(name="swap", asks=True),) == book.maintenance("sw1", int(at))
    assert () == book.maintenance("sw1", int(at) - 1)
    assert () == book.maintenance("sw1", int(at) + 7_200_000)


def test_quarantine_vlans() -> None:
    """One that is declared isolated, one that is not, a range of which each port has its own, none."""
    assert QuarantineVlans((666,)) == FileRulebook(file(switch={"quarantine_vlan": 666})).quarantine("sw1")
    isolated = {"quarantine_vlan": 666, "quarantine_isolated": True}
    assert FileRulebook(file(switch=isolated)).quarantine("sw1").isolated
    ranged = FileRulebook(file(switch={"quarantine_range": [900, 902]})).quarantine("sw1")
    assert QuarantineVlans((900, 901, 902), each_its_own=True) == ranged
    assert QuarantineVlans() == FileRulebook(file()).quarantine("sw1")
    assert QuarantineVlans() == FileRulebook(file()).quarantine("unheard of")


def test_what_is_not_named_is_only_observed() -> None:
    """An unknown site or switch gives no freedom; of two modes the stricter holds."""
    book = FileRulebook(file())
    assert (Mode.OBSERVE, Mode.OBSERVE, Mode.AUTO) == tuple(book.mode_of(s) for s in (None, "other", "clinic"))
    assert "unknown" == book.kind_of("sw9")
    assert () == book.maintenance("sw9", 0)
    assert Mode.APPROVE is stricter(Mode.AUTO, Mode.APPROVE)
    assert Mode.OBSERVE is stricter(Mode.OBSERVE, Mode.APPROVE)
