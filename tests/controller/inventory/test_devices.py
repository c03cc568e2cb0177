"""Where is it, next to switches, routers and access points: by their own addresses, and on units of ports."""

import pytest

from controller.core.tables import NOBODY, ArpRow, Neighbour
from playbooks.facts import NeighbourKind, Refusal, Verdict
from tests.controller.inventory.test_locate import OTHER, PC, Net, flow, learned, place, port

VIRTUAL = [
    "00:00:5e:00:01:0a", "00:00:5e:00:02:0a", "00:00:0c:07:ac:05", "00:00:0c:9f:f0:01", "00:05:73:a0:00:01", "00:07:b4:00:0a:01",
    "00:09:0f:09:00:01",
]  # fmt: skip


@pytest.mark.parametrize("mac", VIRTUAL)
def test_a_virtual_router(mac: str) -> None:
    """VRRP and CARP (RFC 5798 section 7.3), HSRP (RFC 2281 section 5.3), GLBP, FGCP: the gateway of everybody, with one address
    and alone on its port. A forged source that is the gateway's address never shuts the gateway's port."""
    net = Net()
    net.snapshots["sw1"].fdb += (learned(mac, 3, "ge3"),)
    net.snapshots["sw1"].arp += (ArpRow("10.0.0.254", mac, None),)
    assert Refusal.GATEWAY in net.find(ip="10.0.0.254").refuse
    assert Refusal.GATEWAY in net.find(mac=mac.upper()).refuse


@pytest.mark.parametrize("kind", [NeighbourKind.SWITCH, NeighbourKind.ROUTER, NeighbourKind.AP])
def test_a_device_behind_a_port_by_its_own_mac(kind: NeighbourKind) -> None:
    """The neighbour was heard somewhere that the agent does not name; its chassis' MAC is learned on ge1 (IEEE 802.1AB)."""
    net = Net()
    net.snapshots["sw1"].fdb += (learned("02:00:00:00:0a:01", 1, "ge1"),)
    net.snapshots["sw1"].neighbours = (Neighbour(0, "other", "p1", kind, chassis="02:00:00:00:0a:01"),)
    assert Refusal.UPLINK in net.find(mac=PC).refuse


def test_another_switch_behind_a_port_by_what_it_calls_its_own() -> None:
    """dot1dTpFdbStatus self(4) on sw2, learned on sw1 (RFC 4188): a quiet link of few MACs, and no LLDP."""
    net = Net()
    own = learned("02:00:00:00:0b:01", 0, "", verdict=Verdict.SELF)
    net.snapshots["sw2"].fdb += (own,)
    net.snapshots["sw1"].fdb += (learned(own.mac, 1, "ge1"),)
    assert Refusal.UPLINK in net.find(mac=PC).refuse
    assert () == net.find(mac=OTHER).refuse


def test_another_switch_behind_a_port_by_its_interfaces() -> None:
    """ifPhysAddress (RFC 2863) of an interface of sw2 is learned on ge1 of sw1: what answers for its management hangs there."""
    net = Net()
    two = net.snapshots["sw2"]
    two.ports = (*two.ports, port(80, "Vlanif1", if_type=53, mac="02:00:00:00:0e:01"), port(81, "x", mac=NOBODY))
    net.snapshots["sw1"].fdb += (learned("02:00:00:00:0e:01", 1, "ge1"), learned(NOBODY, 2, "ge2"))
    assert Refusal.UPLINK in net.find(mac=PC).refuse
    assert () == net.find(mac=OTHER).refuse


def test_a_port_of_a_linux_bridge() -> None:
    """Its own MAC is an entry of that port (Cumulus): it is no machine, counts for none, and is no other switch."""
    net = Net()
    one = net.snapshots["sw1"]
    one.ports = (port(1, "ge1", mac="02:00:00:00:0f:01"), *one.ports[1:])
    one.fdb += (learned("02:00:00:00:0f:01", 1, "ge1"),)
    assert ((), 1) == ((found := net.find(mac=PC)).refuse, found.port_mac_count)
    assert Refusal.UNRESOLVED in net.find(mac="02:00:00:00:0f:01").refuse


def test_another_switch_behind_a_port_by_its_address() -> None:
    """ARP says which MAC answers for the management address of sw2; it is learned on ge1 of sw1."""
    net = Net()
    net.snapshots["sw2"].arp += (ArpRow("192.0.2.2", "02:00:00:00:0c:01", None),)
    net.snapshots["sw1"].fdb += (learned("02:00:00:00:0c:01", 1, "ge1"),)
    assert Refusal.UPLINK in net.find(mac=PC).refuse


def test_the_port_towards_the_root_of_the_spanning_tree() -> None:
    """dot1dStpRootPort (RFC 4188): another bridge is there, whatever is learned and however few."""
    net = Net()
    net.snapshots["sw1"].ports = (port(1, "ge1", to_root=True), *net.snapshots["sw1"].ports[1:])
    assert (Refusal.UPLINK,) == net.find(mac=PC).refuse


def test_an_interface_that_is_no_port_by_its_name() -> None:
    """The driver marked it: a VLAN's interface, the port for managing the switch."""
    net = Net()
    net.snapshots["sw1"].ports = (port(1, "ge1", virtual=True), *net.snapshots["sw1"].ports[1:])
    assert (Refusal.VIRTUAL,) == net.find(mac=PC).refuse


def test_a_copied_address_of_a_switch_moves_nobody() -> None:
    """A machine that uses a switch's MAC refuses its own port; it makes no other port the edge."""
    net = Net()
    net.entries = [entry.model_copy(update={"uplinks": ()}) for entry in net.entries]
    net.snapshots["sw2"].fdb = (learned("02:00:00:00:0b:01", 0, "", verdict=Verdict.SELF), learned(PC, 9, "up1"))
    net.snapshots["sw1"].fdb = (learned(PC, 1, "ge1"), learned("02:00:00:00:0b:01", 1, "ge1"))
    found = net.find(mac=PC)
    assert (None, True) == (place(found), Refusal.CONFLICT in found.refuse)


@pytest.mark.parametrize("beneath", [frozenset({51}), frozenset()])
@pytest.mark.parametrize("kind", [NeighbourKind.SWITCH, NeighbourKind.AP])
def test_a_neighbour_of_the_port_that_a_unit_is_of(beneath: frozenset[int], kind: NeighbourKind) -> None:
    """Junos learns MACs on ge-0/0/1.0 and hears LLDP on ge-0/0/1: by the ifStackTable (RFC 2863), or by the name."""
    net = Net()
    one = net.snapshots["sw1"]
    one.ports = (port(51, "ge-0/0/1"), port(1, "ge-0/0/1.0", if_type=53, beneath=beneath), *one.ports[1:])
    one.neighbours = (Neighbour(51, "other", "p1", kind),)
    assert Refusal.BEHIND_INTERSWITCH in net.find(mac=PC).refuse
    assert () == net.find(mac=OTHER).refuse


def test_a_flow_counted_on_the_port_of_a_unit() -> None:
    """sFlow names ge-0/0/1, the FDB ge-0/0/1.0: one plug. ge-0/0/11 is another."""
    net = Net()
    one = net.snapshots["sw1"]
    unit = port(1, "ge-0/0/1.0", if_type=53)
    one.ports = (port(51, "ge-0/0/1"), unit, port(52, "ge-0/0/11"), *one.ports[1:])
    assert ((), ("sw1", "ge-0/0/1.0")) == ((found := net.find(flow(in_if=51), mac=PC)).refuse, place(found))
    assert Refusal.SPOOFED in net.find(flow(in_if=52), mac=PC).refuse


def test_a_packet_that_a_router_forwarded() -> None:
    """sFlow at the router's port: an address from elsewhere with the MAC of the router, which has one address in ARP. Its port is
    proven, and it is not the sender's (RFC 1812 section 5.2.1)."""
    net = Net()
    router = "02:00:00:00:0d:01"
    net.snapshots["sw1"].fdb += (learned(router, 3, "ge3"),)
    net.snapshots["sw1"].arp += (ArpRow("10.0.0.254", router, None),)
    assert Refusal.GATEWAY in net.find(flow(in_if=3, mac=router), ip="10.7.7.7").refuse
    assert () == net.find(flow(in_if=3, mac=router), ip="10.0.0.254").refuse


def test_an_address_of_another_family() -> None:
    """ARP knows the machine's IPv4 address, and nothing tells of its IPv6 addresses: no doubt follows."""
    assert () == Net().find(flow(), ip="2001:db8::1").refuse


@pytest.mark.parametrize(
    ("heard", "tagged", "pvid", "refused"),
    [
        (NeighbourKind.PHONE, 1, 10, ()),
        (NeighbourKind.PHONE, 2, 10, (Refusal.UPLINK,)),
        (NeighbourKind.PHONE, None, 10, (Refusal.UPLINK,)),
        (NeighbourKind.PHONE, 1, None, (Refusal.UPLINK,)),
        (NeighbourKind.OTHER, 1, 10, (Refusal.UPLINK,)),
    ],
)
def test_a_voice_vlan(heard: NeighbourKind, tagged: int | None, pvid: int | None, refused: tuple[Refusal, ...]) -> None:
    """One tagged VLAN beside the port's own, and a phone (LLDP-MED, ANSI/TIA-1057): no trunk, and a MAC may be blocked there
    (the guard refuses the rest behind a phone). Everything else that is tagged is a trunk."""
    net = Net()
    one = net.snapshots["sw1"]
    one.ports = (port(1, "ge1", trunk=True, tagged=tagged, pvid=pvid), *one.ports[1:])
    one.neighbours = (Neighbour(1, "phone", "p1", heard),)
    assert refused == net.find(mac=PC).refuse
