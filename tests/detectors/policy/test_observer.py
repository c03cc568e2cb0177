"""policy: what a rule denies is told, by the rule's name and with what the rule asks for; the first rule that fits decides."""

import pytest

from controller.runtime.catalog import load_catalog
from detectors.address import INTERNAL, Networks
from detectors.alert import Alert, Response, Severity
from detectors.notice import explained, notice_id
from detectors.observers import daily_edges
from detectors.policy.groups import Groups
from detectors.policy.mapping import matrix_of
from detectors.policy.observer import Policy
from tests.detectors import flows as f

from .sites import DAY, PUMP, SERVER, SITE, STRANGER, broken, notices, observer, with_rules

ALONE = {"name": "alone", "from": "pumps", "action": "deny"}


def test_what_a_rule_denies() -> None:
    """The pump reaches a stranger over SMB: rule, pair, service and technique are named."""
    (found,) = notices(observer(), f.answered(0, PUMP, STRANGER))
    assert ("pumps are alone", "pumps", "other") == (
        found.words["rule"], found.words["from_group"], found.words["to_group"]
    )  # fmt: skip
    assert (f.ip_of(PUMP), (f.ip_of(STRANGER),), "445/tcp", "T1021.002") == (
        found.finding.endpoint.src_ip, found.finding.targets, found.finding.service, found.finding.technique
    )  # fmt: skip
    assert (Response.RECOMMEND, Severity.MEDIUM) == (found.response, found.severity)


def test_the_sentence_names_the_rule_in_both_languages() -> None:
    """With measured value and threshold."""
    (found,) = notices(observer(), f.answered(0, PUMP, STRANGER, dport=8080))
    said = explained(load_catalog(), found)
    named = ("pumps are alone", "8080/tcp", "pumps", "other", f.ip_of(STRANGER))
    assert all(word in said[language] for word in named for language in ("en", "zh"))
    assert "denies: 1, the threshold is 1" in said["en"]
    assert "阈值为 1" in said["zh"]
    assert "T1021" == found.finding.technique


def test_what_a_rule_allows() -> None:
    """Its port and its range of ports, both ends included; one port more is another rule's."""
    to = observer()
    assert [] == broken(to, [row for p in (443, 5000, 5010) for row in f.answered(0, PUMP, SERVER, dport=p)])
    assert 3 == to.counts.allowed
    assert ["pumps are alone"] == broken(to, f.answered(9, PUMP, SERVER, dport=5011))


def test_the_answer_accuses_nobody() -> None:
    """The server's packets to the pump are of the pump's connection."""
    denied = {"name": "servers never call", "from": "servers", "to": "pumps", "action": "deny"}
    assert [] == broken(observer(with_rules(denied)), f.answered(0, PUMP, SERVER, dport=443))


def test_without_a_fitting_rule_all_is_allowed() -> None:
    """Unless the site says otherwise."""
    assert [] == broken(observer(), f.answered(0, STRANGER, SERVER))
    assert ["default"] == broken(observer(with_rules(default="deny")), f.answered(0, STRANGER, SERVER))


@pytest.mark.parametrize("allowing_first", [True, False])
def test_of_overlapping_rules_the_first_decides(allowing_first: bool) -> None:
    """Though the other one fits as well."""
    allowed = {"name": "all may", "services": ["445/tcp"]}
    rules = [allowed, ALONE] if allowing_first else [ALONE, allowed]
    expected = [] if allowing_first else ["alone"]
    assert expected == broken(observer(with_rules(*rules)), f.answered(0, PUMP, SERVER))


def test_who_is_in_no_group() -> None:
    """`other` is a group that rules can name; `any` has everybody in it."""
    other = {"name": "strangers", "from": "other", "to": "servers", "action": "deny"}
    assert ["strangers"] == broken(observer(with_rules(other)), f.answered(0, STRANGER, SERVER))
    assert [] == broken(observer(with_rules(other)), f.answered(0, PUMP, SERVER))


def test_a_declared_role_comes_before_the_prefix() -> None:
    """The administrator's machine among the pumps is no pump."""
    assert [] == broken(observer(roles={PUMP: "admin"}), f.answered(0, PUMP, STRANGER))


def test_the_kind_comes_before_the_prefix_and_after_the_role() -> None:
    """As the inventory knows it at this moment."""
    printers = {"name": "printers answer only", "from": "printers", "action": "deny"}
    kinds: dict[bytes, str] = {}
    assert [] == broken(observer(with_rules(printers), kind_of=kinds.get), f.answered(0, PUMP, SERVER))
    kinds[f.packed(f.ip_of(PUMP))] = "printer"
    assert ["printers answer only"] == broken(
        observer(with_rules(printers), kind_of=kinds.get), f.answered(0, PUMP, SERVER)
    )
    admin = observer(with_rules(printers), kind_of=kinds.get, roles={PUMP: "admin"})
    assert [] == broken(admin, f.answered(0, PUMP, SERVER))


def test_the_longest_prefix_decides() -> None:
    """Whatever the order of groups; IPv6 beside IPv4."""
    data = {
        "groups": {
            "one": {"prefixes": ["10.77.0.2/32"]}, "floor": {"prefixes": ["10.77.0.0/16", "fd00::/16"]},
            "all": {"prefixes": ["0.0.0.0/0"]}, "six": {"prefixes": ["fd00:4::/64"]},
        }
    }  # fmt: skip
    groups = Groups(matrix_of(data).groups)
    addresses = ("10.77.0.2", "10.77.0.3", "10.1.1.1", "fd00:4::1", "fd00:5::1", "fe80::1")
    assert ["one", "floor", "all", "six", "floor", "other"] == [groups.group_of(f.packed(ip)) for ip in addresses]


def test_attempts_that_nobody_answered() -> None:
    """Silence and refusal are no connections: sweep and portscan see them."""
    assert [] == broken(observer(), [f.tcp(0, PUMP, STRANGER), *f.refused(10, PUMP, STRANGER)])


def test_once_a_day_for_each_source_and_rule() -> None:
    """A hundred machines are one notice; the next day it goes on and is told again, under another id."""
    to = observer()
    rows = [row for day in (0, 1) for n in range(100) for row in f.answered(day * DAY + n * 10, PUMP, STRANGER + n)]
    found = notices(to, rows)
    assert 2 == len(found) == len({notice_id(n) for n in found})
    assert (200, 198, 2) == (to.counts.violations, to.counts.repeated, to.counts.shown)


def test_unknown_sampling_only_recommends() -> None:
    """Whatever the rule asks for; an exporter that knows makes it what the rule says, under the same id."""
    data = with_rules({**ALONE, "response": "auto"})
    unknown = [row | {"has": row["has"] & ~int(f.Has.SAMPLING)} for row in f.answered(0, PUMP, STRANGER)]
    to = observer(data)
    found = notices(to, [*unknown, *f.answered(50, PUMP, STRANGER + 1)])
    assert [(Response.RECOMMEND, False), (Response.AUTO, True)] == [
        (n.response, n.finding.sampling_known) for n in found
    ]
    assert (1, 1) == (len({notice_id(n) for n in found}), to.counts.softened)


@pytest.mark.parametrize("slow", [True, False])
def test_what_only_port_numbers_tell_never_acts(slow: bool) -> None:
    """The middle of a connection, and a record of a whole one: an old client at port 1100 looks like a server. Shown by a
    handshake, or at a port that no client is given, the rule's own response stands."""
    rows = {
        "middle": f.tcp(0, STRANGER, PUMP, sport=1100, dport=50_000, flags=0x18),
        "record": f.tcp(0, PUMP + 1, STRANGER, dport=8080, flags=0x1B, version=f.Version.V9),
        "both ways": f.tcp(0, PUMP + 2, STRANGER, dport=8080, flags=0x1B, version=f.Version.IPFIX)
        | {"reverse_packets": 1},
        "administration": f.tcp(0, STRANGER, PUMP + 3, sport=3389, dport=50_000, flags=0x18),
        "system port": f.tcp(0, STRANGER, PUMP + 4, sport=443, dport=50_000, flags=0x18),
    }
    rows["both ways"]["has"] |= int(f.Has.REVERSE)
    found = notices(observer(with_rules({**ALONE, "response": "auto"}), slow=slow), rows.values())
    expected = ["recommend", "recommend", "auto", "auto", "auto"]
    assert expected == [str(n.response) for n in found]


@pytest.mark.parametrize("slow", [True, False])
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_any_batch_size_tells_the_same(batch: int, slow: bool) -> None:
    """Over midnight and with late rows, compiled and plain."""
    midnight = DAY - f.START_MS % DAY
    rows = [
        row
        for n in range(60)
        for row in f.answered(midnight - 30_000 + n * 1000 - (n % 5) * 1500, PUMP + n % 3, STRANGER + n % 7)
    ]
    expected = [notice_id(n) for n in notices(observer(), rows, batch=len(rows))]
    assert 6 == len(expected)
    assert expected == [notice_id(n) for n in notices(observer(slow=slow), rows, batch=batch)]


def test_rows_of_days_that_are_gone() -> None:
    """Counted and not looked at; yesterday's are."""
    to = observer()
    assert 1 == len(broken(to, f.answered(5 * DAY, PUMP, STRANGER)))
    assert 1 == len(broken(to, f.answered(4 * DAY, PUMP, STRANGER)))
    assert [] == broken(to, f.answered(3 * DAY, PUMP, STRANGER))
    assert (2, 2) == (to.edges.counts.late, to.edges.counts.new)


def test_what_was_told_is_bounded() -> None:
    """Evictions are counted, and what is told again has the id it had."""
    matrix = matrix_of(SITE)
    to = Policy(
        matrix, daily_edges(Networks(INTERNAL), slow=True), Groups(matrix.groups), technique="T1021", most_told=2
    )
    rows = [row for n in range(4) for row in f.answered(n * 10, PUMP + n, STRANGER)]
    found = notices(to, [*rows, *f.answered(99, PUMP, STRANGER + 1)])
    assert 3 == to.counts.evicted
    assert notice_id(found[0]) == notice_id(found[-1])


def raised(data: dict[str, object], rows: list[f.Row], **options: object) -> list[Alert]:
    """Alerts of an engine with this policy."""
    return f.alerts(rows, to=f.engine(observers=[observer(data)], **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", list(Response))
def test_the_alert_asks_for_what_the_rule_says(asked: Response) -> None:
    """None unless the rule says otherwise; port and MAC of the source are in it."""
    (alert,) = raised(with_rules({**ALONE, "response": str(asked)}), f.answered(0, PUMP, STRANGER))
    assert ("policy", asked, f.ip_of(PUMP)) == (alert.detector, alert.response, alert.endpoint.src_ip)


@pytest.mark.parametrize("batch", [1, 5, 64])
def test_alerts_are_the_same_in_any_batches(batch: int) -> None:
    """Beside an episode of another detector that opens among them: one alert, which asks for the same."""
    guessing = [row for n in range(30) for row in f.answered(n * 300, PUMP, SERVER, dport=22, sport=50_000 + n)]
    broken_later = [row for n in range(12) for row in f.answered(n * 900 + 40, PUMP, STRANGER + n, dport=8080 + n)]
    rows = sorted([*guessing, *broken_later], key=lambda row: row["received_ms"])
    data = with_rules(
        *(
            {**ALONE, "name": f"no {8080 + n}", "services": [f"{8080 + n}/tcp"], "response": "approve"}
            for n in range(12)
        )
    )

    def ends(size: int) -> dict[str, Response]:
        found = f.alerts(rows, batch=size, to=f.engine(observers=[observer(data)]))
        return {alert.alert_id: alert.response for alert in found}

    expected = ends(len(rows))
    assert [Response.APPROVE] == list(expected.values())
    assert expected == ends(batch)


def test_a_declared_scanner_is_left_alone() -> None:
    """Its role excuses it from policy."""
    scanner = {f.packed(f.ip_of(PUMP)): "scanner"}
    assert [] == raised(with_rules({**ALONE, "response": "auto"}), f.answered(0, PUMP, STRANGER), host_roles=scanner)


def test_a_violation_in_an_open_episode() -> None:
    """It joins, and makes the episode ask for what the rule asks for; a rule that asks for nothing changes nothing."""
    guessing = [row for n in range(30) for row in f.answered(n * 300, PUMP, SERVER, dport=22, sport=50_000 + n)]
    later = f.answered(60_000, PUMP, STRANGER, dport=8080)
    rule = {**ALONE, "services": ["8080/tcp"]}
    responses = {}
    for asked in ("none", "auto"):
        found = raised(with_rules({**rule, "response": asked}), [*guessing, *later])
        opened, joined = found[0], found[-1]
        assert (opened.alert_id, ["bruteforce", "policy"]) == (joined.alert_id, [x.detector for x in joined.findings])
        responses[asked] = (opened.response, joined.response)
    assert responses["none"][0] is responses["none"][1] is responses["auto"][0]
    assert Response.AUTO is responses["auto"][1]


def test_a_rule_that_asks_for_nothing_lends_no_weight_to_act() -> None:
    """Its part of the risk may recommend, and no more."""
    guessing = [row for n in range(30) for row in f.answered(n * 300, PUMP, SERVER, dport=22, sport=50_000 + n)]
    rule = {**ALONE, "services": ["8080/tcp"], "response": "none"}
    (last,) = raised(with_rules(rule), [*guessing, *f.answered(60_000, PUMP, STRANGER, dport=8080)])[-1:]
    assert [Response.RECOMMEND] == [part.most for part in last.parts if part.detector == "policy"]
