"""Commands that only look: config, doctor, endpoint, flow, detector, alert, and the front page."""

from pathlib import Path

import pytest

from controller.runtime.demoworld import DemoWorld

from .conftest import Run


def test_help_names_every_command_and_the_exit_codes(cordon: Run) -> None:
    """The front page lists each command with a line, and what the exit codes mean."""
    ran = cordon("--help")
    for word in ("demo", "serve", "doctor", "port", "audit", "refused by the guard"):
        assert word in ran.out


def test_every_command_has_help(cordon: Run) -> None:
    """Each command of the table can be imported and explains itself."""
    from controller.cli.main import COMMANDS

    for name in COMMANDS:
        assert 0 == cordon(name, "--help").code, name


def test_config_check_says_ok(here: Run) -> None:
    """A complete configuration is ok."""
    ran = here("config", "check")
    assert 0 == ran.code
    assert "ok" in ran.out


def test_config_check_names_file_line_and_key(cordon: Run, tmp_path: Path) -> None:
    """A wrong key exits 2, and the complaint names file, line and key."""
    (tmp_path / "cordon.yaml").write_text("data_dir: data\nweb:\n  prot: 1\n", encoding="utf-8")
    ran = cordon("config", "check")
    assert 2 == ran.code
    assert "cordon.yaml:3" in ran.err
    assert "prot" in ran.err


def test_config_check_never_prints_a_secret(here: Run, world: DemoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook secret that is none is refused without being shown."""
    monkeypatch.setenv("CORDONDEMO_WEBHOOK", "hunter2hunter2")
    ran = here("config", "check")
    assert 2 == ran.code
    assert "webhook.secrets" in ran.err
    assert "hunter2" not in ran.err + ran.out


def test_no_configuration_says_where_it_looked(cordon: Run) -> None:
    """Without any configuration the error names the places."""
    ran = cordon("config", "check")
    assert 2 == ran.code
    assert "cordon.yaml" in ran.err


def test_doctor_asks_every_switch(here: Run) -> None:
    """doctor reads facts over each way in and fails nothing on a healthy network."""
    ran = here("doctor", "--json")
    assert 0 == ran.code
    assert {"sw1 over snmp", "sw2 over ssh"} <= {row["part"] for row in ran.rows if row["state"] == "ok"}


def test_doctor_names_ports_that_are_not_there(here: Run, world: DemoWorld) -> None:
    """An uplink or protected port that the switch does not have protects nothing: told with what the switch has, exit 1."""
    file = world.root / "switches.yaml"
    before = file.read_text()
    file.write_text(before.replace("- up1", "- up1\n  protected_ports:\n  - gi99", 1))
    try:
        ran = here("doctor", "--json")
    finally:
        file.write_text(before)
    told = {row["part"]: row for row in ran.rows if row["part"].endswith(" ports")}
    assert (1, ["fail", "ok", "ok"]) == (ran.code, [told[f"sw{n} ports"]["state"] for n in (1, 2, 3)])
    assert "protected_ports: no port is called gi99" == told["sw1 ports"]["says"]
    assert "ge1, ge2" in told["sw1 ports"]["do"]


def test_doctor_names_a_missing_broker(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that does not answer fails the look, and the others are still made."""
    monkeypatch.setenv("CORDON_BUS", "kafka://127.0.0.1:1")
    ran = here("doctor", "--no-switches", "--json")
    assert 1 == ran.code
    assert ["bus"] == [row["part"] for row in ran.rows if row["state"] == "fail"]


def test_endpoint_find(here: Run) -> None:
    """An address is found on its edge port with evidence from several sources; each has its age."""
    ran = here("endpoint", "find", "10.77.0.30", "--json")
    assert 0 == ran.code
    found = ran.rows[0]
    assert ("sw2", "ge9", []) == (found["port"]["switch"], found["port"]["name"], found["refuse"])
    assert {"arp", "fdb"} <= {evidence["source"] for evidence in found["evidence"]}


def test_endpoint_find_unknown(here: Run) -> None:
    """An address that no ARP table has, or a MAC that is nowhere, exits 3 and says which of the two it is."""
    for who, why in (("10.77.9.9", "no ARP or ND table has it"), ("02:00:00:00:99:99", "is it on?")):
        ran = here("endpoint", "find", who)
        assert (3, True) == (ran.code, why in ran.err)


def test_endpoint_find_nonsense(here: Run) -> None:
    """What is no address exits 2."""
    assert 2 == here("endpoint", "find", "printer").code


def test_endpoint_ls_and_history(here: Run, world: DemoWorld) -> None:
    """What the service saw: every machine at its edge port, and where one was."""
    from controller.runtime.sightings import SightingKeeper

    assert world.services is not None
    world.services.inventory.refresh()
    SightingKeeper(world.services.inventory, world.services.store, world.services.file).turn()
    assert 64 == len(here("endpoint", "ls", "--json").rows)
    (place,) = here("endpoint", "history", "10.77.0.30", "--json").rows
    assert ("sw2", "ge9") == (place["switch"], place["port"])
    assert 3 == here("endpoint", "history", "10.9.9.9").code


def test_flow_decode_table_and_json(cordon: Run, sample_flows: Path) -> None:
    """decode prints one object a record with the fields that other software relies on."""
    ran = cordon("flow", "decode", sample_flows / "attack_nmap_connect445.pcap", "--json")
    assert 0 == ran.code
    first = next(row for row in ran.rows if row["kind"] == "flow_sample")
    assert {"version", "exporter", "agent", "src_ip", "in_if", "sampling_rate", "src_mac"} <= set(first)


def test_detector_replay_of_an_attack(cordon: Run, sample_flows: Path) -> None:
    """One alert, and its object has what DESIGN section 7 promises."""
    ran = cordon("detector", "replay", sample_flows / "attack_nmap_connect445.pcap", "--json")
    assert 0 == ran.code
    (alert,) = ran.rows
    assert ("10.77.0.2", 4) == (alert["src_ip"], alert["in_if"])
    assert {"alert_id", "technique", "first_flow_at", "alerted_at", "targets", "ports", "explanation"} <= set(alert)


def test_a_model_takes_more_than_a_minute_of_flows(cordon: Run, sample_flows: Path, tmp_path: Path) -> None:
    """`detector train` says that it is too little, exits 2 and writes nothing."""
    ran = cordon("detector", "train", sample_flows / "benign_office.pcap", "--out", tmp_path / "site.npz")
    assert 2 == ran.code
    assert "too few" in ran.err
    assert not (tmp_path / "site.npz").exists()


def test_missing_file_is_one_line(cordon: Run, tmp_path: Path) -> None:
    """A file that is not there is an error of one line and exit 2 or 3, no traceback."""
    ran = cordon("flow", "decode", tmp_path / "none.pcap")
    assert ran.code in (2, 3)
    assert "Traceback" not in ran.err


def test_alerts_of_an_empty_store(here: Run) -> None:
    """No alerts: nothing on stdout, exit 0."""
    assert (0, "") == (here("alert", "ls", "--json").code, here("alert", "ls", "--json").out)


def test_alert_with_its_proof(here: Run, world: DemoWorld, sample_flows: Path) -> None:
    """ls lists it; show has who, where, and the flows that prove it; --json is the whole object."""
    from controller.runtime.replay import replay
    from controller.store import alerts

    found = next(replay(sample_flows / "attack_nmap_connect445.pcap"))
    assert world.services is not None
    with world.services.store.transaction() as tx:
        alerts.record(tx, found, site="lab", now_ms=1)
    (listed,) = here("alert", "ls", "--json").rows
    assert found["alert_id"] == listed["alert_id"]
    shown = here("alert", "show", found["alert_id"])
    assert 0 == shown.code
    for word in ("10.77.0.2", "172.30.0.11", "T1046", "refused"):
        assert word in shown.out
    assert found["findings"] == here("alert", "show", found["alert_id"], "--json").rows[0]["findings"]


def test_who_infected_whom(here: Run, world: DemoWorld, sample_flows: Path) -> None:
    """The recorded worm as a tree under patient zero, whole and at one alert; --json has nodes and edges."""
    from controller.runtime.replay import replay
    from controller.store import alerts

    found = list(replay(sample_flows / "attack_worm.pcap"))
    assert world.services is not None
    with world.services.store.transaction() as tx:
        for alert in found:
            alerts.record(tx, alert, site="lab", now_ms=1)
    last = max(found, key=lambda alert: len(alert["chain"]))
    whole, shown = here("alert", "graph"), here("alert", "show", last["alert_id"])
    assert last["patient_zero"] + "  patient zero" in whole.out
    for ran in (whole, shown):
        assert [ip for ip in last["chain"] if ip in ran.out] == last["chain"]
    parts = [f"{part['detector']} {part['points']:g}" for part in last["risk"]["parts"]]
    assert len(parts) > 1
    for word in (*parts, "halves", "points"):
        assert word in shown.out
    rows = here("alert", "graph", last["alert_id"], "--json").rows
    assert list(zip(last["chain"], last["chain"][1:], strict=False)) == [
        (row["from"], row["to"]) for row in rows if row["kind"] == "edge"
    ]


def test_graph_of_an_alert_that_is_not_there(here: Run) -> None:
    """Exit 3, as for show."""
    assert 3 == here("alert", "graph", "alr_none").code


def test_alert_that_is_not_there(here: Run) -> None:
    """An unknown alert id exits 3."""
    assert 3 == here("alert", "show", "alr_none").code


def test_alerts_are_listed_by_their_time(here: Run, world: DemoWorld, sample_flows: Path) -> None:
    """The newest first by the time that is shown, whenever they were recorded; each says its detector."""
    from controller.runtime.replay import replay
    from controller.store import alerts

    found = list(replay(sample_flows / "attack_worm.pcap"))
    assert world.services is not None
    with world.services.store.transaction() as tx:
        for number, alert in enumerate(sorted(found, key=lambda alert: str(alert["alert_id"]))):
            alerts.record(tx, alert, site="lab", now_ms=number)
    times = [row["alerted_at"] for row in here("alert", "ls", "--json").rows]
    assert sorted(times, reverse=True) == times
    heading, *rows = here("alert", "ls").out.splitlines()[1:]
    assert ["alerted_at", "severity", "response", "detector"] == heading.split()[:4]
    assert any(" spread " in row for row in rows)


@pytest.mark.parametrize(
    ("language", "says"), [("zh_CN.UTF-8", "首次联系失败的对数似然比 达到"), ("en_GB.UTF-8", "machines in")]
)
def test_explanations_in_the_language_of_the_terminal(
    cordon: Run, sample_flows: Path, monkeypatch: pytest.MonkeyPatch, language: str, says: str
) -> None:
    """zh or en, the measure too; --json has both."""
    monkeypatch.setenv("CORDON_LANG", language)
    assert says in cordon("detector", "replay", sample_flows / "attack_nmap_connect445.pcap").err
    (alert,) = cordon("detector", "replay", sample_flows / "attack_nmap_connect445.pcap", "--json").rows
    assert {"en", "zh"} == set(alert["explanation"])
