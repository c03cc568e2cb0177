"""The three switches of the lab recordings, emulated: same names, agents, interface numbers, MACs and addresses.

Host i (1 to 60) has MAC 02:77:00:00:00:<i> and address 10.77.0.<i+1>; hosts 1-20 hang on sw1, 21-40 on sw2, 41-60 on sw3, at
ports ge1 to ge20 with ifIndex 4 to 23. up1 (ifIndex 2) is the trunk to the core; everybody else's MAC is learned there.
"""

from __future__ import annotations

from controller.core.clock import Clock

from .dialects import DIALECTS
from .state import EmulatedNeighbour, EmulatedPort, SwitchState

HOSTS_PER_SWITCH = 20
UPLINK_IFINDEX = 2
FIRST_IFINDEX = 4


def host_mac(host: int) -> str:
    """MAC of host `host`."""
    return f"02:77:00:00:00:{host:02x}"


def host_ip(host: int) -> str:
    """Address of host `host`."""
    return f"10.77.0.{host + 1}"


def agent_address(switch: int) -> str:
    """sFlow agent address of switch 1, 2 or 3."""
    return f"172.30.0.{10 + switch}"


def site_of_lab(clock: Clock, *, oper_lag_s: float = 0.7) -> list[SwitchState]:
    """sw1, sw2 and sw3. A phone sits in front of host 20's PC on sw1 ge20, and three machines share sw1 ge19."""
    states = []
    for number in (1, 2, 3):
        first = (number - 1) * HOSTS_PER_SWITCH + 1
        own = range(first, first + HOSTS_PER_SWITCH)
        ports = [_uplink(number, own)]
        ports += [_access(place, host) for place, host in enumerate(own, start=1)]
        arp = {host_ip(host): host_mac(host) for host in range(1, 3 * HOSTS_PER_SWITCH + 1)}
        states.append(SwitchState(f"sw{number}", ports, clock, arp=arp, oper_lag_s=oper_lag_s))
    _shared_ports(states[0])
    return states


def _uplink(switch: int, own: range) -> EmulatedPort:
    others = {host_mac(h) for h in range(1, 3 * HOSTS_PER_SWITCH + 1) if h not in own}
    near = EmulatedNeighbour("core", f"port{switch}", "bridge")
    return EmulatedPort(UPLINK_IFINDEX, "up1", bridge_port=25, trunk=True, macs=others, neighbour=near, pvid=1)


def _access(place: int, host: int) -> EmulatedPort:
    # Bridge ports in reverse order: none is its own ifIndex, and some are another port's.
    return EmulatedPort(FIRST_IFINDEX + place - 1, f"ge{place}", bridge_port=24 - place, macs={host_mac(host)})


def _shared_ports(state: SwitchState) -> None:
    state.ports["ge20"].neighbour = EmulatedNeighbour("phone-20", "port1", "phone")
    state.ports["ge20"].macs.add("02:77:00:00:01:14")
    state.ports["ge19"].macs.update({"02:77:00:00:02:01", "02:77:00:00:02:02", "02:77:00:00:02:03"})


def switch_of(dialect: str, clock: Clock, *, oper_lag_s: float = 0.7) -> SwitchState:
    """sw1 as a switch of another make: the same ports with the names that make gives them; the uplink is port 24."""
    lab, named = site_of_lab(clock)[0], DIALECTS[dialect].port_name
    for port in lab.ports.values():
        port.name = named(24 if port.trunk else port.ifindex - FIRST_IFINDEX + 1)
    return SwitchState("sw1", list(lab.ports.values()), clock, arp=lab.arp, oper_lag_s=oper_lag_s)
