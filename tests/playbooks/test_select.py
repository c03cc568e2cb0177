"""Playbooks: which one answers, what it does on a shared port, and complaints that name the key."""

from pathlib import Path
from typing import Any

import pytest

from controller.core.errors import ConfigError
from controller.runtime.choose import load_playbooks
from playbooks.facts import Location, NeighbourKind, PortFacts, Quarantine, Verdict
from playbooks.plan import Admin, Oper, PortRef, PortState, Verb
from playbooks.select import PlaybookError, action_for, choose, load

NONE = Quarantine()
PORT = PortRef(switch="sw1", ifindex=4, name="ge1")
BOOK: dict[str, Any] = {"name": "x", "version": 1, "title": {"en": "X", "zh": "某"}, "when": {}, "verbs": ["shut"]}


def facts(*macs: str, neighbours: tuple[NeighbourKind, ...] = ()) -> PortFacts:
    """A port with these MACs."""
    state = PortState(port=PORT, admin=Admin.UP, oper=Oper.UP, read_ms=1)
    return PortFacts(state=state, macs=macs, neighbours=neighbours, read_ms=1)


def where(mac: str | None = "m1") -> Location:
    """A location on that port."""
    return Location(mac=mac, port=PORT, verdict=Verdict.PORT, located_ms=1)


@pytest.mark.parametrize(
    ("alert", "name"),
    [
        ({"severity": "high", "response": "auto", "detector": "sweep"}, "shut-port"),
        ({"severity": "critical", "response": "approve", "detector": "portscan"}, "shut-port"),
        ({"severity": "medium", "response": "recommend", "detector": "sweep"}, "observe"),
        ({"severity": "high", "response": "none", "detector": "sweep"}, None),
        ({"severity": "unheard of", "response": "auto", "detector": "sweep"}, None),
    ],
)
def test_which_playbook_answers(alert: dict[str, str], name: str | None) -> None:
    """The shipped ones: strong alerts shut, weak ones are observed, others are left alone."""
    found = choose(alert, load_playbooks(None).values())
    assert name == (found.name if found else None)


def test_the_least_action_that_works() -> None:
    """Alone on its port: shut. Behind a phone or beside others: only its MAC is blocked."""
    verbs = (Verb.SHUT, Verb.MAC_BLOCK)
    assert Verb.SHUT is action_for(verbs, where(), facts("m1"), NONE).verb
    assert Verb.MAC_BLOCK is action_for(verbs, where(), facts("m1", "m2"), NONE).verb
    phone = facts("m1", neighbours=(NeighbourKind.PHONE,))
    assert (Verb.MAC_BLOCK, "m1") == (
        action_for(verbs, where(), phone, NONE).verb,
        action_for(verbs, where(), phone, NONE).mac,
    )


def test_quarantine_needs_a_vlan() -> None:
    """Without a quarantine VLAN on that switch the next verb is taken."""
    verbs = (Verb.QUARANTINE_VLAN, Verb.SHUT)
    assert Verb.SHUT is action_for(verbs, where(), facts("m1"), NONE).verb
    assert (Verb.QUARANTINE_VLAN, 666) == (
        action_for(verbs, where(), facts("m1"), Quarantine(vlan=666, isolated=True)).verb,
        666,
    )


def test_escalation() -> None:
    """10 minutes, 1 hour, 24 hours, 7 days, and it stays there."""
    book = load_playbooks(None)["shut-port"]
    assert [600, 3600, 86_400, 604_800, 604_800] == [book.duration_s(n) for n in range(5)]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"verbs": ["explode"]}, "verbs"),
        ({"verbs": []}, "verbs"),
        ({"when": {"min_severity": "bad"}}, "when.min_severity"),
        ({"version": 0}, "version"),
        ({"name": "Has Spaces"}, "name"),
        ({"extra": 1}, "extra"),
        ({"probation_s": -1}, "probation_s"),
    ],
)
def test_complaints_name_file_and_key(change: dict[str, Any], key: str) -> None:
    """Which file, which key."""
    with pytest.raises(PlaybookError, match=f"x.yaml.*{key}"):
        load({**BOOK, **change}, source="x.yaml")


def test_a_folder_of_ones_own_replaces_by_name(tmp_path: Path) -> None:
    """A site's own shut-port wins over the shipped one; a broken file is a configuration error."""
    text = "name: shut-port\nversion: 2\ntitle: {en: Ours, zh: 我们的}\nwhen: {}\nverbs: [observe]\n"
    (tmp_path / "shut-port.yaml").write_text(text, encoding="utf-8")
    assert 2 == load_playbooks(tmp_path)["shut-port"].version
    (tmp_path / "broken.yaml").write_text("name: x\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken.yaml"):
        load_playbooks(tmp_path)


def test_only_what_the_switch_offers() -> None:
    """A verb that the driver lacks is passed over; a bounce is offered wherever shut is."""
    verbs = (Verb.MAC_BLOCK, Verb.QUARANTINE_VLAN, Verb.SHUT)
    isolated = Quarantine(vlan=666, isolated=True)
    shut_only = frozenset({Verb.SHUT})
    assert Verb.SHUT is action_for(verbs, where(), facts("m1"), isolated, shut_only).verb
    assert Verb.BOUNCE is action_for((Verb.BOUNCE,), where(), facts("m1"), NONE, shut_only).verb
    nothing = action_for((Verb.MAC_BLOCK,), where(), facts("m1"), NONE, shut_only)
    assert Verb.MAC_BLOCK is nothing.verb  # and the guard refuses it: verb-missing


def test_least_first_on_a_shared_port() -> None:
    """Whatever the playbook's order, a shared port gets the least that works (law 8)."""
    verbs = (Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.MAC_BLOCK)
    assert Verb.MAC_BLOCK is action_for(verbs, where(), facts("m1", "m2"), Quarantine(vlan=6, isolated=True)).verb


def test_no_quarantine_where_machines_could_meet() -> None:
    """A VLAN that is not isolated is none."""
    verbs = (Verb.QUARANTINE_VLAN, Verb.SHUT)
    assert Verb.SHUT is action_for(verbs, where(), facts("m1"), Quarantine(vlan=666)).verb


def test_a_playbook_cannot_only_end_sessions() -> None:
    """disconnect keeps nobody off, so no alert is answered with it."""
    with pytest.raises(PlaybookError, match="keeps nobody off"):
        load({**BOOK, "verbs": ["shut", "disconnect"]}, source="x.yaml")
