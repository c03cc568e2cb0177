"""`detector evaluate`: labelled recordings, others' and our own."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli.detector import app
from controller.core.errors import CordonError, NotFound, UsageError
from controller.runtime.evaluating import Outcome, evaluate, summary

HEAD = (
    "ts_start,ts_end,src_ip,dst_ip,src_port,dst_port,proto,packets_out,bytes_out,packets_in,bytes_in,tcp_flags,state,"
    "label,attack_type,scenario"
)


def write(folder: Path, rows: list[str], meta: dict[str, object] | None = None) -> None:
    """A labelled table."""
    with gzip.open(folder / "x.csv.gz", "wt", encoding="utf-8") as out:
        out.write("\n".join([HEAD, *rows]))
    (folder / "x.meta.json").write_text(json.dumps(meta or {}), encoding="utf-8")


def sweep(src: str, label: str, scenario: str, *, at_s: float = 1000.0, kind: str = "scan") -> list[str]:
    """Thirty machines that refuse."""
    return [
        f"{at_s + n},{at_s + n},{src},10.0.1.{n + 1},50000,445,tcp,1,60,1,40,Sr,REJ,{label},{kind},{scenario}"
        for n in range(30)
    ]


@pytest.fixture
def outcomes(tmp_path: Path) -> dict[str, Outcome]:
    """The same sweep with three labels, in three scenarios."""
    write(tmp_path, [row for label in ("attack", "benign", "unknown") for row in sweep("10.0.0.1", label, label)])
    return {o.name: o for o in evaluate(tmp_path)}


def test_labels_decide_what_an_alert_is(outcomes: dict[str, Outcome]) -> None:
    """Hit, false alert, and neither."""
    attack, benign, unknown = (outcomes[f"x/{name}"] for name in ("attack", "benign", "unknown"))
    assert (1, 0, 0) == (sum(v.found for v in attack.verdicts), len(attack.false), attack.unknown)
    assert ([], 1, 0) == (benign.verdicts, len(benign.false), benign.unknown)
    assert ([], 0, 1) == (unknown.verdicts, len(unknown.false), unknown.unknown)


def test_delays_and_host_days(outcomes: dict[str, Outcome]) -> None:
    """Five to ten flows to the alert; one host in one hour is a twenty-fourth of a day, in each scenario."""
    (verdict,) = outcomes["x/attack"].verdicts
    assert verdict.flows is not None
    assert 4 <= verdict.flows <= 10
    assert 3 / 24 == pytest.approx(summary(outcomes.values())["false"]["host_days"], abs=0.01)


def test_benign_rows_among_attacks_are_watched_too(tmp_path: Path) -> None:
    """A benign source that is accused in an attack file is a false alert; so is the attacker hours before its attack."""
    rows = [*sweep("10.0.0.1", "attack", "a", at_s=50_000), *sweep("10.0.0.2", "benign", "a")]
    write(tmp_path, [*rows, *sweep("10.0.0.1", "benign", "a")])
    (found,) = evaluate(tmp_path)
    assert ["10.0.0.1", "10.0.0.2"] == sorted(alert.src_ip for alert in found.false)
    assert found.verdicts[0].found


def test_command_and_control_is_no_unit(tmp_path: Path) -> None:
    """But an alert on it is not false either."""
    write(tmp_path, sweep("10.0.0.1", "attack", "a", kind="c2"))
    (found,) = evaluate(tmp_path)
    assert ([], []) == (found.verdicts, found.false)


def test_our_own_recordings(sample_flows: Path) -> None:
    """Every attack of the manifest is found and could be acted on; the benign ones raise nothing."""
    found = list(evaluate(sample_flows))
    assert [] == [o.name for o in found if o.false]
    assert [] == [
        o.name for o in found for v in o.verdicts if v.unit.family in ("sweep", "portscan") and not v.could_act
    ]


def test_the_open_scenarios(data_dir: Path) -> None:
    """Every scan is found, no benign scenario could be acted on, and what nobody labelled counts neither way."""
    whole = list(evaluate(data_dir / "detect"))
    figures = summary(whole)
    by_family = {row["family"]: row for row in figures["recall"]}
    assert (1.0, 1.0) == (by_family["portscan"]["recall"], by_family["sweep"]["recall"])
    assert 0 == figures["false"]["could_act"]
    assert figures["unknown"] >= 1
    assert figures["false"]["host_days"] > 4.6


def test_the_command(tmp_path: Path) -> None:
    """One object a scenario, a family, and one of false alerts and of new edges."""
    write(tmp_path, sweep("10.0.0.1", "attack", "a"))
    done = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--json"])
    assert 0 == done.exit_code, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["scenario", "recall", "false_alerts", "new_edges"] == [row["kind"] for row in rows]
    assert ("sweep", 1, 1) == (rows[1]["family"], rows[1]["units"], rows[1]["found"])


@pytest.mark.parametrize(("name", "error"), [("absent", NotFound), (".", UsageError)])
def test_folders_that_hold_nothing(tmp_path: Path, name: str, error: type[CordonError]) -> None:
    """A clear error for a folder that is none, or is empty."""
    with pytest.raises(error):
        list(evaluate(tmp_path / name))
