"""Declared roles soften exactly what the catalog says, and nothing else; exceptions hold as long as they say."""

import pytest

from controller.runtime.catalog import load_catalog
from detectors.alert import Alert, Response, weaker
from detectors.episode import strongest
from detectors.exception import HostException
from detectors.leniency import Leniency, roles_of

from . import flows as f
from .behaviour import ATTACKER, BEHAVIOURS, sweep

WHO = f.packed(f.ip_of(ATTACKER))
ROLES = load_catalog().roles
NAMED = ("nms", "scanner", "backup", "print", "pacs", "dhcp", "dns", "dc", "balancer")


def said(alerts: list[Alert]) -> dict[str, Response]:
    """The most that alerts about the attacker asked for, by each detector whose findings they join."""
    mine = [alert for alert in alerts if alert.endpoint.src_ip == f.ip_of(ATTACKER)]
    asked: dict[str, Response] = {}
    for alert in mine:
        for detector in {alert.detector, *(found.detector for found in alert.findings)}:
            asked[detector] = strongest((asked.get(detector, Response.NONE), alert.response))
    return asked


@pytest.fixture(scope="module")
def undeclared() -> dict[str, dict[str, Response]]:
    """What each behaviour leads to where nothing is declared."""
    return {name: said(f.alerts(rows())) for name, rows in BEHAVIOURS.items()}


def test_every_look_alike_has_a_role() -> None:
    """Those that hospitals have are named in the shipped catalog."""
    assert set(NAMED) <= set(ROLES)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("role", [*sorted(ROLES), "clerk"])
def test_a_role_softens_exactly_what_the_catalog_says(
    undeclared: dict[str, dict[str, Response]], role: str, behaviour: str
) -> None:
    """A detector asks for no more than the role leaves it, and for no less; a role that nobody knows changes nothing."""
    limit = ROLES.get(role, {}).get(behaviour, Response.AUTO)
    expected = weaker(undeclared[behaviour][behaviour], limit)
    found = said(f.alerts(BEHAVIOURS[behaviour](), to=f.engine(host_roles={WHO: role})))
    assert expected is found.get(behaviour, Response.NONE)
    assert expected is strongest(found.values())


def test_behaviours_are_worth_softening(undeclared: dict[str, dict[str, Response]]) -> None:
    """Undeclared, each is found by its own detector, and all but guessing act: else the test above would prove nothing."""
    assert all(name in found for name, found in undeclared.items())
    assert {"sweep", "portscan", "spread"} == {n for n, found in undeclared.items() if Response.AUTO in found.values()}


def test_the_role_of_one_host_is_nobody_elses() -> None:
    """Another host that sweeps acts as ever."""
    *_, alert = f.alerts(sweep(7), to=f.engine(host_roles={WHO: "nms"}))
    assert (f.ip_of(7), Response.AUTO) == (alert.endpoint.src_ip, alert.response)


def test_an_exception_takes_the_evidence_with_it() -> None:
    """A host that may sweep is not closed off for its sweep because it also scanned a port."""
    allowed = HostException(WHO, "sweep", f.START_MS + 3_600_000, "j.doe")
    rows = [*sweep(), *(row for n in range(12) for row in f.refused(5_000 + n * 50, ATTACKER, 9, dport=1000 + n))]
    (alert,) = {a.alert_id: a for a in f.alerts(rows, to=f.engine(exceptions=[allowed]))}.values()
    assert ("portscan", Response.RECOMMEND) == (alert.detector, alert.response)


def test_an_exception_ends() -> None:
    """After its time the detector may accuse again."""
    lenient = Leniency(ROLES, {}, [HostException(WHO, "*", 100, "j.doe")])
    assert Response.NONE is lenient.most(WHO, "sweep", 99)
    assert Response.AUTO is lenient.most(WHO, "sweep", 100)


@pytest.mark.parametrize("data", [{"nms": {}}, {"nms": {"sweep": "never"}}, {"nms": "sweep"}])
def test_roles_that_are_none(data: dict[str, object]) -> None:
    """A role without detectors, or with a response that does not exist, is refused when the catalog is read."""
    with pytest.raises(ValueError, match=r"nms|never"):
        roles_of(data)
