"""Who else is on a port: what protection and the rule about phones rest on."""

from controller.core.sites import ProtectedAsset
from controller.core.tables import Neighbour
from playbooks.facts import NeighbourKind
from playbooks.plan import PortRef

from .test_fresh import IP, PC, AtOnce, Net


def test_the_phone_on_a_port() -> None:
    """A phone that says its MAC is known by it among the facts of the port."""
    net = Net()
    net.one.heard = (Neighbour(1, "phone", "001122AABBCC:P1", NeighbourKind.PHONE),)
    net.inventory.refresh()
    net.sources["sw1"] = AtOnce()
    facts = net.inventory.port_facts(PortRef(switch="sw1", ifindex=1, name="ge1"), PC)
    assert ((NeighbourKind.PHONE,), ("00:11:22:aa:bb:cc",)) == (facts.neighbours, facts.phones)


def test_addresses_of_a_port() -> None:
    """Where an address is protected, whoever hangs on a port is known with the addresses that any switch has of it."""
    net = Net(ProtectedAsset(ip="10.0.0.0/8", why="everything"))
    net.sources["sw1"] = AtOnce()
    port = PortRef(switch="sw1", ifindex=1, name="ge1")
    assert ((PC, IP),) == net.inventory.port_facts(port, PC).addresses
