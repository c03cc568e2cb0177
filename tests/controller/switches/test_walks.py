"""Recorded walks of 25 devices: every forwarding row as an independent oracle resolved it (needs the shared data)."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from controller.runtime.recorded import RecordedSwitch, address_rows, endpoint_rows, load
from tests.controller.switches.mibs import SELF, device, learned_d, learned_q

DEVICES = [
    "alaxala-ax2430s",
    "arista-7150s",
    "bdcom-s5612",
    "ciena-sds",
    "cisco-c3560-juet",
    "ciscosb-sg350x",
    "cumulus-as4610",
    "dcn-dcrs5980",
    "dlink-des3028",
    "dlink-des3200",
    "edgecore-ecs4610",
    "eltex-mes2324b",
    "h3c-comware-ff5700",
    "h3c-e528-2",
    "hp-procurve2520",
    "huawei-s12704",
    "huawei-s5720",
    "huawei-vrp5720-vrf",
    "lancom-xs5110f",
    "merakims-c9300",
    "mikrotik-crs317",
    "netgear-gs108t",
    "snr-switch",
    "tplink-sg2218p",
    "zyxel-gs1900",
]
WITHOUT_ARP = {"alaxala-ax2430s", "hp-procurve2520", "huawei-vrp5720-vrf", "lancom-xs5110f", "merakims-c9300"}


def _answers(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _files(data_dir: Path, device: str) -> list[Path]:
    walks = data_dir / "switches" / "snmprec"
    return [walks / f"{device}.snmprec", *sorted(walks.glob(f"{device}@*.snmprec"))]


@pytest.mark.parametrize("device", DEVICES)
def test_every_row_as_expected(data_dir: Path, device: str) -> None:
    """(MAC, VLAN, ifIndex, port, verdict) and how the VLAN was found: all rows, no other rows, no wrong port."""
    expected = Counter(
        (r["mac"], r["vlan"], r["ifindex"], r["port"].strip(), r["verdict"], r["vlan_source"], r["table"], r["lag"])
        for r in _answers(data_dir / "switches" / "snmprec" / "expected" / f"{device}.csv")
    )
    rows = list(endpoint_rows(load(_files(data_dir, device))))
    found = Counter(
        (
            r["mac"],
            str(r["vlan"] or ""),
            str(r["ifindex"] or ""),
            r["port"] or "",
            r["verdict"],
            r["vlan_source"],
            r["table"],
            str(r["lag"]),
        )
        for r in rows
    )
    assert (Counter(), Counter()) == (expected - found, found - expected)
    assert [] == [r for r in rows if not r["refuse"] and (r["verdict"] != "port" or r["lag"])]


@pytest.mark.parametrize("device", DEVICES)
def test_how_many_machines_are_on_the_port(data_dir: Path, device: str) -> None:
    """port_mac_count as the oracle counted it: distinct MACs over all tables."""
    expected = {
        (r["mac"], r["ifindex"]): int(r["port_mac_count"])
        for r in _answers(data_dir / "switches" / "snmprec" / "expected" / f"{device}.csv")
        if r["verdict"] == "port"
    }
    rows = endpoint_rows(load(_files(data_dir, device)))
    assert expected == {(r["mac"], str(r["ifindex"])): r["port_mac_count"] for r in rows if r["verdict"] == "port"}


@pytest.mark.parametrize("device", [device for device in DEVICES if device not in WITHOUT_ARP])
def test_addresses_and_their_ports(data_dir: Path, device: str) -> None:
    """ARP joined with every forwarding answer for its MAC. An address that two MACs claim has a row for each."""
    path = data_dir / "switches" / "snmprec" / "expected" / f"{device}.ip.csv"
    expected = {(r["ip"], r["mac"]): set(r["answers"].split("|")) for r in _answers(path)}
    rows = [r for r in address_rows(load(_files(data_dir, device))) if ":" not in r["ip"]]
    found = {(r["ip"], r["mac"]): set(r["answers"].split("|")) for r in rows}
    assert expected == {key: answers for key, answers in found.items() if key in expected}
    assert {ip for ip, _ in found} == {ip for ip, _ in expected}


@pytest.mark.parametrize("site", ["cat2948-gs108t", "dlink4930"])
def test_the_edge_of_a_site(data_dir: Path, site: str) -> None:
    """Which ports lead from switch to switch is seen from the tables alone, and so where each MAC's edge is."""
    folder = data_dir / "switches" / "topo" / site
    expected = {
        r["mac"]: (r["kind"], r["edge_switch"], r["edge_ifindex"]) for r in _answers(folder / "expected_edge.csv")
    }
    rows = list(endpoint_rows(load([folder])))
    found = {r["mac"]: (r["kind"], r["edge_switch"] or "", str(r["edge_ifindex"] or "")) for r in rows if r["kind"]}
    assert expected == found
    assert [] == [r for r in rows if r["kind"] != "edge" and not r["refuse"]]
    leading = [
        r for r in rows if r["edge_switch"] and (r["switch"], r["ifindex"]) != (r["edge_switch"], r["edge_ifindex"])
    ]
    assert [] == [r for r in leading if "uplink" not in r["refuse"]]


def test_the_switch_itself_in_one_table_only() -> None:
    """A table without VLANs says that a MAC is the switch's own: the one with VLANs says learned, and is refused."""
    learned, own = learned_q(10, 1), learned_d(0, status=SELF)
    rows = list(endpoint_rows([RecordedSwitch("sw", device(q=learned, d=own))]))
    assert [("port", ["unresolved"]), ("self", ["unresolved"])] == [(row["verdict"], row["refuse"]) for row in rows]
