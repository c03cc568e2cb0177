"""What a port is besides its state, from texts as the makers' manuals print them."""

import re

import pytest

from controller.core.errors import DeviceError
from controller.switches.facts import device_facts
from controller.switches.traits import pvid_of, spread, traits_of
from controller.switches.vendor import load_vendor


@pytest.mark.parametrize(
    ("text", "vlans"),
    [("10", {10}), ("10 20 to 22 30", {10, 20, 21, 22, 30}), ("1-3,7", {1, 2, 3, 7}), ("none", set()), ("", set())],
)
def test_lists_of_vlans(text: str, vlans: set[int]) -> None:
    """Single ones and spans, of every maker's notation."""
    assert vlans == spread(text)


VRP = "huawei_vrp", "GigabitEthernet0/0/1"
COMWARE = "hp_comware", "GigabitEthernet1/0/1"


@pytest.mark.parametrize(
    ("text", "mode", "pvid", "untagged", "tagged"),
    [
        (" port link-type access\n port default vlan 10\n", "access", 10, set(), set()),
        ("#\n", "access", 1, set(), set()),
        (" port link-type dot1q-tunnel\n port default vlan 100\n", "trunk", 100, set(), set()),
        (" port link-type trunk\n port trunk allow-pass vlan 2 to 4094\n", "trunk", 1, set(), set()),
        (
            (" port hybrid pvid vlan 10\n undo port hybrid vlan 1\n port hybrid tagged vlan 100 200 to 201\n"
            " port hybrid untagged vlan 10 20\n"),
            "hybrid", 10, {10, 20}, {100, 200, 201},
        ),
        (" port link-type hybrid\n port hybrid untagged vlan 10\n", "hybrid", 1, {1, 10}, set()),
    ],
)  # fmt: skip
def test_vrp(text: str, mode: str, pvid: int, untagged: set[int], tagged: set[int]) -> None:
    """Huawei: what is not shown is VLAN 1."""
    vendor = load_vendor(VRP[0])
    found = traits_of(vendor, text, VRP[1])
    assert (mode, untagged, tagged) == (found.mode, found.untagged, found.tagged)
    assert pvid == pvid_of(vendor, text, VRP[1]) == found.pvid


@pytest.mark.parametrize(
    ("text", "mode", "pvid"),
    [
        ("#\ninterface 10GE1/0/1\n port default vlan 10\n", "access", 10),
        ("#\ninterface 10GE1/0/1\n shutdown\n", "access", 1),
        (" port link-type hybrid\n port hybrid pvid vlan 10\n port hybrid untagged vlan 10\n", "hybrid", 10),
        (" port link-type trunk\n port trunk pvid vlan 10\n", "trunk", 10),
        (" undo portswitch\n ip address 192.0.2.1 255.255.255.0\n", "trunk", 1),
        (" eth-trunk 4\n", "trunk", 1),
    ],
)
def test_vrp_8(text: str, mode: str, pvid: int) -> None:
    """A port is access where nothing is shown; one that is routed, or a member of a bundle, is moved no more than a trunk."""
    found = traits_of(load_vendor("huawei_vrp8"), text, "10GE1/0/1")
    assert (mode, pvid) == (found.mode, found.pvid)


def test_comware() -> None:
    """H3C: tagged and untagged stand behind the list."""
    text = (
        " port link-type hybrid\n undo port hybrid vlan 1\n port hybrid vlan 100 to 101 tagged\n"
        " port hybrid vlan 10 untagged\n port hybrid pvid vlan 10\n"
        " port-security mac-address security sticky 0277-0000-0001 vlan 10\n"
    )
    found = traits_of(load_vendor(COMWARE[0]), text, COMWARE[1])
    assert ("hybrid", 10, {10}, {100, 101}) == (found.mode, found.pvid, found.untagged, found.tagged)
    assert "port-security mac-address security sticky 0277-0000-0001 vlan 10" == found.fixed


@pytest.mark.parametrize(
    ("platform", "port", "text", "held"),
    [
        ("huawei_vrp", "GigabitEthernet0/0/1", "{} current state : ERROR DOWN(bpdu-protection)", "ERROR DOWN(bpdu-protection)"),
        ("huawei_vrp", "GigabitEthernet0/0/1", "{} current state : Administratively DOWN", None),
        ("huawei_vrp", "GigabitEthernet0/0/1", "{} current state : DOWN", None),
        ("huawei_vrp8", "10GE1/0/1", "{} current state : ERROR DOWN(auto-defend) (ifindex: 6)", "ERROR DOWN(auto-defend)"),
        ("huawei_vrp8", "10GE1/0/1", "{} current state : Administratively DOWN (ifindex: 6)", None),
        ("hp_comware", "GigabitEthernet1/0/1", "{}\nCurrent state: DOWN ( Port Security Disabled )", "Port Security Disabled"),
        ("hp_comware", "GigabitEthernet1/0/1", "{}\nCurrent state: STP DOWN", "STP DOWN"),
        ("hp_comware", "GigabitEthernet1/0/1", "{}\nCurrent state: DOWN ( Administratively )", None),
        ("hp_comware", "GigabitEthernet1/0/1", "{}\nCurrent state: Administratively DOWN", None),
        ("cisco_ios", "GigabitEthernet1/0/1", "{} is down, line protocol is down (err-disabled) ", "err-disabled"),
        ("cisco_ios", "GigabitEthernet1/0/1", "{} is down, line protocol is down (notconnect) ", None),
        ("cisco_nxos", "Ethernet1/1", "{} is down (Error disabled, reason:bpduguard)", "Error disabled, reason:bpduguard"),
        ("cisco_nxos", "Ethernet1/1", "{} is down (errDisabled)", "errDisabled"),
        ("cisco_nxos", "Ethernet1/1", "{} is down (Administratively down)", None),
        ("arista_eos", "Ethernet1", "{} is down, line protocol is lowerlayerdown (errdisabled)", "errdisabled"),
        ("arista_eos", "Ethernet1", "{} is down, line protocol is down (notconnect)", None),
    ],
)  # fmt: skip
def test_ports_that_the_switch_holds(platform: str, port: str, text: str, held: str | None) -> None:
    """Port security, BPDU guard and their like are told from a shut and from an unplugged cable."""
    vendor = load_vendor(platform)
    assert vendor.reads.port.held is not None
    found = re.search(vendor.pattern(vendor.reads.port.held, port), text.format(port))
    assert held == (next(group for group in found.groups() if group) if found else None)


@pytest.mark.parametrize("mode", ["trunk", "private-vlan host", "tunnel"])
def test_a_cisco_trunk_whose_link_is_down(mode: str) -> None:
    """`Operational Mode: down` says nothing: what the administrator set does."""
    text = f"Administrative Mode: {mode}\nOperational Mode: down\nAccess Mode VLAN: 10 (VLAN0010)\n"
    assert "trunk" == traits_of(load_vendor("cisco_ios"), text, "GigabitEthernet1/0/1").mode


def test_junos_members() -> None:
    """By name or number as they were set; none where they come from a group or an interface range."""
    vendor, port = load_vendor("juniper_junos"), "ge-0/0/1"
    line = "set interfaces ge-0/0/1 unit 0 family ethernet-switching"
    assert "users" == traits_of(vendor, f"{line} interface-mode access\n{line} vlan members users\n", port).vlan_name
    assert traits_of(vendor, "", port).vlan_name is None


def test_uptime_is_never_guessed() -> None:
    """A text without one is an error: 0 would read as a reboot just now, and a reboot is a reason to act."""
    with pytest.raises(DeviceError, match="no uptime"):
        device_facts(load_vendor("cisco_ios"), lambda _: "Cisco IOS Software, Version 17.9\n", lambda: "sw1", "sw1")
