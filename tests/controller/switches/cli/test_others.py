"""ARP and LLDP tables of command lines, as ntc-templates' authors read them (needs the shared data)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.switches.cli import cells
from controller.switches.cli.commands import ARP_TABLE, LLDP_TABLE
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
