"""The plan of the lab, before anything exists."""

from controller.lab.topology import topology


def test_hosts_are_spread_and_nobody_has_a_twin() -> None:
    """60 hosts on 3 switches: 20 each, every address, MAC and port once."""
    plan = topology(3, 60, furniture=False)
    assert [20, 20, 20] == [len(switch.ports) for switch in plan.switches]
    for what in ("ip", "mac", "name"):
        assert 60 == len({getattr(host, what) for host in plan.hosts})
    assert 60 == len({(host.switch, host.port) for host in plan.hosts})
    assert ("10.77.0.2", "02:77:00:00:00:01", "sw1", "ge1") == (
        plan.hosts[0].ip,
        plan.hosts[0].mac,
        plan.hosts[0].switch,
        plan.hosts[0].port,
    )


def test_furniture() -> None:
    """Gateway and servers on sw1, phone and PC on sw2, in the VLANs of their ports."""
    plan = topology(3, 24)
    assert 20 == plan.vlan_of["sw1", "gw20"] == plan.vlan_of["sw1", "srv1"]
    assert 10 == plan.vlan_of["sw1", "gw10"] == plan.vlan_of["sw2", "ph1"]
    assert ("phone", "ph1") == (plan.host("pc").behind, plan.host("pc").port)
