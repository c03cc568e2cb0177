"""Configuration files: what a person gets to read when one is wrong."""

from pathlib import Path

import pytest

from controller.core import yamlfile
from controller.core.errors import ConfigError
from controller.core.sites import SwitchFile, load_switches

GOOD = """\
sites:
  - {name: clinic, mode: auto}
switches:
  - name: sw1
    site: clinic
    address: 192.0.2.1
    snmp: {community: "env:RW"}
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "switches.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """A switch's agent address defaults to its management address."""
    file = load_switches(_write(tmp_path, GOOD))
    assert file.switches[0].agent_address == "192.0.2.1"


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    """A typo is refused, with file, line and key."""
    path = _write(tmp_path, GOOD.replace("address:", "adress:"))
    with pytest.raises(ConfigError) as caught:
        load_switches(path)
    assert f"{path}:6" in str(caught.value) or f"{path}:4" in str(caught.value)
    assert "switches.0.adress: is no key of this section" in str(caught.value)


def test_a_value_outside_the_allowed_ones_lists_them(tmp_path: Path) -> None:
    """The complaint about a wrong word says which words there are, on the line where it stands."""
    path = _write(tmp_path, GOOD.replace("mode: auto", "mode: automatic"))
    with pytest.raises(ConfigError) as caught:
        load_switches(path)
    assert f"{path}:2" == caught.value.where
    assert "'observe', 'approve' or 'auto'" in str(caught.value)


def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """A community written into the file is an error, and the error does not print it."""
    path = _write(tmp_path, GOOD.replace("env:RW", "hunter2"))
    with pytest.raises(ConfigError) as caught:
        load_switches(path)
    assert "env:NAME or file:PATH" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """YAML would silently keep the last one; a person meant something by both."""
    path = _write(tmp_path, GOOD + "sites: []\n")
    with pytest.raises(ConfigError, match="stands twice"):
        yamlfile.read(path)


@pytest.mark.parametrize("text", ["a: [1", "\tx: 1", "a: b: c"])
def test_broken_yaml_names_its_line(tmp_path: Path, text: str) -> None:
    """A syntax error is a ConfigError with a line."""
    with pytest.raises(ConfigError, match="is not YAML") as caught:
        yamlfile.read(_write(tmp_path, text))
    assert ":1" in str(caught.value)


def test_two_switches_with_one_name_are_refused(tmp_path: Path) -> None:
    """Every name means one device."""
    doubled = GOOD + GOOD.split("switches:\n")[1].replace("192.0.2.1", "192.0.2.2")
    with pytest.raises(ConfigError, match="same name: sw1"):
        yamlfile.read(_write(tmp_path, doubled)).checked(SwitchFile)


def test_each_complaint_has_its_own_line(tmp_path: Path) -> None:
    """Several things wrong: file, line, key, what it must be, in the order of the file; no word of the library."""
    text = GOOD.replace("auto", "automatic").replace("192.0.2.1", "192.0.2.300") + "    via: telnet\n    prot: 1\n"
    path = _write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_switches(path)
    lines = caught.value.details["complaints"]
    assert [
        f"{path}:2: sites.0.mode: must be 'observe', 'approve' or 'auto'",
        f"{path}:6: switches.0.address: must be an address such as 192.0.2.1",
        f"{path}:8: switches.0.via: must be 'snmp', 'ssh', 'napalm' or 'coa'",
    ] == list(lines[:3])
    assert lines[3].startswith(f"{path}:9: switches.0.prot: is no key of this section; there are address, agent")
    assert "Value error" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("quarantine_vlan", "lan", "must be a whole number"),
        ("quarantine_vlan", "5000", "must be from 1 to 4094"),
        ("quarantine_isolated", "perhaps", "must be true or false"),
        ("uplinks", "up1", "must be a list"),
        ("ssh", "here", "must be a section: keys with values"),
        ("agent", "sw1", "must be an address such as 192.0.2.1"),
        ("site", "ward", "there is no site ward under `sites`; there are clinic"),
    ],
)
def test_complaints_in_plain_words(tmp_path: Path, key: str, value: str, says: str) -> None:
    """What the value must be, not what a library calls it; on the line where it stands."""
    text = GOOD.replace("    site: clinic\n", "") if key == "site" else GOOD
    path = _write(tmp_path, f"{text}    {key}: {value}\n")
    with pytest.raises(ConfigError) as caught:
        load_switches(path)
    line = len(text.splitlines()) + 1
    assert f"{path}:{line}: switches.0.{key}: {says}" == str(caught.value)
