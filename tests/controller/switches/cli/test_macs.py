"""MAC tables of command lines: as ntc-templates' authors read them, and what no template knows (needs the shared data)."""

import csv
import json
from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path

import pytest

from controller.switches.cli import cells, getters
from controller.switches.cli.commands import ARP_TABLE, LLDP_TABLE, MAC_TABLE, template_file
from controller.switches.cli.macs import mac_table
from playbooks.facts import Verdict

PLATFORMS = [
    "allied_telesis_awplus",
    "arista_eos",
    "avaya_ers",
    "cisco_ios",
    "cisco_nxos",
    "cisco_s300",
    "hp_comware",
    "hp_procurve",
    "huawei_vrp",
]
Rows = Counter[tuple[str, str, str]]


def _cases(data_dir: Path, platform: str) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(Counter)
    path = data_dir / "switches" / "cli" / "expected" / f"{platform}.mac.csv"
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["case"]][row["mac"], row["vlan"], row["port"]] += 1
    return found


def _read(data_dir: Path, platform: str, case: str, *, as_platform: str | None = None) -> Rows:
    (path,) = (data_dir / "switches" / "cli" / platform).rglob(case)
    rows = mac_table(as_platform or platform, path.read_text(encoding="utf-8")).rows
    return Counter((row.mac, str(row.vlan if row.vlan is not None else ""), row.port) for row in rows)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_as_others_read_them(data_dir: Path, platform: str) -> None:
    """(MAC, VLAN, port) of every row of every case, and no other rows."""
    cases = _cases(data_dir, platform)
    assert cases == {case: _read(data_dir, platform, case) for case in cases}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_without_a_template(data_dir: Path, platform: str) -> None:
    """Read line by line, the same rows come out, but for tables of multicast groups and masked MACs."""
    cases = _cases(data_dir, platform)
    for case, expected in cases.items():
        found = _read(data_dir, platform, case, as_platform="an_unknown_platform")
        single = Counter({key: n for key, n in expected.items() if key[0] and ";" not in key[2]})
        assert (case, Counter(), Counter()) == (case, single - found, found - expected)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_unknown_line_never_loses_the_table(data_dir: Path, platform: str) -> None:
    """A console message and a notice in the middle cost nothing; they are counted."""
    for case, expected in _cases(data_dir, platform).items():
        (path,) = (data_dir / "switches" / "cli" / platform).rglob(case)
        lines = path.read_text(encoding="utf-8").splitlines()
        at = next(i for i, line in enumerate(lines) if cells.MAC.search(line)) + 1
        noise = ["%LINK-3-UPDOWN: Interface changed state!", "?? something the template never saw ??"]
        table = mac_table(platform, "\n".join([*lines[:at], *noise, *lines[at:]]))
        found = Counter((row.mac, str(row.vlan if row.vlan is not None else ""), row.port) for row in table.rows)
        assert (case, Counter()) == (case, expected - found)


def test_ports_that_are_none() -> None:
    """The switch itself, its processor, nothing, several: refused."""
    text = """Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
 All    0180.c200.0000    STATIC      CPU
   1    0000.0000.0001    DYNAMIC     Gi1/0/1
   2    0000.0000.0002    STATIC      Router
   3    0000.0000.0003    DYNAMIC     Drop
   4    0000.0000.0004    STATIC      Vl4
   5    xxxx.xxxx.0005    DYNAMIC     Gi1/0/5
"""
    table = mac_table("cisco_ios", text)
    assert ["self", "port", "self", "no-port", "self", "unresolved"] == [str(row.verdict) for row in table.rows]
    assert (["All", 1, 2, 3, 4, 5], 1) == ([row.vlan for row in table.rows], table.masked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AABB.CCDD.EE0F", "aa:bb:cc:dd:ee:0f"),
        ("aabb-ccdd-ee0f", "aa:bb:cc:dd:ee:0f"),
        ("aa-bb-cc-dd-ee-0f", "aa:bb:cc:dd:ee:0f"),
        ("aabbcc-ddee0f", "aa:bb:cc:dd:ee:0f"),
        ("aabbccddee0f", "aa:bb:cc:dd:ee:0f"),
        ("a:b:c:d:e:f", "0a:0b:0c:0d:0e:0f"),
        ("aabb.ccxx.xxxx", None),
        ("10.0.0.1", None),
        ("12:30:45", None),
    ],
)
def test_macs(text: str, expected: str | None) -> None:
    """Every usual notation; nothing that only looks like one."""
    assert expected == cells.mac(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10", 10),
        ("All", "All"),
        ("1(2)", 1),
        ("10/-/-", 10),
        ("Vlan20", 20),
        ("default(0001)", 1),
        ("---", None),
        ("N/A", None),
    ],
)
def test_vlans(text: str, expected: int | str | None) -> None:
    """A number, a word that means something, or nothing."""
    assert expected == cells.vlan(text)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (" 10  0011.2233.4455  dynamic  GigabitEthernet 0/3   0d 00:01:02", "GigabitEthernet 0/3"),
        ("0011-2233-4455 10 Learned GE1/0/3 AGING", "GE1/0/3"),
        ("00:11:22:33:44:55   10   dynamic  gei-0/1/1/3", "gei-0/1/1/3"),
        ("10 00:11:22:33:44:55 1/0/3 learned", "1/0/3"),
        ("00:11:22:33:44:55 dev eth3 vlan 10 master br0", "eth3"),
        ("MAC: 00:11:22:33:44:55  VLAN: 10 Port: port3(port-id 3)", "port3"),
    ],
)
def test_lines_of_platforms_without_a_template(text: str, port: str) -> None:
    """Ruijie, ZTE and others: VLAN and port by what they look like."""
    (row,) = mac_table("ruijie_os", text).rows
    assert ("00:11:22:33:44:55", 10, port) == (row.mac, row.vlan, row.port)


@pytest.mark.parametrize("commands", [MAC_TABLE, ARP_TABLE, LLDP_TABLE])
def test_every_template_is_there(commands: dict[str, str]) -> None:
    """Names of commands are those of ntc-templates' files."""
    folder = resources.files("ntc_templates") / "templates"
    assert [] == [p for p, c in commands.items() if not (folder / template_file(p, c)).is_file()]


def test_every_mac_table_of_ntc_templates_is_known() -> None:
    """No platform that it can read is forgotten."""
    folder = resources.files("ntc_templates") / "templates"
    names = [p.name for p in folder.iterdir() if p.name.endswith(".textfsm")]
    shows = (
        "show_mac",
        "display_mac",
        "show_fdb",
        "bridge_address_table",
        "switching_table",
        "bridge_host_print",
        "mac-learning",
    )
    wanted = {n for n in names if any(word in n for word in shows)}
    other = {"machineItem", "mac_security", "mac-address_ont"}  # MACsec, a serial number, one subscriber's
    known = {template_file(p, c) for p, c in MAC_TABLE.items()}
    assert set() == {n for n in wanted - known if not any(word in n for word in other)}


def _mocks(data_dir: Path, getter: str) -> list[Path]:
    return sorted((data_dir / "switches" / "cli" / "napalm").glob(f"*/{getter}/*/expected_result.json"))


def test_answers_of_napalm(data_dir: Path) -> None:
    """get_mac_address_table: every row whose interface it names is a port or an aggregate, every other is refused."""
    paths = _mocks(data_dir, "mac_address_table")
    assert 20 == len(paths)
    for path in paths:
        table = json.loads(path.read_text(encoding="utf-8"))
        rows = getters.fdb(table, {})
        assert [entry["mac"].lower() for entry in table] == [row.mac for row in rows], path
        own = [row for row, entry in zip(rows, table, strict=True) if not entry["interface"]]
        assert {Verdict.NO_PORT} >= {row.verdict for row in own}
        assert all(
            row.port == e["interface"] for row, e in zip(rows, table, strict=True) if row.verdict is Verdict.PORT
        )
        assert all(row.vlan is None or row.vlan > 0 for row in rows)


def test_bindings_and_neighbours_of_napalm(data_dir: Path) -> None:
    """get_arp_table and get_lldp_neighbors as rows, each once."""
    for path in _mocks(data_dir, "arp_table"):
        table = json.loads(path.read_text(encoding="utf-8"))
        assert [(e["ip"], e["mac"].lower()) for e in table] == [(row.ip, row.mac) for row in getters.arp(table, {})]
    for path in _mocks(data_dir, "lldp_neighbors"):
        heard = json.loads(path.read_text(encoding="utf-8"))
        names = [entry["hostname"] for entries in heard.values() for entry in entries]
        assert names == [row.system_name for row in getters.neighbours(heard, {})]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("bonding1", True), ("bond-core", True), ("bonding-to-core", True), ("T1", True), ("EtherChannel 1", True),
        ("bondary1", False), ("Te1/0/1", False), ("ether1", False),
    ],
)  # fmt: skip
def test_aggregates_by_name(name: str, is_one: bool) -> None:
    """RouterOS, Zyxel and old IOS call them so."""
    assert is_one is cells.is_aggregate(name)
