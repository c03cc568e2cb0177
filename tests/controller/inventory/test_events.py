"""What switches tell by themselves: what it takes away, what it does not confirm, and which port it means."""

import pytest

from controller.core.tables import MacEvent
from tests.controller.inventory.test_fresh import NEW, PC, Net, learned


@pytest.mark.parametrize("vlan", [None, 10])
@pytest.mark.parametrize("known", [None, 10])
def test_something_gone_of_which_the_vlan_is_not_known(vlan: int | None, known: int | None) -> None:
    """Neither the row nor the news has to know the VLAN: what went from the port is not on the port."""
    net = Net()
    net.clock.advance(1)
    (snapshot, _) = net.inventory.snapshots()
    snapshot.by_mac[PC] = [learned(PC, 1)._replace(vlan=known)]
    net.inventory.mac_seen(MacEvent("sw1", PC, vlan, 1, learned=False, at_ms=net.clock.now_ms()))
    assert [] == snapshot.by_mac[PC]


def test_news_of_one_row_make_the_others_no_younger() -> None:
    """Forgotten in one VLAN, the MAC's row in another is what the table said then: it proves nothing until it is read again."""
    net = Net()
    net.clock.advance(1)
    (snapshot, _) = net.inventory.snapshots()
    snapshot.by_mac[PC] = [learned(PC, 1), learned(PC, 1)._replace(vlan=20)]
    net.inventory.mac_seen(MacEvent("sw1", PC, 20, 1, learned=False, at_ms=net.clock.now_ms()))
    assert [(10, True)] == [(row.vlan, row.weak) for row in snapshot.by_mac[PC]]


def test_a_number_that_is_two_ports() -> None:
    """Where the MIB does not say which number it means, a port is believed that is both; else nothing is known."""
    net = Net()
    net.clock.advance(1)
    at_ms = net.clock.now_ms()
    (snapshot, _) = net.inventory.snapshots()
    both = next(port for port in snapshot.ports if port.bridge_port == port.ifindex)
    net.inventory.mac_seen(MacEvent("sw1", NEW, 10, both.ifindex, True, at_ms, bridge_port=both.ifindex))
    assert [both.name] == [row.port for row in snapshot.by_mac[NEW]]
    net.inventory.mac_seen(MacEvent("sw1", NEW, 10, 1, True, at_ms + 1, bridge_port=2))
    assert 1 == net.inventory.counts.unknown_events
