"""Ports of the MIBs: which carry tagged VLANs, by each maker's way of saying so; a port's own VLAN; its link; where it leads."""

import pytest

from controller.switches.mib import objects as o
from controller.switches.mib import tagged
from controller.switches.mib.ports import port_rows
from controller.switches.mib.walk import Oid, Value
from playbooks.plan import Oper
from tests.controller.switches.mibs import device

ONE, TWO_AND_ONE = b"\x80", b"\xc0"  # PortList (RFC 4363): the top bit is bridge port 1


def shown(**parts: dict[Oid, Value]) -> list[tuple[str, bool, int | None]]:
    """Name, trunk, VLAN."""
    return [(row.name, row.trunk, row.pvid) for row in port_rows(device(**parts))]


def test_by_the_static_lists() -> None:
    """dot1qVlanStaticEgressPorts less dot1qVlanStaticUntaggedPorts; PVIDs are those of bridge ports, not of ifIndexes."""
    lists: dict[Oid, Value] = {(*o.VLAN_EGRESS, 20): TWO_AND_ONE, (*o.VLAN_UNTAGGED, 20): ONE}
    assert [None, 1, None, None] == [row.tagged for row in port_rows(device(lists=lists))]
    found = shown(lists=lists, pvid={(*o.PVID, 1): 20, (*o.PVID, 101): 7})
    assert [("ge1", False, 20), ("ge2", True, None)] == found[:2]


def test_by_what_is_in_force() -> None:
    """Agents that keep no static table: dot1qVlanCurrentEgressPorts, by time mark and VLAN (RFC 4363)."""
    lists: dict[Oid, Value] = {
        (*o.CURRENT_EGRESS, 12, 20): TWO_AND_ONE,
        (*o.CURRENT_UNTAGGED, 12, 20): ONE,
        (*o.CURRENT_EGRESS, 12, 1): b"\x30",
        (*o.CURRENT_UNTAGGED, 12, 1): b"\x30",
    }
    assert [False, True, False, False] == [trunk for _, trunk, _ in shown(lists=lists)]


def test_egress_lists_alone_say_nothing_of_tags() -> None:
    """An agent without the untagged column does not say which of the ports send tags."""
    assert [False] * 4 == [trunk for _, trunk, _ in shown(lists={(*o.CURRENT_EGRESS, 0, 20): TWO_AND_ONE})]


def test_a_cisco() -> None:
    """It has no Q-BRIDGE-MIB: vlanTrunkPortDynamicStatus of CISCO-VTP-MIB is trunking(1) or notTrunking(2), vmVlan an access
    port's VLAN; both by ifIndex. A port with a voice VLAN is no trunk."""
    cisco: dict[Oid, Value] = {
        (*tagged.CISCO_TRUNK, 101): 1,
        (*tagged.CISCO_TRUNK, 102): 2,
        (*o.VM_VLAN, 102): 20,
        (*o.VM_VLAN, 103): 0,
    }
    assert [("ge1", True, None), ("ge2", False, 20), ("ge3", False, None)] == shown(cisco=cisco)[:3]


def test_a_juniper_without_els() -> None:
    """jnxExVlanPortAccessMode of JUNIPER-VLAN-MIB, by VLAN and bridge port: access(1), trunk(2)."""
    modes: dict[Oid, Value] = {(*tagged.JUNIPER_MODE, 3, 1): 1, (*tagged.JUNIPER_MODE, 3, 2): 2}
    assert [False, True, False, False] == [trunk for _, trunk, _ in shown(modes=modes)]


def test_the_way_to_the_root_of_the_spanning_tree() -> None:
    """dot1dStpRootPort (RFC 4188) is a bridge port; 0: it is the root."""
    shown_of = {number: port_rows(device(root={(*o.STP_ROOT_PORT, 0): number})) for number in (0, 3, 101)}
    assert {0: [], 3: ["ge3"], 101: []} == {
        number: [row.name for row in rows if row.to_root] for number, rows in shown_of.items()
    }


@pytest.mark.parametrize(
    ("status", "oper"),
    [(1, Oper.UP), (2, Oper.DOWN), (4, Oper.UNKNOWN), (5, Oper.UNKNOWN), (6, Oper.DOWN), (7, Oper.DOWN)],
)
def test_the_ways_of_being_down(status: int, oper: Oper) -> None:
    """notPresent(6) and lowerLayerDown(7) are down, with the reason (RFC 2863 section 3.1.14); dormant(5) waits."""
    assert oper is port_rows(device(down={(*o.IF_OPER, 101): status}))[0].oper


def test_the_switchs_own_addresses() -> None:
    """ifPhysAddress, as octets and as text; an interface without one has none."""
    physical: dict[Oid, Value] = {
        (*o.IF_PHYSICAL, 101): bytes(range(6)),
        (*o.IF_PHYSICAL, 102): b"0:1b:c:0:0:2",
        (*o.IF_PHYSICAL, 103): b"",
    }
    macs = [row.mac for row in port_rows(device(physical=physical))]
    assert ["00:01:02:03:04:05", "00:1b:0c:00:00:02", None, None] == macs
