"""Interfaces as the driver reads them: more is asked only where the usual columns do not tell."""

from controller.core.clock import SystemClock
from controller.switches.mib import objects as o
from controller.switches.mib import tagged
from controller.switches.mib.walk import Oid, Value
from controller.switches.snmp import SnmpDriver
from tests.controller.switches.mibs import device
from tests.controller.switches.test_private import ENTRY, Agent


def test_an_agent_without_static_vlans() -> None:
    """Its trunks are asked for in the makers' tables and the VLANs in force; an agent that cannot keeps its ports."""
    cisco: dict[Oid, Value] = {(*tagged.CISCO_TRUNK, 102): 1}
    for deaf, trunks in ((False, ["ge2"]), (True, [])):
        agent = Agent(device(cisco=cisco), deaf=deaf)
        rows = SnmpDriver(ENTRY, agent, SystemClock()).ports()
        assert (4, trunks) == (len(rows), [row.name for row in rows if row.trunk])


def test_an_agent_with_static_vlans() -> None:
    """It is asked for nothing else."""
    agent = Agent(device(vlans={(*o.VLAN_EGRESS, 1): b"\xf0", (*o.VLAN_UNTAGGED, 1): b"\xf0"}))
    SnmpDriver(ENTRY, agent, SystemClock()).ports()
    assert not set(tagged.MORE) & set(agent.asked)


def test_interfaces_that_are_no_port() -> None:
    """By their names: ifType is ethernetCsmacd(6) on all of them."""
    named: dict[Oid, Value] = {(*o.IF_NAME, 101): b"Vlan-interface1", (*o.IF_NAME, 102): b"MEth0/0/1"}
    rows = SnmpDriver(ENTRY, Agent(device(named=named)), SystemClock()).ports()
    assert [True, True, False, False] == [row.virtual for row in rows]
