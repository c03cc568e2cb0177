"""The tables of an access switch, made by seed: ports, VLANs, learned MACs, ARP."""

from __future__ import annotations

import random

from controller.core.snmp import ber
from controller.core.snmp.ber import Oid
from controller.emulate.objects import ObjectTable

PORTS, UPLINK = 26, 26
FIRST_IFINDEX = 10_101  # as Cisco counts: no bridge port is an ifIndex
VLANS = (10, 20, 30)
FID_OFFSET = 500
IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
Q: Oid = (*BRIDGE, 7, 1)
ARP_MAC: Oid = (1, 3, 6, 1, 2, 1, 4, 22, 1, 2)
ARP_TYPE: Oid = (1, 3, 6, 1, 2, 1, 4, 22, 1, 4)


def switch_table(seed: int, macs: int) -> ObjectTable:
    """`macs` learned MACs and as many ARP entries. What lies behind and between the columns is there too."""
    dice = random.Random(seed)
    values: dict[Oid, bytes] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): ber.octet_string(b"access switch"),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.oid((1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): ber.octet_string(f"access-{seed}".encode()),
    }
    for port in range(1, PORTS + 1):
        _port(values, port)
    for vlan in VLANS:
        values[(*Q, 4, 2, 1, 3, 0, vlan)] = ber.integer(vlan + FID_OFFSET, ber.GAUGE32)
    for number in range(macs):
        mac = (0x00 if number % 3 else 0x02, dice.randrange(256), *(dice.randrange(256) for _ in range(4)))
        row = (dice.choice(VLANS) + FID_OFFSET, *mac)
        port = UPLINK if number % 8 == 0 else dice.randrange(1, UPLINK)
        values[(*Q, 2, 2, 1, 2, *row)] = ber.integer(port)
        values[(*Q, 2, 2, 1, 3, *row)] = ber.integer(3)
        at = (1, 10, 77, number // 250, number % 250 + 1)
        values[(*ARP_MAC, *at)] = ber.octet_string(bytes(mac))
        values[(*ARP_TYPE, *at)] = ber.integer(3)
    return ObjectTable(values)


def _port(values: dict[Oid, bytes], port: int) -> None:
    ifindex, name = FIRST_IFINDEX + port - 1, f"GigabitEthernet1/0/{port}".encode()
    values[(*IF, 2, ifindex)] = ber.octet_string(name)
    values[(*IF, 3, ifindex)] = ber.integer(6)
    values[(*IF, 7, ifindex)] = ber.integer(1)
    values[(*IF, 8, ifindex)] = ber.integer(1)
    values[(*IFX, 1, ifindex)] = ber.octet_string(b"Gi1/0/%d" % port)
    values[(*IFX, 18, ifindex)] = ber.octet_string(b"")
    values[(*BRIDGE, 1, 4, 1, 2, port)] = ber.integer(ifindex)
    values[(*Q, 4, 5, 1, 1, port)] = ber.integer(10, ber.GAUGE32)
