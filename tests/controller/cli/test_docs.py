"""What the documents show works as it stands."""

import re
from pathlib import Path

import pytest

from .conftest import Run

ROOT = Path(__file__).parents[3]
SECRETS = ("SNMP_AUTH", "SNMP_PRIV", "SWITCH_PASSWORD", "SWITCH_ENABLE")


def example(heading: str) -> str:
    """The YAML that stands first under a heading of docs/configuration.md."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n.*?```yaml\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert found is not None, heading
    return found[1]


def test_the_configuration_that_is_shown(cordon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new user who copies both files, the policy beside them and sets the secrets is told `ok`."""
    for name in SECRETS:
        monkeypatch.setenv(name, "a-long-enough-secret")
    monkeypatch.setenv("CORDON_WEBHOOK_SECRET", "whsec_" + "QUFB" * 10)
    for name in ("cordon.yaml", "switches.yaml"):
        (tmp_path / name).write_text(example(name), encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("rules: []\n", encoding="utf-8")
    (tmp_path / "known_hosts").touch()
    ran = cordon("config", "check")
    assert (0, "cordon.yaml: ok\n") == (ran.code, ran.out), ran.err


def test_commands_of_the_readme(cordon: Run) -> None:
    """Each command that README shows exists, and so do the recordings that it names."""
    shown = re.findall(r"^    (cordon [^#\n]*)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert 8 < len(shown)
    for line in shown:
        words = [word for word in line.split()[1:] if not word.startswith("-")]
        nouns = words[: 1 if words[:1] == ["serve"] else 2]
        assert 0 == cordon(*nouns, "--help").code, line
        for path in re.findall(r"sample_flows/\S+", line):
            assert (ROOT / path).is_file(), line


def test_the_table_of_detectors_is_whole() -> None:
    """Every detector that speaks has a row in docs/detection.md."""
    from detectors.registry import ON_CONTACTS

    text = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))
    assert {*ON_CONTACTS, "newpeer", "transfer", "policy", "anomaly"} <= named
