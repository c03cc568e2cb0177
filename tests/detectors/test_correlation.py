"""One alert for one endpoint's episode: what joins it, what it asks for then, and that its id stays."""

from dataclasses import replace

from controller.runtime.catalog import load_catalog
from detectors.alert import Endpoint, Finding, Response, Severity
from detectors.correlation import Correlation
from detectors.episode import MOST_FINDINGS, alert_id
from detectors.infection import Infections
from detectors.leniency import Leniency
from detectors.risk import RiskLedger
from detectors.source import Source
from detectors.spread import SourceKey
from detectors.weighing import Weighing

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
    """It is to be said by itself, with the score it contributes."""
    made = correlation()
    found, assessed = made.notice(f.packed(f.ip_of(ATTACKER)), NEWPEER, Severity.MEDIUM, {})
    assert assessed is not None
    assert ([], 15.0, ["newpeer"]) == (found, assessed.score, [part.detector for part in assessed.parts])


def test_a_notice_that_asks_opens_an_episode() -> None:
    """Under the id that any finding at that time would open it with; the next rule joins, and asks for more."""
    made, who = correlation(), f.packed(f.ip_of(ATTACKER))
    broken = replace(NEWPEER, detector="policy")
    (opened,), by_itself = made.notice(who, broken, Severity.MEDIUM, {"en": "no"}, Response.RECOMMEND)
    other = replace(broken, found_ms=f.START_MS + 500_000, targets=(f.ip_of(10),))
    (joined,), _ = made.notice(who, other, Severity.HIGH, {"en": "no"}, Response.AUTO)
    assert (None, alert_id(broken.endpoint, f.START_MS)) == (by_itself, opened.alert_id)
    assert (opened.alert_id, Response.RECOMMEND, Response.AUTO) == (joined.alert_id, opened.response, joined.response)
    assert (2, "policy", Severity.HIGH) == (len(joined.findings), joined.detector, joined.severity)


def test_a_notice_joins_an_open_episode() -> None:
    """The alert of the sweep is raised again with it; the same notice once more says nothing new."""
    running = f.engine()
    (before,) = f.alerts(bruteforce(), to=running)
    later = replace(NEWPEER, found_ms=f.START_MS + 30_000)
    who = f.packed(f.ip_of(ATTACKER))
    (alert,), by_itself = running._correlation.notice(who, later, Severity.HIGH, {"en": "new", "zh": "新"})
    assert (before.alert_id, None) == (alert.alert_id, by_itself)
    assert ["bruteforce", "newpeer"] == [finding.detector for finding in alert.findings]
    assert (Severity.HIGH, before.response) == (alert.severity, alert.response)
    assert ([], None) == running._correlation.notice(who, later, Severity.HIGH, {})


def test_a_full_list_of_findings_hides_no_response() -> None:
    """Notices beyond it are counted and make no alert of their own; one that asks for more is heard."""
    made, who = correlation(), f.packed(f.ip_of(ATTACKER))
    broken = replace(NEWPEER, detector="policy")
    for n in range(MOST_FINDINGS + 5):
        rule = replace(broken, found_ms=f.START_MS + n, targets=(f.ip_of(10 + n),))
        found = made.notice(who, rule, Severity.MEDIUM, {}, Response.RECOMMEND)
    assert (([], None), 5) == (found, made.counts.unlisted)
    (last,), _ = made.notice(who, replace(rule, targets=(f.ip_of(99),)), Severity.HIGH, {}, Response.AUTO)
    assert (Response.AUTO, MOST_FINDINGS) == (last.response, len(last.findings))


def test_what_was_said_by_itself_is_part_of_the_episode_that_follows() -> None:
    """A new peer, then guessing a minute later: the alert tells both; what was said an hour ago is another story."""
    running, who = f.engine(), f.packed(f.ip_of(ATTACKER))
    for at_ms in (f.START_MS - 3_600_000, f.START_MS - 60_000):
        running._correlation.notice(who, replace(NEWPEER, found_ms=at_ms), Severity.LOW, {"en": "new", "zh": "新"})
    (alert,) = f.alerts(bruteforce(), to=running)
    assert [("newpeer", f.START_MS - 60_000), ("bruteforce", alert.alerted_at)] == [
        (finding.detector, finding.found_ms) for finding in alert.findings
    ]
    assert "bruteforce" == alert.detector


def test_a_later_weak_spread_hides_no_strong_one() -> None:
    """Whichever came first, the strong one is weighed."""
    catalog = load_catalog()
    ledger: RiskLedger[SourceKey] = RiskLedger(catalog.risk, 10)
    weighing = Weighing(catalog, Leniency(catalog.roles, {}, ()), ledger)
    source = Source(f.packed(f.ip_of(ATTACKER)), NEWPEER.endpoint, 10)
    source.is_proven = True
    strong = replace(NEWPEER, detector="spread", chain=("a", "b"))
    weak, unknown = replace(strong, weak=True), replace(strong, sampling_known=False)
    evidence = ((strong, weak), (weak, strong), (weak, NEWPEER), (weak, unknown))
    told = [str(weighing.asks(source, findings, f.START_MS)["spread"]) for findings in evidence]
    assert ["auto", "auto", "recommend", "recommend"] == told


def test_three_failures_of_one_who_was_reached_are_no_proof() -> None:
    """A client that a scan reached, and three of whose servers are away: shown. As many failures as prove a sweep: acts."""
    reached = [*sweep(ZERO, targets=20), *f.answered(2_100, ZERO, ATTACKER)]
    failed = [f.tcp(5_000 + n * 1_000, ATTACKER, 400 + n) for n in range(6)]
    asked = []
    for count in (4, 6):
        found = f.alerts(in_order([*reached, *failed[:count]]))
        asked.append([a.response for a in found if a.endpoint.src_ip == f.ip_of(ATTACKER)][-1])
    assert [Response.RECOMMEND, Response.AUTO] == asked


def test_a_strong_spread_is_heard_after_a_weak_one() -> None:
    """A victim asks for three machines that are off (shown); then it fails at the very service it was reached on, at as many as
    prove it (acts)."""
    reached = [*sweep(ZERO, targets=20), *f.answered(2_100, ZERO, ATTACKER)]
    bare = [f.arp(5_000 + n * 1_000, ATTACKER, 400 + n) for n in range(3)]
    same = [f.tcp(12_000 + n * 1_000, ATTACKER, 410 + n) for n in range(5)]
    found = [a for a in f.alerts(in_order([*reached, *bare, *same])) if a.endpoint.src_ip == f.ip_of(ATTACKER)]
    assert 1 == len({alert.alert_id for alert in found})
    assert [Response.RECOMMEND, Response.AUTO] == [found[0].response, found[-1].response]
    assert [True, False] == [x.weak for x in found[-1].findings if x.detector == "spread"]


def test_notices_of_a_declared_host_are_dropped() -> None:
    """Its role says that this is its work; counted."""
    who = f.packed(f.ip_of(ATTACKER))
    made = correlation({who: "dc"})
    assert ([], None) == made.notice(who, NEWPEER, Severity.HIGH, {})
    assert 1 == made.counts.excepted


def test_an_earlier_episode_makes_the_next_one_weigh_more() -> None:
    """A scan, an hour's quiet, then guessing: the scan is still in the score, as medium."""
    found = f.alerts(in_order([*portscan(), *bruteforce(at_ms=3_600_000)]))
    assert 2 == len({alert.alert_id for alert in found})
    last = found[-1]
    assert ["portscan", "bruteforce"] == [part.detector for part in last.parts]
    assert Response.RECOMMEND is last.response
