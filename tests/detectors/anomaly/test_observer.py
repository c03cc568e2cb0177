"""anomaly: says what stands out, once a day and machine, and never acts."""

import pytest

from detectors.alert import Alert, Response, Severity
from detectors.anomaly.features import WINDOW_MS
from detectors.anomaly.model import AnomalyModel
from detectors.anomaly.observer import Anomaly
from tests.detectors import flows as f

from . import site


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    """Of forty ordinary windows."""
    return site.trained()


def anomaly(model: AnomalyModel) -> Anomaly:
    """The detector with this model."""
    return Anomaly(model, site.watching(model.every), technique="TA0008", texts=f.shipped()["texts"])


def said(rows: list[f.Row], looking: Anomaly, **options: object) -> list[Alert]:
    """Alerts of the engine with this observer that has seen the site for a while; a row two windows later ends what is open."""
    for batch in site.batches(range(40, 50), seed=3):
        assert [] == list(looking.take(batch))
    after = f.tcp(rows[-1]["received_ms"] - f.START_MS + 700_000, 1, 200)
    return f.alerts([*rows, after], to=f.engine(observers=[looking], **options))


def test_ordinary_days_are_silent(model: AnomalyModel) -> None:
    """Other days of the same kind: nothing."""
    looking = anomaly(model)
    assert [] == said([row for window in range(50, 70) for row in site.ordinary(window, seed=2)], looking)
    assert looking.counts.scored > 300


def test_a_slow_walk_over_administration_ports_stands_out(model: AnomalyModel) -> None:
    """The alert names the features and what is usual, in both languages, and asks for nothing."""
    rows = sorted([*site.ordinary(50, seed=2), *site.quiet_scan(50)], key=lambda row: row["received_ms"])
    alert = next(
        a for a in said(rows, anomaly(model)) if a.detector == "anomaly" or a.findings[-1].detector == "anomaly"
    )
    found = next(finding for finding in alert.findings if finding.detector == "anomaly")
    assert found.value > found.threshold
    assert "on administration ports (usually" in found.text["en"] or "of them new (usually" in found.text["en"]
    assert "通常" in found.text["zh"]
    assert f.ip_of(1) == alert.endpoint.src_ip


def test_alone_it_never_acts(model: AnomalyModel) -> None:
    """However far above the threshold."""
    start_ms, much = site.BEGIN_MS + 50 * WINDOW_MS, {"bytes": 10**9, "packets": 10**6}
    rows = [row for n in range(300) for row in f.answered(start_ms + n * 900, 1, 200 + n % 6, dport=1_000 + n, **much)]
    found = [a for a in said(rows, anomaly(model)) if a.detector == "anomaly"]
    assert found
    assert all(a.response in (Response.NONE, Response.RECOMMEND) for a in found)
    assert all(a.severity in (Severity.LOW, Severity.MEDIUM) for a in found)


def test_once_a_day_and_machine(model: AnomalyModel) -> None:
    """A machine that stays odd is not said again and again; it is counted."""
    looking = anomaly(model)
    for batch in site.batches(range(40, 50), seed=3):
        list(looking.take(batch))
    rows = [row for window in (50, 51, 52) for row in site.quiet_scan(window)]
    list(looking.take(f.batch_of(rows)))
    list(looking.flush())
    assert (1, looking.counts.above - 1) == (looking.counts.shown, looking.counts.repeated)
    assert looking.counts.above > 1


def test_a_machine_that_is_not_known_yet_is_not_judged(model: AnomalyModel) -> None:
    """To begin with all its peers are new."""
    looking = anomaly(model)
    list(looking.take(f.batch_of(site.quiet_scan(50))))
    assert [] == list(looking.flush())
    assert 0 == looking.counts.scored


def test_a_declared_role_excuses(model: AnomalyModel) -> None:
    """A monitoring server is like no other machine by design."""
    roles = {f.packed(f.ip_of(1)): "nms"}
    assert [] == said(site.quiet_scan(50), anomaly(model), host_roles=roles)
