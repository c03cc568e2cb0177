"""One alert for one endpoint's episode: what joins it, what it asks for then, and that its id stays."""

from dataclasses import replace

from controller.runtime.catalog import load_catalog
from detectors.alert import Endpoint, Finding, Response, Severity
from detectors.correlation import Correlation
from detectors.infection import Infections
from detectors.leniency import Leniency

from . import flows as f
from .behaviour import ATTACKER, ZERO, bruteforce, in_order, portscan, spread, sweep

NEWPEER = Finding(
    "newpeer", "T1021.002", Endpoint(f.ip_of(ATTACKER)), f.START_MS, f.START_MS, 1, (f.ip_of(9),), (445,), 1, 1,
    "new", 1, 1, sampling_known=True,
)  # fmt: skip


def correlation(host_roles: dict[bytes, str] | None = None) -> Correlation:
    """Nothing happened yet."""
    catalog = load_catalog()
    return Correlation(catalog, Leniency(catalog.roles, host_roles or {}, ()), Infections(catalog))


def test_another_detector_joins_the_open_alert() -> None:
    """Guessing, then a port scan by the same host: one id, two findings, each with its own sentence."""
    found = f.alerts(in_order([*bruteforce(), *portscan(at_ms=20_000, ports=12)]))
    assert 1 == len({alert.alert_id for alert in found})
    assert ["bruteforce", "portscan"] == [finding.detector for finding in found[-1].findings]
    first, second = (finding.text["en"] for finding in found[-1].findings)
    assert ("as a tool that guesses" in first, "tried" in second) == (True, True)


def test_what_joins_adds_to_the_score() -> None:
    """Its parts are told, the largest first, in both languages."""
    found = f.alerts(in_order([*bruteforce(), *portscan(at_ms=20_000, ports=12)]))[-1]
    assert ["portscan", "bruteforce"] == [part.detector for part in found.parts]
    assert 67.0 <= found.score <= 67.5
    assert all("portscan 37.5, bruteforce 30" in found.risk[language] for language in ("en", "zh"))


def test_responses_and_severity_only_rise() -> None:
    """Whatever joins."""
    found = f.alerts(in_order([*bruteforce(), *portscan(at_ms=20_000), *sweep(at_ms=40_000)]))
    assert [a.response for a in found] == sorted((a.response for a in found), key=list(Response).index)
    assert [a.severity for a in found] == sorted((a.severity for a in found), key=list(Severity).index)
    assert (Response.AUTO, Severity.HIGH) == (found[-1].response, found[-1].severity)


def test_spread_names_patient_zero_and_the_way() -> None:
    """The link says when and on what; the alert becomes critical."""
    alert = next(a for a in reversed(f.alerts(spread())) if a.endpoint.src_ip == f.ip_of(ATTACKER))
    assert (f.ip_of(ZERO), f.ip_of(ATTACKER)) == alert.chain
    (link,) = next(finding.links for finding in alert.findings if finding.links)
    assert (f.ip_of(ZERO), f.ip_of(ATTACKER), "445/tcp", f.START_MS + 2_100) == (
        link.attacker,
        link.victim,
        link.service,
        link.at_ms,
    )
    assert Severity.CRITICAL is alert.severity


def test_a_notice_alone_is_no_episode() -> None:
    """It is remembered, and raised by itself."""
    made = correlation()
    assert ([], False) == made.notice(f.packed(f.ip_of(ATTACKER)), NEWPEER, Severity.MEDIUM, {})
    assert 15.0 == made.ledger.assess((f.packed(f.ip_of(ATTACKER)), 0), f.START_MS).score


def test_a_notice_joins_an_open_episode() -> None:
    """The alert of the sweep is raised again with it; the same notice once more says nothing new."""
    running = f.engine()
    (before,) = f.alerts(bruteforce(), to=running)
    later = replace(NEWPEER, found_ms=f.START_MS + 30_000)
    who = f.packed(f.ip_of(ATTACKER))
    (alert,), says_all = running._correlation.notice(who, later, Severity.HIGH, {"en": "new", "zh": "新"})
    assert (before.alert_id, True) == (alert.alert_id, says_all)
    assert ["bruteforce", "newpeer"] == [finding.detector for finding in alert.findings]
    assert (Severity.HIGH, before.response) == (alert.severity, alert.response)
    assert ([], True) == running._correlation.notice(who, later, Severity.HIGH, {})


def test_a_notice_as_the_episode_opens_is_raised_by_itself_as_well() -> None:
    """Which of the two is read first depends on partitions: ids must not."""
    running = f.engine()
    (before,) = f.alerts(bruteforce(), to=running)
    at_once = replace(NEWPEER, found_ms=before.alerted_at + 1)
    assert not running._correlation.notice(f.packed(f.ip_of(ATTACKER)), at_once, Severity.LOW, {})[1]


def test_notices_of_a_declared_host_are_dropped() -> None:
    """Its role says that this is its work; counted."""
    who = f.packed(f.ip_of(ATTACKER))
    made = correlation({who: "dc"})
    assert ([], True) == made.notice(who, NEWPEER, Severity.HIGH, {})
    assert 1 == made.counts.excepted


def test_an_earlier_episode_makes_the_next_one_weigh_more() -> None:
    """A scan, an hour's quiet, then guessing: the scan is still in the score, as medium."""
    found = f.alerts(in_order([*portscan(), *bruteforce(at_ms=3_600_000)]))
    assert 2 == len({alert.alert_id for alert in found})
    last = found[-1]
    assert ["portscan", "bruteforce"] == [part.detector for part in last.parts]
    assert Response.RECOMMEND is last.response
