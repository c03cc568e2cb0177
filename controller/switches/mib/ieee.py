"""IEEE8021-Q-BRIDGE-MIB and IEEE8021-BRIDGE-MIB (IEEE 802.1Q-2011): the tables of RFC 4363 and RFC 4188 once more, each row with
the component of the bridge before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from controller.core.tables import UNKNOWN, FdbRow

from .resolve import STATUS, Resolver, Where
from .vlans import VlanOfFid
from .walk import Oid, Walk, oid

# ieee8021BridgeBasePortIfIndex; index: component, port
PORT_IFINDEX = oid("1.3.111.2.802.1.1.2.1.1.4.1.3")
# ieee8021QBridgeTpFdbPort, ieee8021QBridgeTpFdbStatus; index: component, FID, MAC
FDB_PORT, FDB_STATUS = oid("1.3.111.2.802.1.1.4.1.2.2.1.2"), oid("1.3.111.2.802.1.1.4.1.2.2.1.3")
# ieee8021QBridgeVlanFdbId; index: time mark, component, VLAN
VLAN_FID = oid("1.3.111.2.802.1.1.4.1.4.2.1.4")
COLUMNS = (FDB_PORT, FDB_STATUS, PORT_IFINDEX, VLAN_FID)


def rows(walk: Walk, resolve: Resolver) -> Iterator[FdbRow | None]:
    """One for each row of ieee8021QBridgeTpFdbTable; None for one whose index is none."""
    ports: dict[Oid, int] = {i: ifindex for i, ifindex in walk.numbers(PORT_IFINDEX) if len(i) == 2}
    states, maps = walk.integers(FDB_STATUS), _maps(walk)
    for index, port in walk.numbers(FDB_PORT):
        mac = _mac(index[2:])
        if mac is None:
            yield None
            continue
        component, fid = index[:2]
        state = states.get(index)
        status = STATUS.get(state, UNKNOWN) if state else ""
        found, source = maps[component](fid)
        where = _where(ports, component, port, resolve, status)
        vlan = found[0] if len(found) == 1 else None
        yield FdbRow(
            mac, vlan, where.ifindex, where.name, where.verdict, status, where.lag, "ieee", source, found, fid, port,
            where.how, bool(states) and state is None,
        )  # fmt: skip


def _maps(walk: Walk) -> dict[int, VlanOfFid]:
    found: dict[int, VlanOfFid] = defaultdict(VlanOfFid)
    for index, fid in walk.numbers(VLAN_FID):
        if len(index) == 3:
            found[index[1]].add(index[2], fid)
    return found


def _where(ports: dict[Oid, int], component: int, port: int, resolve: Resolver, status: str) -> Where:
    """By the port of that component. An agent that has the old MIB's ports only has one component, and the same numbers."""
    if (component, port) in ports:
        return resolve.interface(ports[component, port], status)
    if port == 0 or (not ports and component == 1):
        return resolve.bridge_port(port, status)
    return resolve.nowhere(status)


def _mac(octets: Oid) -> str | None:
    octets = octets[1:] if len(octets) == 7 and octets[0] == 6 else octets
    return bytes(octets).hex(":") if len(octets) == 6 and 0 <= min(octets) <= max(octets) <= 255 else None
