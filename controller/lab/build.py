"""Cables: namespaces and virtual Ethernet pairs of a topology, in as few `ip` calls as there are namespaces."""

from __future__ import annotations

import ctypes
import fcntl
import json
import socket
import struct
from collections.abc import Iterable

from .namespace import Namespaces, run
from .topology import (
    COLLECTOR,
    GATEWAY_IP,
    GATEWAY_MACS,
    GATEWAY_PORTS,
    MANAGEMENT,
    PHONE_IP,
    PHONE_MAC,
    SERVER_GATEWAY_IP,
    UPLINK,
    Host,
    Switch,
    Topology,
)

SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17


def lay_cables(namespaces: Namespaces, lab: Topology) -> None:
    """Everything that can be plugged together without a switch running."""
    extra = [name for name in (lab.gateway, lab.phone) if name]
    namespaces.add(["core", "ctl", *(s.name for s in lab.switches), *(h.name for h in lab.hosts), *extra])
    _core_and_management(namespaces)
    for switch in lab.switches:
        _switch(namespaces, switch, [host for host in lab.hosts if host.switch == switch.name])
    for host in lab.hosts:
        _host(namespaces, host)
    if lab.gateway:
        _gateway(namespaces, lab.gateway)
    if lab.phone:
        _phone(namespaces, lab.phone)
    checksums_by_software(namespaces, [h.name for h in lab.hosts], "eth0")


def ifindexes(namespaces: Namespaces, name: str) -> dict[str, int]:
    """Interface name -> ifIndex."""
    rows = json.loads(run(["ip", "-n", namespaces.full(name), "-j", "link", "show"]))
    return {row["ifname"]: int(row["ifindex"]) for row in rows}


def checksums_by_software(namespaces: Namespaces, names: Iterable[str], interface: str) -> None:
    """A user-space switch sees packets as they are in memory: without this their checksums are left to a card that is none."""
    for name in names:
        with namespaces.socket(name, socket.AF_INET, socket.SOCK_DGRAM) as sock:
            value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0), 8)
            request = struct.pack("16sQ16x", interface.encode(), ctypes.addressof(value))
            fcntl.ioctl(sock, SIOCETHTOOL, request)


def _core_and_management(namespaces: Namespaces) -> None:
    namespaces.links(
        "core",
        [
            "link add br0 type bridge stp_state 0 forward_delay 0",
            "link set br0 up",
            "link set br0 type bridge group_fwd_mask 0x4000",  # LLDP goes through
        ],
    )
    namespaces.links(
        "ctl",
        [
            "link set lo up",
            "link add mgmt0 type bridge forward_delay 0",
            f"addr add {COLLECTOR}/24 dev mgmt0",
            "link set mgmt0 up",
        ],
    )


def _switch(namespaces: Namespaces, switch: Switch, hosts: list[Host]) -> None:
    """Uplink first, then management, then access ports in order: ifIndex 2, 3, 4, ..."""
    full = namespaces.full
    lines = [
        "link set lo up",
        f"link add {UPLINK} type veth peer name {switch.name} netns {full('core')}",
        f"link set {UPLINK} up",
        f"link add {MANAGEMENT} type veth peer name m-{switch.name} netns {full('ctl')}",
        f"addr add {switch.address}/24 dev {MANAGEMENT}",
        f"link set {MANAGEMENT} up",
    ]
    plugged = {host.port: host for host in hosts if not host.behind}
    for port in switch.ports:
        host = plugged.get(port)
        if host is not None:
            lines.append(f"link add {port} type veth peer name eth0 address {host.mac} netns {full(host.name)}")
        elif port in GATEWAY_PORTS:
            mac = GATEWAY_MACS[GATEWAY_PORTS.index(port)]
            lines.append(f"link add {port} type veth peer name {port} address {mac} netns {full('gw')}")
        else:
            lines.append(f"link add {port} type veth peer name wall netns {full('phone')}")
        lines.append(f"link set {port} up")
    namespaces.links(switch.name, lines)
    namespaces.links("core", [f"link set {switch.name} master br0 up"])
    namespaces.links("ctl", [f"link set m-{switch.name} master mgmt0 up"])


def _host(namespaces: Namespaces, host: Host) -> None:
    lines = ["link set lo up"]
    if host.behind:
        lines.append(f"link add eth0 address {host.mac} type veth peer name desk netns {namespaces.full(host.behind)}")
    lines += [f"addr add {host.ip}/{host.prefix} dev eth0", "link set eth0 up"]
    if host.gateway:
        lines.append(f"route add default via {host.gateway}")
    elif host.prefix == 16:
        lines.append(f"route add 10.78.0.0/24 via {GATEWAY_IP}")
    namespaces.links(host.name, lines)


def _gateway(namespaces: Namespaces, name: str) -> None:
    addresses = (f"{GATEWAY_IP}/16", f"{SERVER_GATEWAY_IP}/24")
    lines = ["link set lo up"]
    for port, address in zip(GATEWAY_PORTS, addresses, strict=True):
        lines += [f"addr add {address} dev {port}", f"link set {port} up"]
    namespaces.links(name, lines)
    namespaces.exec(name, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])
    for port in GATEWAY_PORTS:
        checksums_by_software(namespaces, [name], port)


def _phone(namespaces: Namespaces, name: str) -> None:
    """A phone is a small bridge: the wall on one side, the PC on the other, and itself with its own MAC."""
    namespaces.links(
        name,
        [
            "link set lo up",
            f"link add br0 address {PHONE_MAC} type bridge stp_state 0 forward_delay 0",
            f"addr add {PHONE_IP}/16 dev br0",
            "link set br0 up",
            "link set wall master br0 up",
            "link set desk master br0 up",
        ],
    )
