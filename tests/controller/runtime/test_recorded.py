"""What speaks against a row of recorded walks, rule by rule; each site follows the MIBs, and nobody recorded it."""

from typing import Any

import pytest

from controller.runtime.recorded import RecordedSwitch, endpoint_rows
from controller.switches.mib import objects as o
from controller.switches.mib.tagged import CISCO_TRUNK
from controller.switches.mib.walk import Oid, Value
from tests.controller.switches.mibs import PC, SELF, device, learned_d, learned_q

OTHER = (2, 0, 0, 0, 0, 2)
LLDP_SWITCH, LLDP_CHASSIS_MAC = b"\x20\x00", 4


def rows(**parts: dict[Oid, Value]) -> list[dict[str, Any]]:
    """Of a device on its own."""
    return list(endpoint_rows([RecordedSwitch("sw", device(**parts))]))


def heard(local: int, chassis: bytes, capabilities: bytes = LLDP_SWITCH) -> dict[Oid, Value]:
    """A neighbour of lldpRemTable; index: time mark, local port, number."""
    index = (0, local, 1)
    return {
        (*o.LLDP_REMOTE_CHASSIS_KIND, *index): LLDP_CHASSIS_MAC,
        (*o.LLDP_REMOTE_CHASSIS, *index): chassis,
        (*o.LLDP_REMOTE_CAPS, *index): capabilities,
    }


def test_nothing_speaks_against_a_plain_row() -> None:
    """One MAC on a port that is up."""
    (row,) = rows(fdb=learned_q(10, 3), up={(*o.IF_OPER, 103): 1})
    assert ("port", []) == (row["verdict"], row["refuse"])


@pytest.mark.parametrize("oper", [2, 6, 7])
def test_learned_on_a_port_without_link(oper: int) -> None:
    """IEEE 802.1D-2004 section 7.8: learning needs a port that is not disabled, and a port that goes down loses its entries.
    RFC 2863: down, notPresent and lowerLayerDown pass nothing. Either table is old, or the port is not the one."""
    (row,) = rows(fdb=learned_q(10, 3), down={(*o.IF_OPER, 103): oper})
    assert ("port", ["stale"]) == (row["verdict"], row["refuse"])


@pytest.mark.parametrize("mac", [(0, 0, 0x5E, 0, 1, 9), (0, 0, 0x0C, 7, 0xAC, 1)])
def test_a_virtual_router(mac: Oid) -> None:
    """VRRP (RFC 5798 section 7.3), HSRP (RFC 2281 section 5.3): everybody's gateway."""
    (row,) = rows(fdb=learned_q(10, 3, mac=mac))
    assert ["gateway"] == row["refuse"]


def test_a_neighbour_of_the_port_that_a_unit_is_of() -> None:
    """Junos: MACs on ge-0/0/1.0, which the ifStackTable (RFC 2863 section 3.1.1) or its name puts over ge-0/0/1."""
    parts: dict[Oid, Value] = {
        (*o.IF_NAME, 501): b"ge-0/0/1",
        (*o.IF_NAME, 502): b"ge-0/0/1.0",
        (*o.BASE_PORT_IFINDEX, 9): 502,
        **heard(501, bytes(OTHER)),
    }
    (by_name,) = rows(fdb=learned_q(10, 9), parts=parts)
    stacked: dict[Oid, Value] = {(*o.IF_NAME, 502): b"unit", (*o.IF_STACK, 502, 501): 1}
    (by_stack,) = rows(fdb=learned_q(10, 9), parts=parts | stacked)
    assert (["uplink"], ["uplink"]) == (by_name["refuse"], by_stack["refuse"])


def test_a_unit_of_an_aggregate() -> None:
    """`Uplink.100` over `Uplink`, whose ifType is ieee8023adLag(161)."""
    parts: dict[Oid, Value] = {
        (*o.IF_NAME, 900): b"Uplink",
        (*o.IF_TYPE, 900): 161,
        (*o.IF_NAME, 901): b"Uplink.100",
        (*o.BASE_PORT_IFINDEX, 9): 901,
    }
    (row,) = rows(fdb=learned_q(10, 9), parts=parts)
    assert (1, ["aggregate"]) == (row["lag"], row["refuse"])


def test_a_neighbour_by_the_mac_of_its_chassis() -> None:
    """The agent numbers its LLDP ports as it likes; the switch that it hears is learned on ge3 (LldpChassisId macAddress(4))."""
    (machine, neighbour) = rows(a=learned_q(10, 3), b=learned_q(10, 3, mac=OTHER), lldp=heard(77, bytes(OTHER)))
    assert (["uplink"], ["uplink"]) == (machine["refuse"], neighbour["refuse"])


@pytest.mark.parametrize(
    "own",
    [
        {o.BRIDGE_ADDRESS: bytes(OTHER)},
        {(*o.IF_PHYSICAL, 101): bytes(OTHER)},
        learned_d(0, mac=OTHER, status=SELF),
    ],
)
def test_the_other_switch_of_a_site(own: dict[Oid, Value]) -> None:
    """Too few MACs are shared to show the link; but one of them is the other switch: dot1dBaseBridgeAddress (RFC 4188),
    ifPhysAddress (RFC 2863), dot1dTpFdbStatus self(4)."""
    near = RecordedSwitch("near", device(a=learned_q(10, 3), b=learned_q(10, 3, mac=OTHER)))
    far = RecordedSwitch("far", device(own=own))
    (machine, device_itself, *_) = endpoint_rows([near, far])
    assert (["uplink"], ["uplink"]) == (machine["refuse"], device_itself["refuse"])


@pytest.mark.parametrize("own", [o.BRIDGE_ADDRESS, (*o.IF_PHYSICAL, 103)])
def test_its_own_addresses_make_no_uplink(own: Oid) -> None:
    """A Linux bridge shows each port's own MAC as an entry of that port: nobody's machine, and no other switch."""
    row, other = rows(fdb=learned_q(10, 3, mac=PC), machine=learned_q(10, 3, mac=OTHER), own={own: bytes(PC)})
    assert (["unresolved"], []) == (row["refuse"], other["refuse"])


def test_a_trunk() -> None:
    """vlanTrunkPortDynamicStatus trunking(1) (CISCO-VTP-MIB): whoever hangs there, other VLANs do too."""
    (row,) = rows(fdb=learned_d(3), cisco={(*CISCO_TRUNK, 103): 1})
    assert ("port", ["uplink"]) == (row["verdict"], row["refuse"])


@pytest.mark.parametrize(
    "name", [b"Vlan-interface1", b"CPU Interface:  0/5/1", b"MEth0/0/1", b"Management1", b"stack-port"]
)
def test_what_is_no_port_of_the_faceplate_by_its_name(name: bytes) -> None:
    """Agents give such interfaces ifType ethernetCsmacd(6), other(1) or propVirtual(53): the name tells."""
    (row,) = rows(fdb=learned_q(10, 3), name={(*o.IF_NAME, 103): name})
    assert ("port", ["virtual"]) == (row["verdict"], row["refuse"])


def test_a_voice_vlan() -> None:
    """One tagged VLAN where a phone is heard (LldpSystemCapabilitiesMap telephone): no trunk, but a phone."""
    lists: dict[Oid, Value] = {(*o.VLAN_EGRESS, 30): b"\x20", (*o.VLAN_UNTAGGED, 30): b"\x00"}
    phone = heard(3, bytes((2, 0, 0, 0, 0, 9)), b"\x24\x00")
    (row,) = rows(fdb=learned_q(10, 3), lists=lists, lldp=phone)
    (without,) = rows(fdb=learned_q(10, 3), lists=lists)
    assert (["phone"], ["uplink"]) == (row["refuse"], without["refuse"])
