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
    others = [row for row in snapshot.by_mac.get(event.mac, ()) if row.vlan != event.vlan]
    if event.learned:
        others.append(_row(event, port))
    snapshot.place(event.mac, others, event.at_ms, "trap")
    return True


def _port(snapshot: Snapshot | None, event: MacEvent) -> PortRow | None:
    if snapshot is None:
        return None
    if event.ifindex:
        return snapshot.numbered(event.ifindex)
    return next((p for p in snapshot.ports if p.bridge_port and p.bridge_port == event.bridge_port), None)


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
