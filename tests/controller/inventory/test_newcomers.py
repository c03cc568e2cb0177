"""A machine that was not on its port when the tables were read: what came with it is read before anything is decided."""

import pytest

from controller.core.errors import CordonError
from controller.core.tables import Neighbour
from playbooks.facts import NeighbourKind
from playbooks.plan import PortRef
from playbooks.request import Target

from .test_fresh import IP, NEW, PC, AtOnce, Net, learned, place

PORT = PortRef(switch="sw1", ifindex=2, name="ge2")


def net_of(one: AtOnce) -> Net:
    """PC was on ge1; from now on sw1 answers as `one` does."""
    net = Net()
    net.sources["sw1"] = one
    return net


def test_a_machine_that_has_just_come_to_a_port() -> None:
    """It is learned where it was not when the tables were read: whoever came with it is not known, so all is read once."""
    one = AtOnce()
    net = net_of(one)
    one.rows, one.heard = (
        (learned(PC, 2), learned(NEW, 2)),
        (Neighbour(2, "SEP1", "Port 1", NeighbourKind.PHONE, via="cdp"),),
    )
    assert ("sw1", "ge2") == place(net.after(5))
    assert 0 == one.reads
    facts = net.inventory.port_facts(PORT, PC)
    assert (1, (PC, NEW), (NeighbourKind.PHONE,)) == (one.reads, facts.macs, facts.neighbours)
    net.clock.advance(5)
    assert (PC, NEW) == net.inventory.port_facts(PORT, PC).macs
    assert 1 == one.reads


def test_a_machine_that_comes_while_the_tables_are_read() -> None:
    """What is told of it meanwhile counts; that the tables do not have it yet counts too."""
    one = AtOnce()
    net = net_of(one)

    def come() -> None:
        one.during, one.rows = None, (learned(PC, 2),)
        net.clock.advance(3)
        assert ("sw1", "ge2") == place(net.inventory.locate(Target(ip=IP)))

    net.clock.advance(5)
    one.during = come
    net.inventory.refresh("sw1")
    one.rows = (learned(PC, 2), learned(NEW, 2))
    assert (PC, NEW) == net.inventory.port_facts(PORT, PC).macs


def test_a_switch_that_cannot_be_read_then() -> None:
    """Nothing is known of the port: an error, and no facts of before."""
    one = AtOnce()
    net = net_of(one)
    one.rows = (learned(PC, 2),)
    net.after(5)
    one.down = True
    with pytest.raises(CordonError, match="could not be read"):
        net.inventory.port_facts(PORT, PC)


def test_a_machine_that_was_there_all_the_time() -> None:
    """No table is read for it, however often it is asked for."""
    one = AtOnce()
    net = net_of(one)
    for _ in range(3):
        net.after(5)
        assert (PC,) == net.inventory.port_facts(PORT.model_copy(update={"ifindex": 1, "name": "ge1"}), PC).macs
    assert 0 == one.reads


def test_a_machine_that_is_not_seen() -> None:
    """Nothing is done to a port where it is not: no table is read to know that."""
    one = AtOnce()
    net = net_of(one)
    one.rows = ()
    net.after(5)
    assert () == net.inventory.port_facts(PORT, PC).macs
    assert 0 == one.reads
