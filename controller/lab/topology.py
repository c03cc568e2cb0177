"""What the lab consists of, before anything exists: switches, ports, hosts, and who is plugged in where.

Host i has MAC 02:77:00:00:<i> and address 10.77.0.<i+1>/16; the first share of them hangs on sw1, the next on sw2. Access
ports are ge1, ge2, ... in VLAN 10; up1 is the trunk to the core. Beside them sw1 has a gateway to VLAN 20 with three servers
behind it, and sw2 an IP phone with a PC plugged into it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ACCESS_VLAN, SERVER_VLAN, QUARANTINE_VLAN = 10, 20, 666
COLLECTOR = "172.30.0.1"
UPLINK, MANAGEMENT = "up1", "eth-mgmt"
ADDRESSES = 1022  # in 10.77.0.0/22, where worms look for targets


@dataclass(frozen=True, slots=True)
class Host:
    """A namespace with one interface eth0, plugged into a port. `behind` = the namespace of the phone it hangs on, if any."""

    name: str
    ip: str
    mac: str
    switch: str
    port: str
    vlan: int = ACCESS_VLAN
    prefix: int = 16
    gateway: str | None = None
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch namespace: its number, management address and access ports in order."""

    number: int
    ports: tuple[str, ...]

    @property
    def name(self) -> str:
        """sw1, sw2, ..."""
        return f"sw{self.number}"

    @property
    def address(self) -> str:
        """Management and sFlow agent address."""
        return f"172.30.0.{10 + self.number}"

    @property
    def chassis(self) -> str:
        """MAC of the bridge."""
        return f"02:aa:00:00:00:{self.number:02x}"


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that is plugged together."""

    switches: tuple[Switch, ...]
    hosts: tuple[Host, ...]
    vlan_of: dict[tuple[str, str], int] = field(default_factory=dict)  # access VLAN of a port
    gateway: str | None = None  # namespace of the router
    phone: str | None = None

    def host(self, name: str) -> Host:
        """By name."""
        return next(host for host in self.hosts if host.name == name)

    def phone_host(self) -> Host:
        """The phone itself, as a machine that talks; its interface is not called eth0."""
        desk = next(host for host in self.hosts if host.behind)
        return Host(str(desk.behind), PHONE_IP, PHONE_MAC, desk.switch, desk.port)

    def switch(self, name: str) -> Switch:
        """By name."""
        return next(switch for switch in self.switches if switch.name == name)


GATEWAY_IP, SERVER_GATEWAY_IP = "10.77.255.254", "10.78.0.254"
GATEWAY_MACS = ("02:77:00:00:ff:0a", "02:77:00:00:ff:14")
GATEWAY_PORTS = ("gw10", "gw20")
PHONE_MAC, PHONE_IP, PHONE_PORT = "02:77:00:00:fe:01", "10.77.100.1", "ph1"


def topology(switches: int = 3, hosts: int = 24, *, furniture: bool = True) -> Topology:
    """So many hosts spread over so many switches; `furniture` = gateway, servers and phone."""
    each = -(-hosts // switches)
    found, vlans = [], dict[tuple[str, str], int]()
    ports: dict[int, list[str]] = {number: [] for number in range(1, switches + 1)}
    for number in range(1, hosts + 1):
        switch, place = (number - 1) // each + 1, (number - 1) % each + 1
        found.append(_host(number, f"sw{switch}", f"ge{place}"))
        ports[switch].append(f"ge{place}")
    if furniture:
        found += _furniture(ports, vlans)
    for host in found:
        vlans[host.switch, host.port] = host.vlan
    return Topology(
        tuple(Switch(number, tuple(names)) for number, names in ports.items()),
        tuple(found),
        vlans,
        gateway="gw" if furniture else None,
        phone="phone" if furniture else None,
    )


def _host(number: int, switch: str, port: str) -> Host:
    mac = f"02:77:00:00:{number // 256:02x}:{number % 256:02x}"
    ip = f"10.77.{(number + 1) // 256}.{(number + 1) % 256}"
    return Host(f"h{number}", ip, mac, switch, port)


def _furniture(ports: dict[int, list[str]], vlans: dict[tuple[str, str], int]) -> list[Host]:
    last = max(ports)
    servers = [
        Host(
            f"srv{n}",
            f"10.78.0.{10 + n}",
            f"02:78:00:00:00:{n:02x}",
            "sw1",
            f"srv{n}",
            SERVER_VLAN,
            24,
            SERVER_GATEWAY_IP,
        )
        for n in (1, 2, 3)
    ]
    ports[1] += [*GATEWAY_PORTS, *(server.port for server in servers)]
    vlans["sw1", GATEWAY_PORTS[0]], vlans["sw1", GATEWAY_PORTS[1]] = ACCESS_VLAN, SERVER_VLAN
    where = min(2, last)
    ports[where].append(PHONE_PORT)
    desk = Host("pc", "10.77.100.2", "02:77:00:00:fe:02", f"sw{where}", PHONE_PORT, behind="phone")
    return [*servers, desk]
