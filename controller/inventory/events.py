"""What switches tell by themselves: links that change, MACs that appear. It makes tables old before their time."""

from __future__ import annotations

from controller.core.tables import FdbRow, MacEvent, PortEvent, PortRow
from playbooks.facts import Verdict

from .reading import InventoryCounts
from .snapshot import Snapshot


def port_changed(snapshot: Snapshot | None, event: PortEvent, counts: InventoryCounts) -> bool:
    """Doubt everything that was learned on the port before; whether the port is known."""
    if snapshot is None or snapshot.numbered(event.ifindex) is None:
        counts.unknown_events += 1
        return False
    counts.port_events += 1
    snapshot.doubted[event.ifindex] = event.at_ms
    return True


def mac_seen(snapshot: Snapshot | None, event: MacEvent, counts: InventoryCounts) -> bool:
    """Put the MAC where the switch says, or take it away; whether the port is known.

    News that is older than the table changes nothing: notifications overtake each other.
    """
    port = _port(snapshot, event)
    if snapshot is None or port is None:
        counts.unknown_events += 1
        return False
    counts.mac_events += 1
    if event.at_ms <= snapshot.seen(event.mac)[0]:
        return True
    # Nothing said anything of the other rows now, and they would seem as young as the news.
    others = [row._replace(ragged=True) for row in snapshot.by_mac.get(event.mac, ()) if not _is_of(row, event, port)]
    if event.learned:
        others.append(_row(event, port))
    snapshot.place(event.mac, others, event.at_ms, "trap")
    return True


def _is_of(row: FdbRow, event: MacEvent, port: PortRow) -> bool:
    """Whether the news is of this row: the same VLAN, or, where one of them does not know its VLAN, the same port."""
    if event.vlan is not None and row.vlan is not None:
        return row.vlan == event.vlan
    return row.ifindex == port.ifindex


def _port(snapshot: Snapshot | None, event: MacEvent) -> PortRow | None:
    if snapshot is None:
        return None
    numbered = snapshot.numbered(event.ifindex) if event.ifindex else None
    if event.ifindex and not event.bridge_port:
        return numbered
    bridged = next((p for p in snapshot.ports if p.bridge_port and p.bridge_port == event.bridge_port), None)
    # With both numbers the MIB does not say which it means: only a port that is both is known.
    return bridged if not event.ifindex or bridged is numbered else None


def _row(event: MacEvent, port: PortRow) -> FdbRow:
    return FdbRow(
        event.mac,
        event.vlan,
        port.ifindex,
        port.name,
        Verdict.PORT if port.name else Verdict.UNNAMED,
        lag=port.lag,
        table="trap",
        vlan_source="trap",
        bridge_port=port.bridge_port,
        how="trap",
    )
