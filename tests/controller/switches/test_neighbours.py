"""LLDP, CDP, ARP and interfaces of odd agents."""

import pytest

from controller.switches.mib import objects as o
from controller.switches.mib.arp import arp_rows
from controller.switches.mib.kinds import kind_by_cdp, kind_by_lldp
from controller.switches.mib.neighbours import lldp_rows, neighbour_rows
from controller.switches.mib.ports import is_aggregate_name, port_rows
from controller.switches.mib.walk import Oid, Value, Walk
from playbooks.facts import NeighbourKind
from tests.controller.switches.mibs import device

MAC = bytes.fromhex("0200000000aa")


def heard(*index: int, caps: Value = b"\x28\x00") -> dict[Oid, Value]:
    """An LLDP neighbour."""
    return {
        (*o.LLDP_REMOTE_CHASSIS_KIND, *index): 4,
        (*o.LLDP_REMOTE_CHASSIS, *index): MAC,
        (*o.LLDP_REMOTE_NAME, *index): b"core\0garbage",
        (*o.LLDP_REMOTE_CAPS, *index): caps,
    }


def on(walk: Walk) -> list[int]:
    """ifIndexes with a neighbour."""
    return [row.ifindex for row in neighbour_rows(walk)]


def test_where_it_was_heard() -> None:
    """By what the local port calls itself: its name, its MAC, or its number."""
    named = {(*o.LLDP_LOCAL_KIND, 40): 5, (*o.LLDP_LOCAL_ID, 40): b"ge2"}
    by_mac = {(*o.LLDP_LOCAL_KIND, 40): 3, (*o.LLDP_LOCAL_ID, 40): MAC, (*o.IF_PHYSICAL, 103): MAC}
    assert [102] == on(device(near=heard(0, 40, 1), local=named))
    assert [103] == on(device(near=heard(0, 40, 1), local=by_mac))
    assert [104] == on(device(near=heard(0, 4, 1)))


def test_a_name_that_somebody_wrote_into_another_ports_alias() -> None:
    """The identifier is an interface name (subtype 5): the alias of ge5 does not hide ge2. An alias (subtype 1) is one."""
    local = {(*o.LLDP_LOCAL_KIND, 40): 5, (*o.LLDP_LOCAL_ID, 40): b"ge2"}
    alias = {(*o.IF_ALIAS, 104): b"ge2"}
    assert [102] == on(device(near=heard(0, 40, 1), local=local, alias=alias))
    assert [104] == on(device(near=heard(0, 40, 1), local=local | {(*o.LLDP_LOCAL_KIND, 40): 1}, alias=alias))


def test_a_name_of_two_interfaces() -> None:
    """The description decides, then the number; if neither does, both are treated as leading on."""
    local = {(*o.LLDP_LOCAL_KIND, 40): 5, (*o.LLDP_LOCAL_ID, 40): b"ge2"}
    twice = {(*o.IF_NAME, 103): b"ge2"}
    described = {(*o.IF_DESCR, 103): b"the third", (*o.LLDP_LOCAL_DESCR, 40): b"the third"}
    assert [102, 103] == on(device(near=heard(0, 40, 1), local=local, twice=twice))
    assert [103] == on(device(near=heard(0, 40, 1), local=local, twice=twice, described=described))
    assert [103] == on(device(near=heard(0, 3, 1), twice=twice, local={(*o.LLDP_LOCAL_ID, 3): b"ge2"}))


def test_a_number_that_the_agent_assigned() -> None:
    """Subtype local, `2`: the name of ge4 as it happens, and the number of a port of the bridge. Both."""
    local = {(*o.LLDP_LOCAL_KIND, 2): 7, (*o.LLDP_LOCAL_ID, 2): b"2", (*o.IF_NAME, 104): b"2"}
    assert [102, 104] == on(device(near=heard(0, 2, 1), local=local))


def test_one_mac_for_all_ports() -> None:
    """It says nothing; the number does."""
    shared = {(*o.IF_PHYSICAL, 100 + port): MAC for port in range(1, 5)}
    local = {(*o.LLDP_LOCAL_KIND, 3): 3, (*o.LLDP_LOCAL_ID, 3): MAC}
    assert [103] == on(device(near=heard(0, 3, 1), local=local, shared=shared))


@pytest.mark.parametrize(
    "column", [o.LLDP_REMOTE_PORT, o.LLDP_REMOTE_DESCR, o.LLDP_REMOTE_CAPS, o.LLDP_REMOTE_CAPS_SUPPORTED]
)
def test_columns_that_a_recorder_left_out(column: Oid) -> None:
    """Any column shows that there is a neighbour."""
    (row,) = neighbour_rows(device(near={(*column, 0, 4, 1): b"\x20\x00"}))
    assert 104 == row.ifindex


def test_cdp_without_names() -> None:
    """The capabilities alone; as octets and as text."""
    for told in (b"\x00\x00\x00\x29", b"00 00 00 29 "):
        (row,) = neighbour_rows(Walk({(*o.CDP_CAPS, 102, 1): told}))
        assert (102, NeighbourKind.SWITCH, "cdp") == (row.ifindex, row.kind, row.via)


def test_a_number_that_fits_twice() -> None:
    """Bridge port 1 is ifIndex 101, and there is an ifIndex 1 too: both are treated as leading on."""
    assert [1, 101] == on(device(near=heard(0, 1, 1), more={(*o.IF_NAME, 1): b"mgmt0"}))


def test_an_index_without_a_local_port() -> None:
    """The neighbour is kept, on no port."""
    (row,) = neighbour_rows(device(near=heard(8)))
    assert (0, "core", "02:00:00:00:00:aa") == (row.ifindex, row.system_name, row.chassis)


def test_management_addresses() -> None:
    """IPv4 and IPv6; other families and impossible lengths are passed over."""
    root = (*o.LLDP_REMOTE_ADDRESS_IF, 0, 4, 1)
    addresses = {(*root, 1, 4, 10, 0, 0, 9): 1, (*root, 2, 16, *range(16)): 1, (*root, 6, 6, *MAC): 1, (*root, 1, 4): 1}
    (row,) = neighbour_rows(device(near=heard(0, 4, 1), addresses=addresses))
    assert ("10.0.0.9", "1:203:405:607:809:a0b:c0d:e0f") == row.addresses


@pytest.mark.parametrize(
    ("caps", "kind"),
    [
        (b"\x20\x00", NeighbourKind.SWITCH),
        (b"\x08", NeighbourKind.ROUTER),
        (b"\x24\x00", NeighbourKind.PHONE),
        (b"\x30", NeighbourKind.AP),
        (b"\x01\x00", NeighbourKind.OTHER),
        (b"28 00 2 4 ", NeighbourKind.SWITCH),
        (b"\x00\x80", NeighbourKind.SWITCH),  # a component of a bridge for customer VLANs
        (b"\x01\x20", NeighbourKind.SWITCH),  # a relay with two ports
        (b"00 40 9 ", NeighbourKind.SWITCH),
        (b"\x02\x00", NeighbourKind.OTHER),  # a cable modem
        (20, NeighbourKind.SWITCH),
        (b"", NeighbourKind.SWITCH),  # it has a name, and says nothing else
    ],
)
def test_what_a_neighbour_is(caps: Value, kind: NeighbourKind) -> None:
    """Octets, and the text that some recorders made of them. A phone with a switch inside is a phone."""
    (row,) = neighbour_rows(device(near=heard(0, 4, 1, caps=caps)))
    assert kind is row.kind


def test_without_capabilities() -> None:
    """What it calls itself decides."""
    assert NeighbourKind.SWITCH is kind_by_lldp(b"", b"", "Cisco IOS Software, C3560 Software")
    assert NeighbourKind.SWITCH is kind_by_lldp(b"\0\0", b"\x20\0")


@pytest.mark.parametrize(
    ("enabled", "description", "name", "kind"),
    [
        # A small switch that runs lldpd as a host would: station only.
        (b"\x01\x00", "USW-Flex, 6.2.14.13855", "desk", NeighbourKind.SWITCH),
        (b"\x01\x00", "Ubuntu 20.04.3 LTS Linux 5.4.0", "srv", NeighbourKind.OTHER),
        # The capabilities are an optional TLV (IEEE 802.1AB section 8.5.8).
        (b"", "", "core-sw.example", NeighbourKind.SWITCH),
        (b"", "", "SEP0015FAFE4806", NeighbourKind.PHONE),
        (b"", "", "ap-21", NeighbourKind.AP),
        (b"", "Linux 2.6.32", "srv", NeighbourKind.OTHER),
        (b"", "", "", NeighbourKind.OTHER),  # a PC sends no more than it must
    ],
)
def test_neighbours_that_say_little(enabled: bytes, description: str, name: str, kind: NeighbourKind) -> None:
    """What may be a switch is treated as one; what calls itself a machine, or nothing, is none."""
    assert kind is kind_by_lldp(enabled, b"", description, name)


@pytest.mark.parametrize(
    ("bits", "platform", "kind"),
    [
        (0x90, "Cisco IP Phone 7960", NeighbourKind.PHONE),
        (0x22, "cisco AIR-AP1141N-A-K9", NeighbourKind.AP),
        (0x28, "cisco WS-C3560-48PS", NeighbourKind.SWITCH),
        (0x01, "Cisco 2811", NeighbourKind.ROUTER),
        (0x10, "VMware ESX", NeighbourKind.OTHER),
    ],
)
def test_what_cdp_says(bits: int, platform: str, kind: NeighbourKind) -> None:
    """An access point calls itself a bridge; the platform tells it apart."""
    assert kind is kind_by_cdp(bits.to_bytes(4, "big"), platform)


def test_bindings_of_both_tables() -> None:
    """IPv4, IPv6 with a zone, MACs as text; invalid rows and lengths that cannot be are left out."""
    v6 = (0xFE, 0x80, *([0] * 13), 1)
    walk = Walk(
        {
            (*o.ARP_MAC, 3, 10, 0, 0, 1): MAC,
            (*o.ARP_MAC, 3, 10, 0, 0, 2): b"2:0:0:0:0:bb",
            (*o.ARP_MAC, 3, 10, 0, 0, 3): MAC,
            (*o.ARP_TYPE, 3, 10, 0, 0, 3): 2,
            (*o.NEIGHBOUR_MAC, 3, 1, 4, 10, 0, 0, 1): MAC,
            (*o.NEIGHBOUR_MAC, 3, 4, 20, *v6, 0, 0, 0, 3): MAC,
            (*o.NEIGHBOUR_MAC, 3, 1, 5, 10, 0, 0, 1): MAC,
            (*o.NEIGHBOUR_MAC, 3, 16, 4, 97, 46, 98, 99): MAC,  # a name (dns), not an address
            (*o.NEIGHBOUR_MAC, 3, 2, 4, 10, 0, 0, 4): MAC,
            (*o.NEIGHBOUR_MAC, 3, 1, 4, 10, 0, 0, 256): MAC,
            (*o.NEIGHBOUR_MAC, 3, 1, 4, 10, 0, 0): MAC,
        }
    )
    assert {("10.0.0.1", "02:00:00:00:00:aa"), ("10.0.0.2", "02:00:00:00:00:bb"), ("fe80::1", "02:00:00:00:00:aa")} == {
        (row.ip, row.mac) for row in arp_rows(walk)
    }


def test_members_of_an_aggregate() -> None:
    """By ifStack and by dot3adAggPortAttachedAggID; a port that is its own aggregate is none."""
    stack = {(*o.IF_NAME, 900): b"Po1", (*o.IF_ADMIN, 900): 1, (*o.IF_STACK, 900, 101): 1, (*o.IF_STACK, 0, 102): 1}
    attached = {(*o.LAG_ATTACHED, 103): 900, (*o.LAG_ATTACHED, 104): 104}
    rows = {row.name: (row.lag, row.aggregate) for row in port_rows(device(stack=stack, attached=attached))}
    assert {
        "ge1": (True, 900),
        "ge2": (False, None),
        "ge3": (True, 900),
        "ge4": (False, None),
        "Po1": (True, None),
    } == rows


@pytest.mark.parametrize(
    "name",
    [
        "Po1",
        "Port-channel12",
        "Bridge-Aggregation3",
        "BAGG3",
        "Eth-Trunk1",
        "Trk1",
        "ae0",
        "bond0",
        "Bundle-Ether1",
        "lag.0.3",
        "mlag4",
        "MLT1",
        "smartgroup1",
        "bonding1",
        "lagg0",
        "LLAG2",
        "Trunk ID 3",
        "Link Aggregate 4",
        "ae0.0",
        "LAG-5",
    ],
)
def test_names_of_aggregates(name: str) -> None:
    """On a command line there is no ifType."""
    assert is_aggregate_name(name)


@pytest.mark.parametrize(
    "name", ["GigabitEthernet1/0/1", "port1.0.19", "Ethernet1", "1", "Eth1/1", "te0/1", "lan1", "beta1", "la1"]
)
def test_names_of_single_ports(name: str) -> None:
    """No single port is taken for an aggregate."""
    assert not is_aggregate_name(name)


@pytest.mark.parametrize("group", [(1,), (1, 128, 194, 0, 0, 14)])
def test_the_second_lldp_mib(group: Oid) -> None:
    """Its index has the ifIndex itself, and a row of the group addresses that frames are sent to (LldpV2DestAddressTableIndex),
    or, of odd agents, that address; one neighbour in both MIBs is one."""

    def row(column: int, value: Value) -> dict[Oid, Value]:
        return {(*o.LLDP2_REMOTE, column, 0, 102, *group, 1): value}

    second = row(5, 4) | row(6, bytes(range(6))) | row(8, b"ge-0/0/1") | row(10, b"core") | row(13, b"\x20")
    address = {(*o.LLDP2_REMOTE_ADDRESS_IF, 0, 102, *group, 1, 1, 4, 10, 0, 0, 1): 5}
    (one,) = lldp_rows(device(second=second, address=address))
    assert (102, "core", "ge-0/0/1", NeighbourKind.SWITCH) == (one.ifindex, one.system_name, one.port_id, one.kind)
    assert ("00:01:02:03:04:05", ("10.0.0.1",)) == (one.chassis, one.addresses)
