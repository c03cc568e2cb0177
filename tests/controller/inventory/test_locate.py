"""Where is it: joined evidence, every doubt named, and never a port that leads on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.sites import Site, SwitchEntry, SwitchFile
from controller.core.tables import BY_LOOKS, ArpRow, FdbRow, Neighbour, PortRow
from controller.inventory.case import Network
from controller.inventory.config import InventoryConfig
from controller.inventory.locate import locate
from controller.inventory.snapshot import Snapshot
from controller.inventory.topology import Topology
from playbooks.facts import Location, NeighbourKind, Refusal, Verdict
from playbooks.plan import Admin, Oper
from playbooks.request import FlowEvidence, Target

NOW_MS = 1_700_000_000_000
PC, OTHER, FAR = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:31"
IP = "10.0.0.1"


def port(ifindex: int, name: str, **changes: Any) -> PortRow:
    """An access port that is up."""
    values = {"alias": "", "if_type": 6, "admin": Admin.UP, "oper": Oper.UP, "pvid": 10}
    return PortRow(ifindex=ifindex, name=name, **{**values, **changes})


def learned(mac: str, ifindex: int, name: str, **changes: Any) -> FdbRow:
    """A learned MAC."""
    return FdbRow(**{"mac": mac, "vlan": 10, "ifindex": ifindex, "port": name, "verdict": Verdict.PORT, **changes})


class Net:
    """Two access switches, joined by up1 and up2; PC on sw1 ge1, FAR on sw2 ge1."""

    def __init__(self) -> None:
        self.config = InventoryConfig()
        self.entries = [
            SwitchEntry(name="sw1", site="s", address="192.0.2.1", uplinks=("up1",)),
            SwitchEntry(name="sw2", site="s", address="192.0.2.2", uplinks=("up1",)),
        ]
        self.snapshots = {name: self._switch(name) for name in ("sw1", "sw2")}
        one, two = self.snapshots["sw1"], self.snapshots["sw2"]
        one.fdb = (learned(PC, 1, "ge1"), learned(OTHER, 2, "ge2"), learned(FAR, 9, "up1"))
        two.fdb = (learned(FAR, 1, "ge1"), learned(PC, 9, "up1"), learned(OTHER, 9, "up1"))
        one.arp = (ArpRow(IP, PC, None), ArpRow("10.0.0.2", OTHER, None))

    @staticmethod
    def _switch(name: str) -> Snapshot:
        ports = (*(port(n, f"ge{n}") for n in range(1, 5)), port(9, "up1", trunk=True))
        at = NOW_MS - 500
        return Snapshot(name, ports=ports, ports_ms=at, fdb_ms=at, arp_ms=at, neighbours_ms=at)

    def find(self, flow: FlowEvidence | None = None, **who: str) -> Location:
        """Locate."""
        for snapshot in self.snapshots.values():
            snapshot.index()
        file = SwitchFile(sites=(Site(name="s"),), switches=tuple(self.entries))
        topology = Topology(file)
        for snapshot in self.snapshots.values():
            topology.update(snapshot)
        network = Network(file, self.snapshots, topology.leading(), self.config, NOW_MS, topology.devices())
        return locate(network, Target(**who), flow)


def flow(in_if: int = 1, mac: str | None = PC, agent: str = "192.0.2.1") -> FlowEvidence:
    """The accused flow's own evidence."""
    return FlowEvidence(agent=agent, in_if=in_if, src_mac=mac, seen_ms=NOW_MS - 100)


def place(location: Location) -> tuple[str, str] | None:
    """Switch and port."""
    return (location.port.switch, location.port.name) if location.port else None


def test_by_address_mac_and_flow() -> None:
    """All three agree: the edge port, three kinds of evidence, nothing against it."""
    found = Net().find(flow(), ip=IP, mac=PC)
    assert (("sw1", "ge1"), ()) == (place(found), found.refuse)
    assert {"arp", "fdb", "flow"} == {evidence.source for evidence in found.evidence}


def test_an_address_alone() -> None:
    """ARP gives the MAC, the FDB the port."""
    found = Net().find(ip=IP)
    assert (("sw1", "ge1"), (), PC) == (place(found), found.refuse, found.mac)


def test_the_edge_wins_over_uplinks() -> None:
    """A MAC is learned on every switch it was heard through; its own port is the one that leads nowhere."""
    assert ("sw2", "ge1") == place(Net().find(mac=FAR))


def test_an_uplink_in_another_spelling() -> None:
    """An uplink that is written otherwise than the switch calls it is one all the same."""
    net = Net()
    net.entries = [entry.model_copy(update={"uplinks": ("UP 1",)}) for entry in net.entries]
    for snapshot in net.snapshots.values():
        snapshot.ports = tuple(port(p.ifindex, p.name) for p in snapshot.ports)
    assert (Refusal.UPLINK,) == net.find(switch="sw2", port="up1").refuse


def test_uplinks_without_being_told() -> None:
    """Neither configuration nor LLDP: what the tables share shows which ports lead on."""
    net = Net()
    net.entries = [entry.model_copy(update={"uplinks": ()}) for entry in net.entries]
    for snapshot in net.snapshots.values():
        snapshot.ports = tuple(port(p.ifindex, p.name) for p in snapshot.ports)
    net.snapshots["sw2"].fdb += (learned("02:00:00:00:00:32", 2, "ge2"),)
    net.snapshots["sw1"].fdb += (learned("02:00:00:00:00:32", 9, "up1"),)
    assert ("sw2", "ge1") == place(net.find(mac=FAR))


@pytest.mark.parametrize("kind", [NeighbourKind.SWITCH, NeighbourKind.ROUTER, NeighbourKind.AP])
def test_a_neighbour_that_others_hang_on(kind: NeighbourKind) -> None:
    """LLDP names a switch, router or access point on the port: nobody is cut off there."""
    net = Net()
    net.snapshots["sw1"].neighbours = (Neighbour(1, "other", "p1", kind),)
    assert net.find(mac=PC).refuse


def test_a_forged_address() -> None:
    """The flow's MAC is not the one that the address belongs to: spoofed."""
    assert Refusal.SPOOFED in Net().find(flow(in_if=2, mac=OTHER), ip=IP, mac=OTHER).refuse


def test_a_forged_mac() -> None:
    """The MAC hangs on ge1, the flow entered at ge3: an innocent machine would be cut off."""
    found = Net().find(flow(in_if=3), ip=IP, mac=PC)
    assert Refusal.SPOOFED in found.refuse


def test_an_address_that_two_machines_claim() -> None:
    """ARP has two MACs: a conflict."""
    net = Net()
    net.snapshots["sw2"].arp = (ArpRow(IP, OTHER, None),)
    assert Refusal.CONFLICT in net.find(ip=IP).refuse


def test_an_address_that_nobody_answered_for() -> None:
    """What an agent shows while it asks, a MAC of zeros, claims no address."""
    net = Net()
    net.snapshots["sw2"].arp = (ArpRow(IP, "00:00:00:00:00:00", None),)
    found = net.find(flow(), ip=IP)
    assert (("sw1", "ge1"), ()) == (place(found), found.refuse)


def test_a_mac_on_two_edge_ports() -> None:
    """It moved, or somebody copied it: a conflict."""
    net = Net()
    net.snapshots["sw2"].fdb = (learned(PC, 2, "ge2"),)
    assert Refusal.CONFLICT in net.find(mac=PC).refuse


def test_behind_uplinks_only() -> None:
    """Known only through uplinks: it hangs on a switch that is not in the file."""
    net = Net()
    net.snapshots["sw2"].fdb = (learned(PC, 9, "up1"), learned(OTHER, 9, "up1"))
    found = net.find(mac=FAR)
    assert Refusal.BEHIND_INTERSWITCH in found.refuse


def test_old_tables() -> None:
    """A table that is two minutes old proves nothing."""
    net = Net()
    net.snapshots["sw1"].fdb_ms = NOW_MS - 120_000
    assert Refusal.STALE in net.find(mac=PC).refuse


def test_too_many_macs() -> None:
    """A hub, a hypervisor or an unknown switch."""
    net = Net()
    more = tuple(learned(f"02:00:00:00:01:{n:02x}", 1, "ge1") for n in range(5))
    net.snapshots["sw1"].fdb += more
    found = net.find(mac=PC)
    assert Refusal.MANY_MACS in found.refuse
    assert 6 == found.port_mac_count


def test_an_aggregate() -> None:
    """A port channel is never shut for one machine."""
    net = Net()
    net.snapshots["sw1"].ports = (port(1, "ge1", lag=True), *net.snapshots["sw1"].ports[1:])
    assert Refusal.AGGREGATE in net.find(mac=PC).refuse


def test_a_trunk() -> None:
    """A trunk is an uplink as far as a blocker is concerned."""
    net = Net()
    net.snapshots["sw1"].ports = (port(1, "ge1", trunk=True), *net.snapshots["sw1"].ports[1:])
    assert Refusal.UPLINK in net.find(mac=PC).refuse


def test_a_gateway() -> None:
    """A MAC that answers for many addresses is a router, not the endpoint behind it."""
    net = Net()
    net.snapshots["sw1"].arp += tuple(ArpRow(f"10.1.0.{n}", PC, None) for n in range(20))
    assert Refusal.GATEWAY in net.find(mac=PC).refuse


@pytest.mark.parametrize(
    "verdict", [Verdict.AMBIGUOUS, Verdict.UNRESOLVED, Verdict.NO_PORT, Verdict.SELF, Verdict.MGMT]
)
def test_rows_that_name_no_port(verdict: Verdict) -> None:
    """What the tables cannot resolve is refused, never guessed."""
    net = Net()
    net.snapshots["sw1"].fdb = (learned(PC, 1, "ge1", verdict=verdict),)
    net.snapshots["sw2"].fdb = ()
    assert net.find(mac=PC).refuse


def test_nobody_knows_it() -> None:
    """No evidence at all."""
    found = Net().find(ip="10.9.9.9")
    assert (None, (Refusal.UNKNOWN,)) == (found.port, found.refuse)


def test_a_distribution_switch() -> None:
    """Only edge switches are acted on."""
    net = Net()
    net.entries[0] = net.entries[0].model_copy(update={"kind": "distribution"})
    assert net.find(mac=PC).refuse


def test_a_named_port_that_disagrees() -> None:
    """The request names ge2, the MAC is on ge1: a conflict."""
    assert Refusal.CONFLICT in Net().find(mac=PC, switch="sw1", port="ge2").refuse


def test_a_named_port_that_is_not_there() -> None:
    """Unnamed."""
    assert Refusal.UNNAMED in Net().find(switch="sw1", port="ge77").refuse


@given(st.data())
def test_disagreement_is_never_silent(data: st.DataObject) -> None:
    """Whatever the tables say: an answer without a doubt names an edge port on which the FDB has that very MAC, and where
    a flow was given, the port it entered at."""
    net = Net()
    names = {1: "ge1", 2: "ge2", 3: "ge3", 9: "up1"}
    for snapshot in net.snapshots.values():
        rows = data.draw(
            st.lists(st.tuples(st.sampled_from([PC, OTHER, FAR]), st.sampled_from(list(names))), max_size=6)
        )
        snapshot.fdb = tuple(learned(mac, n, names[n]) for mac, n in rows)
    in_if = data.draw(st.sampled_from([1, 2, 3, 9, 77]))
    found = net.find(flow(in_if=in_if), mac=PC)
    if not found.refuse:
        assert found.port is not None
        assert ("sw1", in_if) == (found.port.switch, found.port.ifindex)
        assert found.port.name != "up1"
        assert any(row.mac == PC and row.ifindex == in_if for row in net.snapshots["sw1"].fdb)


def test_a_named_port_means_the_machine_on_it() -> None:
    """With one machine on it, that one; with several, none is chosen, and the port is what is meant."""
    net = Net()
    assert PC == net.find(switch="sw1", port="ge1").mac
    net.snapshots["sw1"].fdb += (learned("02:00:00:00:00:07", 1, "ge1"),)
    assert None is net.find(switch="sw1", port="ge1").mac
    assert None is net.find(switch="sw1", port="ge4").mac


def test_a_named_port_with_a_gateway() -> None:
    """A request that names a port and no machine is refused where one that answers for many addresses hangs there."""
    net = Net()
    net.snapshots["sw1"].arp = tuple(ArpRow(f"10.0.1.{n}", PC, None) for n in range(1, 12))
    assert (("sw1", "ge1"), (Refusal.GATEWAY,)) == (place(found := net.find(switch="sw1", port="ge1")), found.refuse)
    assert () == net.find(switch="sw1", port="ge2").refuse


def test_a_port_by_its_looks_is_never_acted_on() -> None:
    """The agent has no dot1dBasePortTable: the interface that has the row's number is named, and refused."""
    net = Net()
    net.snapshots["sw1"].fdb = (learned(PC, 1, "ge1", how=BY_LOOKS), *net.snapshots["sw1"].fdb[1:])
    found = net.find(mac=PC)
    assert ("ge1", (Refusal.UNRESOLVED,)) == (found.port and found.port.name, found.refuse)
