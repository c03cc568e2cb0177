"""A real attack, the real service, real switches: the right port, nobody else, and silence inside the victim (marker lab)."""

import time
from collections.abc import Iterator

import pytest

from controller.core.errors import CordonError
from controller.lab import attacks
from controller.lab.lab import Lab
from controller.lab.ovs import Exports
from controller.lab.service import LabService
from controller.lab.topology import UPLINK, Host
from controller.lab.watch import Pings, Sniffer

pytestmark = pytest.mark.lab
# sw1 is acted on over SNMP v3, sw2 over a shell on Open vSwitch, sw3 over FRR's vtysh.
VIA = {"sw2": ("ssh", "ovs"), "sw3": ("ssh", "frr")}
QUIET_S = 3.0  # a detector that says nothing within this time after an attack's end says nothing


def innocents(lab: Lab, *guilty: str) -> list[tuple[Host, Host]]:
    """Pairs that together use every desk, the gateway, the phone's PC and every trunk."""
    desks = [host for host in lab.topology.hosts if host.name not in guilty]
    return list(zip(desks, [*desks[7:], *desks[:7]], strict=True))


def watch(lab: Lab, *guilty: str) -> Pings:
    """Everybody but the guilty talks to somebody all the time."""
    return Pings(lab.namespaces, innocents(lab, *guilty), every_s=0.1)


def down_ports(lab: Lab) -> set[tuple[str, str]]:
    """Ports that are down, by the kernel's word."""
    return {(row["switch"], port) for row in lab.status() for port in row["down"]}


def speaks(lab: Lab, host: str) -> None:
    """Wait until a host is heard again by one on every switch: a link that comes back carries nothing for up to a second (the
    kernel tells its queues of a carrier once a second), and what a test counts as lost must not be that."""
    for far in ("h4", "h12", "h24"):
        once = f"ping -q -c 1 -W 1 {lab.topology.host(far).ip}"
        lab.namespaces.exec(host, ["timeout", "20", "sh", "-c", f"until {once}; do :; done"])


def release(lab: Lab, service: LabService, host: str) -> None:
    """Give the port back by the service's own command, and see that it is open and its host is heard."""
    row = service.contained(lab.topology.host(host).mac)
    service.command("port", "release", row["containment_id"], "-m", "test is over")
    assert set() == down_ports(lab)
    speaks(lab, host)


@pytest.fixture(autouse=True)
def _ports_given_back(lab: Lab, service: LabService) -> Iterator[None]:
    """A test that fails leaves no closed port to the next one."""
    yield
    for row in service.rows():
        if row["state"] == "contained":
            service.command("port", "release", row["containment_id"], "-m", "the test ended early")
            speaks(lab, next(host.name for host in lab.topology.hosts if host.mac == row["mac"]))


@pytest.mark.parametrize(
    ("source", "heard_by", "switch", "port", "via"),
    [("h1", "h24", "sw1", "ge1", "snmp"), ("h9", "h1", "sw2", "ge1", "ssh"), ("h17", "h1", "sw3", "ge1", "ssh")],
    ids=["snmp-v3", "ssh-ovs", "ssh-frr"],
)
def test_a_sweep_is_stopped(
    lab: Lab, service: LabService, source: str, heard_by: str, switch: str, port: str, via: str
) -> None:
    """The attacker's port is shut and no other; the victim hears nothing more; nobody innocent loses a packet."""
    attacker, victim = lab.topology.host(source), lab.topology.host(heard_by)
    with watch(lab, source) as others, Sniffer(lab.namespaces, victim, mac=attacker.mac) as heard:
        attack = attacks.start(lab, "connect-sweep", source)
        row = service.contained(attacker.mac)
        assert (via, switch, port, "shut") == (row["via"], row["switch"], row["port"], row["verb"])
        assert {(switch, port)} == down_ports(lab)
        attack.wait(attacks.LIMIT_S + 60)  # it goes on, and nobody hears it
        assert heard.times
        assert max(heard.times) < row["contained_ms"] / 1000
        others.close()
        assert {} == others.lost
        assert others.sent > 100
    release(lab, service, source)


def shows_no_link(lab: Lab, host: Host) -> bool | None:
    """Whether the agent of its switch has noticed that a host is unplugged, which takes net-snmp up to 15 s; None if not."""
    command = ["snmpbulkwalk", "-v2c", "-c", lab.access.community_rw, "-OQn", lab.switches[host.switch].switch.address]
    found = []
    for column in (2, 8):  # ifDescr, ifOperStatus
        lines = lab.namespaces.exec("ctl", [*command, f"1.3.6.1.2.1.2.2.1.{column}"]).splitlines()
        found.append([line.split(" = ")[1].strip('"') for line in lines])
    return found[1][found[0].index(host.port)] in ("2", "down") or None


def test_a_machine_that_attacks_as_soon_as_it_is_plugged_in(lab: Lab, service: LabService) -> None:
    """Its switch may still show no link, where nothing can be learned: it is contained all the same, on its own port."""
    attacker = lab.topology.host("h5")
    routes = lab.namespaces.exec("h5", ["ip", "route", "show"]).splitlines()
    lab.namespaces.exec("h5", ["ip", "link", "set", "eth0", "down"])
    service.wait(lambda: shows_no_link(lab, attacker), "the agent shows a link", every_s=0.5)
    lab.namespaces.exec("h5", ["ip", "link", "set", "eth0", "up"])
    for route in routes:  # those through the gateway went with the link
        lab.namespaces.exec("h5", ["ip", "route", "replace", *route.replace("linkdown", "").split()])
    attack = attacks.start(lab, "connect-sweep", "h5")
    row = service.contained(attacker.mac)
    assert ("sw1", attacker.port) == (row["switch"], row["port"])
    assert {("sw1", attacker.port)} == down_ports(lab)
    attack.wait(attacks.LIMIT_S + 60)
    release(lab, service, "h5")


def test_the_gateway_is_not_shut_for_what_it_forwards(lab: Lab, service: LabService) -> None:
    """h2 scans another network through the gateway: h2's port is shut; at the gateway's port nothing happens."""
    attacker = lab.topology.host("h2")
    with watch(lab, "h2") as others:
        attack = attacks.start(lab, "l3-sweep", "h2")
        service.contained(attacker.mac)
        attack.wait(attacks.LIMIT_S + 60)
        time.sleep(QUIET_S)
        assert {("sw1", "ge2")} == down_ports(lab)
        others.close()
        assert {} == others.lost
    release(lab, service, "h2")


def test_a_borrowed_name_cuts_nobody_off(lab: Lab, service: LabService) -> None:
    """h3 scans under address and MAC of its neighbour: the neighbour, who did nothing, keeps its port and every packet."""
    borrowed = lab.topology.host("h1")
    assert "h1" == attacks.borrowed_from(lab, "h3").name
    with Pings(lab.namespaces, [(lab.topology.host("h5"), lab.topology.host("h6"))], every_s=0.1) as others:
        attacks.start(lab, "spoofed", "h3").wait(attacks.LIMIT_S + 60)
        time.sleep(QUIET_S)
        assert ("sw1", "ge1") not in down_ports(lab)
        others.close()
        assert {} == others.lost
    row = service.row(borrowed.mac, "contained")
    assert row is None or row["port"] != "ge1"
    speaks(lab, "h1")  # its owner does, and every switch knows again where it is


def test_a_pc_behind_a_phone_is_blocked_and_the_phone_is_not(lab: Lab, service: LabService) -> None:
    """The PC scans: its MAC alone is blocked; the phone on the same port, and everybody else, loses nothing."""
    pc, phone = lab.topology.host("pc"), lab.topology.phone_host()
    pairs = [*innocents(lab, "pc"), (phone, lab.topology.host("h20"))]
    with (
        Pings(lab.namespaces, pairs, every_s=0.1) as others,
        Sniffer(lab.namespaces, lab.topology.host("h24"), mac=pc.mac) as heard,
    ):
        attack = attacks.start(lab, "connect-sweep", "pc")
        row = service.contained(pc.mac)
        assert ("mac-block", "sw2", "ph1") == (row["verb"], row["switch"], row["port"])
        attack.wait(attacks.LIMIT_S + 60)
        assert heard.times
        assert max(heard.times) < row["contained_ms"] / 1000
        assert set() == down_ports(lab)
        others.close()
        assert {} == others.lost
    release(lab, service, "pc")


def test_the_quarantined_do_not_reach_each_other(lab: Lab, service: LabService) -> None:
    """Hosts in the quarantine VLAN of one switch (over SNMP, over SSH) or of two: none hears another, before and after all do."""
    hosts = [lab.topology.host(name) for name in ("h6", "h7", "h10", "h11")]
    pairs = [(hosts[0], hosts[1]), (hosts[2], hosts[3]), (hosts[0], hosts[3])]
    with Pings(lab.namespaces, pairs, every_s=0.05) as before:
        time.sleep(0.5)
    assert {} == before.lost
    for host in hosts:
        service.command("port", "quarantine", "--mac", host.mac, "-m", "test", "--yes")
    with Pings(lab.namespaces, pairs, every_s=0.05, patience_s=0.5) as between:
        service.wait(lambda: all(tally.sent > 20 for tally in between.tallies.values()) or None, "no pings are sent")
    assert [0, 0, 0] == [tally.answered for tally in between.tallies.values()]
    assert all(tally.sent > 10 for tally in between.tallies.values())
    for host in hosts:
        service.command("port", "release", "--mac", host.mac, "-m", "test is over")
    with Pings(lab.namespaces, pairs, every_s=0.05) as after:
        time.sleep(0.5)
    assert {} == after.lost


def test_an_uplink_is_not_shut(lab: Lab, service: LabService) -> None:
    """sw1 exports nothing, so h8's sweep is only seen where it enters sw2 and sw3, which is their trunk: nothing is shut, nobody
    loses a packet; and a person who asks for the trunk is refused."""
    lab.switches["sw1"].export(Exports(sflow_sampling=None))
    try:
        with watch(lab, "h8") as others:
            attacks.start(lab, "connect-sweep", "h8").wait(attacks.LIMIT_S + 60)
            time.sleep(QUIET_S)
            with pytest.raises(CordonError):
                service.command("port", "block", "--switch", "sw2", "--port", UPLINK, "-m", "test", "--yes")
            others.close()
        assert {} == others.lost
        assert set() == down_ports(lab)
        assert all(lab.port_is_up(name, UPLINK) for name in lab.switches)
        refused = next(row for row in service.rows() if row["port"] == UPLINK)
        assert "refused" == refused["state"]
    finally:
        lab.switches["sw1"].export(Exports(sflow_sampling=1))


@pytest.mark.parametrize("look_alike", ["backup", "office"])
def test_look_alikes_are_left_alone(lab: Lab, service: LabService, look_alike: str) -> None:
    """A backup and an office desk: no containment begins, nobody loses anything but by the load of the backup itself."""
    known = {row["containment_id"] for row in service.rows()}
    attacks.start(lab, look_alike, "h4").wait(attacks.LIMIT_S + 60)
    time.sleep(QUIET_S)
    assert known == {row["containment_id"] for row in service.rows()}
    assert set() == down_ports(lab)
