"""`config check` of the ways in: what is missing is named with its key, before anything is asked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.core.errors import ConfigError
from controller.emulate.httpsd import make_certificate
from controller.runtime.check import check_everything

SSH = {"username": "u", "password": "env:T_PASS", "host_key": "ssh-ed25519 AAAA"}
API = {"username": "u", "password": "env:T_PASS"}

WRONG = """switches: switches.yaml
detection:
  policy: nowhere.yaml
  exceptions:
    - address: 192.0.2.1
      detector: sweeps
      until: 2030-01-01T00:00
      owner: somebody
webhook: {secrets: ["env:NOT_SET",
  "env:T_SHORT"]}
"""
WRONG_SWITCHES = """sites:
  - {name: s, mode: auto}
switches:
  - name: sw1
    site: s
    platform: ciscoios
    via: ssh
    ssh: {username: u, password: "env:NOT_SET", host_key: "ssh-ed25519 AAAA"}
    address: 192.0.2.1
"""


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T_PASS", "hunter2hunter2")


def check(folder: Path, **entry: Any) -> list[str]:
    """Notes on a configuration with this one switch."""
    switch = {"name": "sw1", "site": "s", "address": "192.0.2.1", **entry}
    file = {"sites": [{"name": "s", "mode": "auto"}], "switches": [switch]}
    (folder / "switches.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    (folder / "cordon.yaml").write_text("switches: switches.yaml\n", encoding="utf-8")
    return check_everything(folder / "cordon.yaml")


def test_a_complete_napalm_switch(tmp_path: Path) -> None:
    """User, password and a certificate that can be read, or what SSH needs."""
    (tmp_path / "sw1.pem").write_text(make_certificate()[0], encoding="ascii")
    api = {**API, "certificate": str(tmp_path / "sw1.pem")}
    assert check(tmp_path, via="napalm", platform="arista_eos", napalm=api)
    assert check(tmp_path, via="napalm", platform="cisco_ios", ssh=SSH)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"platform": "huawei_vrp"}, "one of: arista_eos, cisco_ios, cisco_nxos, juniper_junos"),
        ({"platform": "cisco_ios"}, "switch sw1 ssh: napalm reaches cisco_ios over SSH"),
        ({"platform": "cisco_ios", "ssh": {**SSH, "jump": {**SSH, "address": "192.0.2.9"}}}, "ssh.jump"),
        ({"platform": "arista_eos"}, "switch sw1 napalm.username"),
        ({"platform": "arista_eos", "napalm": {"username": "u"}}, "napalm.password"),
        ({"platform": "arista_eos", "napalm": {**API, "certificate": "nowhere.pem"}}, "cannot read the certificate"),
        ({"platform": "arista_eos", "napalm": {**API, "password": "env:NOT_SET"}}, "napalm.password: the environment has no"),
        ({"platform": "arista_eos", "napalm": {**API, "revert_s": 90}}, "switches.0.napalm.revert_s"),
        ({"platform": "arista_eos", "napalm": {**API, "certificate": "a", "authority": "b"}}, "not both"),
        ({"platform": "arista_eos", "napalm": {**API, "password": "hunter2"}}, "env:NAME or file:PATH"),
    ],
)  # fmt: skip
def test_what_napalm_lacks(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    """The key that is wrong or missing, and what is allowed there; never a secret."""
    with pytest.raises(ConfigError) as caught:
        check(tmp_path, via="napalm", **entry)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"via": "coa"}, "switch sw1: has no coa section"),
        ({"via": "coa", "coa": {"secret": "env:T_PASS"}}, "an ACK proves nothing"),
        ({"coa": {"secret": "env:NOT_SET"}}, "coa.secret: the environment has no"),
        ({"coa": {"secret": "hunter2"}}, "env:NAME or file:PATH"),
        ({"coa": {"secret": "env:T_PASS", "kind": "zte"}}, "'rfc5176', 'cisco', 'hp', 'aruba' or 'huawei'"),
        ({"coa": {"secret": "env:T_PASS", "mac_format": "x"}}, "switches.0.coa.mac_format"),
        ({"coa": {"secret": "env:T_PASS", "identify": ["mac"]}}, "'nas-port' or 'nas-port-id'"),
    ],
)
def test_what_coa_lacks(tmp_path: Path, entry: dict[str, Any], said: str) -> None:
    """The key that is wrong or missing, and what is allowed there; never a secret."""
    with pytest.raises(ConfigError) as caught:
        check(tmp_path, **entry)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_complete_coa_switch(tmp_path: Path) -> None:
    """Beside SNMP that writes, or alone with SNMP that reads."""
    coa = {"kind": "cisco", "secret": "env:T_PASS", "port": 1700, "identify": ["nas-port-id"]}
    for via in ("snmp", "coa"):
        assert check(tmp_path, via=via, snmp={"community": "env:T_PASS"}, coa=coa)


def test_a_password_in_clear_is_noted(tmp_path: Path) -> None:
    """http is allowed, and it is said what it does."""
    notes = check(tmp_path, via="napalm", platform="arista_eos", napalm={**API, "transport": "http"})
    assert [note for note in notes if "in clear" in note]


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets, files, detectors and platforms: each with file, line and key; the secret itself never."""
    monkeypatch.setenv("T_SHORT", "hunter2hunter2")
    (tmp_path / "cordon.yaml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "switches.yaml").write_text(WRONG_SWITCHES, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        check_everything(tmp_path / "cordon.yaml")
    lines = [line.replace(f"{tmp_path}/", "") for line in caught.value.details["complaints"]]
    for begins in (
        "nowhere.yaml: there is no such file (`detection.policy` names it)",
        "cordon.yaml:6: detection.exceptions.0.detector: there is no detector 'sweeps'; there are",
        "cordon.yaml:9: webhook.secrets.0: the environment has no NOT_SET",
        "cordon.yaml:10: webhook.secrets.1: is no webhook secret",
        "switches.yaml:8: switch sw1 ssh.password: the environment has no NOT_SET",
        "switches.yaml:6: switch sw1 platform: there is no vendor file for ciscoios (one of: ",
    ):
        assert [line for line in lines if line.startswith(begins)], begins
    assert 6 == len(lines)
    assert "hunter2" not in str(caught.value) + "".join(lines)


@pytest.mark.parametrize("bus", ["kafka://", "redis://h:1"])
def test_a_bus_that_is_none(tmp_path: Path, bus: str) -> None:
    """File, line, key, and what is allowed."""
    (tmp_path / "cordon.yaml").write_text(f"log_level: info\nbus: {bus}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        check_everything(tmp_path / "cordon.yaml")
    assert f"{tmp_path}/cordon.yaml:2: bus: is no bus address: embedded, or kafka://host:port[,host:port]" == str(
        caught.value
    )


def test_a_wrong_value_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not said to stand in the file."""
    monkeypatch.setenv("CORDON_WEB__PORT", "https")
    (tmp_path / "cordon.yaml").write_text("web:\n  port: 8443\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^environment CORDON_WEB__PORT: web.port: must be a whole number$"):
        check_everything(tmp_path / "cordon.yaml")


def test_how_kafka_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of certificates are looked for beside the configuration, and the password's reference is followed: each with its
    line."""
    check(tmp_path, via="ssh", platform="cisco_ios", ssh=SSH)
    text = (
        "switches: switches.yaml\n"
        "bus: kafka://127.0.0.1:9093\n"
        "bus_options:\n"
        "  tls: {ca: authority.pem}\n"
        '  sasl: {username: cordon, password: "env:T_KAFKA"}\n'
    )
    (tmp_path / "cordon.yaml").write_text(text, encoding="utf-8")
    monkeypatch.delenv("T_KAFKA", raising=False)
    with pytest.raises(ConfigError) as caught:
        check_everything(tmp_path / "cordon.yaml")
    tls, sasl = caught.value.details["complaints"]
    assert f"cordon.yaml:4: bus_options.tls: {tmp_path / 'authority.pem'} cannot be used: No such file" in tls
    assert "cordon.yaml:5: bus_options.sasl.password: the environment has no T_KAFKA" in sasl
    (tmp_path / "authority.pem").write_text(make_certificate()[0], encoding="ascii")
    monkeypatch.setenv("T_KAFKA", "s3cret")
    check_everything(tmp_path / "cordon.yaml")
