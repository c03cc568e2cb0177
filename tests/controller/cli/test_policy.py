"""`cordon detector policy`: export gives what import took; learn proposes from recordings; complaints name file and line."""

from pathlib import Path

import pytest
import yaml

from controller.runtime import policies

from .conftest import Run

POLICY = """# who may talk to whom
groups:
  office: {prefixes: [10.77.0.0/24]}
  nms: {roles: [nms]}
rules:
  - {name: monitoring, from: nms, to: any}
  - {name: office stays apart, from: office, to: office, action: deny, response: recommend, note: ticket 12}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that names a policy which is not there yet."""
    path = tmp_path / "cordon.yaml"
    path.write_text("detection: {policy: policy.yaml}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(POLICY, encoding="utf-8")
    return path


def test_import_and_export(cordon: Run, config: Path, tmp_path: Path) -> None:
    """The file stands as it was written, comments and all; the export is the same policy, and imports again."""
    ran = cordon("detector", "policy", "import", "mine.yaml", "--json")
    assert 0 == ran.code, ran.err
    assert (2, 2, "allow", True) == tuple(ran.rows[0][name] for name in ("groups", "rules", "default", "written"))
    assert POLICY == (tmp_path / "policy.yaml").read_text(encoding="utf-8")
    before = policies.read(tmp_path / "policy.yaml")
    assert 0 == cordon("detector", "policy", "export", "--out", "out.yaml").code
    assert 0 == cordon("detector", "policy", "import", "out.yaml").code
    assert before == policies.read(tmp_path / "policy.yaml")
    assert "ticket 12" in cordon("detector", "policy", "export").out


def test_checking_changes_nothing(cordon: Run, config: Path, tmp_path: Path) -> None:
    """--check reads, and says what there is."""
    assert 0 == cordon("detector", "policy", "import", "mine.yaml", "--check").code
    assert not (tmp_path / "policy.yaml").exists()


def test_checking_needs_no_configuration(cordon: Run, config: Path, tmp_path: Path) -> None:
    """Without a cordon.yaml the file alone is checked, and what could not be looked at is said."""
    config.unlink()
    ran = cordon("detector", "policy", "import", "mine.yaml", "--check", "--json")
    assert (0, {"policy": "mine.yaml", "written": False, "groups": 2, "rules": 2, "default": "allow"}) == (
        ran.code,
        ran.rows[0],
    )
    assert "no cordon.yaml" in ran.err
    (tmp_path / "mine.yaml").write_text(POLICY.replace("action: deny", "action: drop"), encoding="utf-8")
    assert 2 == cordon("detector", "policy", "import", "mine.yaml", "--check").code
    assert 2 == cordon("detector", "policy", "import", "mine.yaml").code


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("action: deny", "action: drop", ("mine.yaml:7", "rules.1.action", "allow or deny")),
        ("from: nms", "from: nobody", ("mine.yaml:6", "there is no group nobody", "office, nms, other, any")),
        ("[nms]", "[boss]", ("mine.yaml:4", "there is no role boss", "scanner")),
        ("roles: [nms]", "kinds: [toaster]", ("mine.yaml:4", "there is no kind toaster", "medical device")),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    cordon: Run, config: Path, tmp_path: Path, wrong: str, right: str, said: tuple[str, ...]
) -> None:
    """File, line, key and what is allowed; nothing is written."""
    (tmp_path / "mine.yaml").write_text(POLICY.replace(wrong, right), encoding="utf-8")
    ran = cordon("detector", "policy", "import", "mine.yaml")
    assert 2 == ran.code
    assert all(word in " ".join(ran.err.split()) for word in said), ran.err
    assert not (tmp_path / "policy.yaml").exists()


def test_a_configuration_without_a_policy(cordon: Run, tmp_path: Path) -> None:
    """It says which key to set."""
    (tmp_path / "cordon.yaml").write_text("detection: {}\n", encoding="utf-8")
    ran = cordon("detector", "policy", "export")
    assert (2, True) == (ran.code, "detection.policy" in ran.err)


def test_config_check_reads_the_policy(cordon: Run, config: Path, tmp_path: Path) -> None:
    """A policy that is missing, and one that is wrong, cannot work."""
    (tmp_path / "switches.yaml").write_text("sites: []\nswitches: []\n", encoding="utf-8")
    ran = cordon("config", "check")
    assert (2, True) == (ran.code, "policy.yaml" in ran.err)
    assert 0 == cordon("detector", "policy", "import", "mine.yaml").code
    assert 0 == cordon("config", "check").code


def test_learned_from_a_recording(cordon: Run, sample_flows: Path, tmp_path: Path) -> None:
    """Rules with counts; the recording does not break what was learned from it, and breaks it with a rule taken away."""
    recording = sample_flows / "benign_nms_poller.pcap"
    ran = cordon("detector", "policy", "learn", recording, "--out", "learned.yaml")
    assert 0 == ran.code, ran.err
    learned = yaml.safe_load((tmp_path / "learned.yaml").read_text(encoding="utf-8"))
    assert learned["rules"]
    assert all(rule["seen"]["pairs"] >= 1 for rule in learned["rules"])
    assert [] == violations(cordon, recording)
    del learned["rules"][0]
    (tmp_path / "learned.yaml").write_text(yaml.safe_dump(learned), encoding="utf-8")
    assert ["default"] == violations(cordon, recording)


def violations(cordon: Run, recording: Path) -> list[str]:
    """Rules that a recording breaks, in words of the alerts."""
    ran = cordon("detector", "replay", recording, "--policy", "learned.yaml", "--json")
    assert 0 == ran.code, ran.err
    said = [f["explanation"]["en"] for row in ran.rows for f in row["findings"] if f["detector"] == "policy"]
    return sorted({text.split("rule '")[1].split("'")[0] for text in said})


def test_nothing_to_learn_from(cordon: Run, tmp_path: Path) -> None:
    """An empty folder says so."""
    (tmp_path / "none").mkdir()
    assert 2 == cordon("detector", "policy", "learn", "none").code
