"""ARP and LLDP tables of command lines, as ntc-templates' authors read them (needs the shared data)."""

import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.switches.cli import cells
from controller.switches.cli.commands import ARP_TABLE, LLDP_TABLE, MORE, template_file
from controller.switches.cli.others import arp_table, lldp_table
from playbooks.facts import NeighbourKind


def _cases(data_dir: Path, commands: dict[str, str]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    found = []
    for platform, command in commands.items():
        for raw in sorted((data_dir / "switches" / "cli" / platform / command.replace(" ", "_")).glob("*.raw")):
            answer = yaml.safe_load(raw.with_suffix(".yml").read_text(encoding="utf-8"))["parsed_sample"]
            found.append((platform, raw.read_text(encoding="utf-8"), answer))
    return found


@pytest.mark.parametrize("known", [True, False])
def test_bindings(data_dir: Path, known: bool) -> None:
    """Every complete binding of every open case, with a template and without one."""
    cases = _cases(data_dir, ARP_TABLE)
    assert len(cases) >= 10
    for platform, text, answer in cases:
        pairs = {(row["ip_address"], cells.mac(row["mac_address"])) for row in answer}
        expected = {pair for pair in pairs if pair[0] and pair[1]}
        rows = arp_table(platform if known else "an_unknown_platform", text)
        assert (platform, set()) == (platform, expected - {(row.ip, row.mac) for row in rows})


def test_neighbours(data_dir: Path) -> None:
    """Every neighbour of every open case, on its port."""
    cases = _cases(data_dir, LLDP_TABLE)
    assert len(cases) >= 8
    for platform, text, answer in cases:
        ports = [row.get("local_interface") or row.get("local_port") or row.get("interface") for row in answer]
        indexes = {str(port): number for number, port in enumerate(dict.fromkeys(ports), start=1)}
        found = lldp_table(platform, text, indexes)
        assert (platform, [indexes[str(port)] for port in ports]) == (platform, [row.ifindex for row in found])
        assert [str(port) for port in ports] == [row.port for row in found]


@pytest.mark.parametrize(("word", "commands"), [("lldp", LLDP_TABLE), ("arp", ARP_TABLE)])
def test_every_template_is_known(word: str, commands: dict[str, str]) -> None:
    """No table of neighbours or bindings that ntc-templates can read is forgotten."""
    folder = resources.files("ntc_templates") / "templates"
    names = {path.name for path in folder.iterdir() if re.search(rf"_(ip)?{word}[_.]|_arpentry", path.name)}
    known = {template_file(p, c) for p, c in commands.items()}
    known |= {template_file(p, c) for p, more in MORE.items() for c in more}
    other = (
        "local-device",
        "_lldprx_",
        "_arpentry" if word == "lldp" else "_lldp_",
        "_inspection",
        "timeout",
    )  # of itself, of a port
    assert set() == {name for name in names - known if not any(part in name for part in other)}


def test_which_command_it_was() -> None:
    """A list and the details of the same neighbours: the port, the name and the kind are found in either."""
    text = """------------------------------------------------
Local Intf: Gi1/0/24
Chassis id: 0277.0000.00aa
Port id: Gi1/0/1
Port Description: x
System Name: core

System Description:
emulated

Time remaining: 100 seconds
System Capabilities: B,R
Enabled Capabilities: B,R
Management Addresses - not advertised
Auto Negotiation - not supported
Physical media capabilities - not advertised
Media Attachment Unit type - not advertised
Vlan ID: - not advertised


Total entries displayed: 1
"""
    (row,) = lldp_table("cisco_ios", text, {"Gi1/0/24": 24})
    assert (24, "Gi1/0/24", "core", NeighbourKind.SWITCH) == (row.ifindex, row.port, row.system_name, row.kind)


def test_bindings_of_a_recording() -> None:
    """With the command, a pager and a message of the console: each binding, and none of the message."""
    text = """sw#show ip arp vlan 10
Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  10.0.0.1                5   0200.0000.0001  ARPA   Vlan10
 --More-- \b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\bInternet  10.0.0.2                5   0200.0000.0002  ARPA   Vlan10
*Mar  1 00:01:02.003: %IP-4-DUPADDR: Duplicate address 10.0.0.9 on Vlan10, sourced by 0200.0000.0009
Internet  10.0.0.3                0   Incomplete      ARPA
"""
    assert [("10.0.0.1", 1), ("10.0.0.2", 2)] == [(row.ip, int(row.mac[-1])) for row in arp_table("cisco_ios", text)]


def test_what_the_letters_mean() -> None:
    """A phone with a bridge inside is a phone; a bridge that routes is a switch."""
    text = """Capability codes:
    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device
    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other

Device ID           Local Intf     Hold-time  Capability      Port ID
SEP1                Gi1/0/1        120        B,T             Port1
core                Gi1/0/24       120        B,R             Gi0/1

Total entries displayed: 2
"""
    rows = lldp_table("cisco_ios", text, {"Gi1/0/1": 1, "Gi1/0/24": 24})
    assert [(1, NeighbourKind.PHONE), (24, NeighbourKind.SWITCH)] == [(row.ifindex, row.kind) for row in rows]


@pytest.mark.parametrize("commands", [LLDP_TABLE, ARP_TABLE])
def test_words_of_nobody(commands: dict[str, str]) -> None:
    """Lines that no template knows, and that some refuse with words of their own, cost nothing."""
    for platform in commands:
        table = lldp_table(platform, "?? nothing of it ??\nNeighbor: x\n", {}) if commands is LLDP_TABLE else ()
        assert (platform, ()) == (platform, table or arp_table(platform, "?? nothing of it ??\n"))
