"""Endpoints and where they were seen: one row a MAC, and one sighting for every change of address or port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from .tables import endpoints, sightings

# Not seen for so long: it was off. Switches forget a silent MAC after five minutes.
OFFLINE_MS = 15 * 60 * 1000
PLACE = ("ip", "switch", "ifindex", "port", "vlan")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A MAC at a place at a time."""

    mac: str
    seen_ms: int
    ip: str | None = None
    site: str | None = None
    switch: str | None = None
    ifindex: int | None = None
    port: str | None = None
    vlan: int | None = None


def see(tx: Connection, seen: Sighting) -> bool:
    """Note a sighting; True if the endpoint is new, has moved or is back. Known fields are never replaced by unknown ones.

    Each row of `sightings` is a time online at one place: a machine that comes back after a pause gets a new one.
    """
    before = tx.execute(select(endpoints).where(endpoints.c.mac == seen.mac)).first()
    place: dict[str, Any] = {name: getattr(seen, name) for name in PLACE}
    if before is None:
        row = {**place, "mac": seen.mac, "site": seen.site, "first_seen_ms": seen.seen_ms, "last_seen_ms": seen.seen_ms}
        tx.execute(insert(endpoints).values(**row))
        tx.execute(insert(sightings).values(mac=seen.mac, from_ms=seen.seen_ms, to_ms=seen.seen_ms, **place))
        return True
    if seen.seen_ms < before.last_seen_ms:
        return False  # late news changes nothing
    merged = {name: place[name] if place[name] is not None else getattr(before, name) for name in PLACE}
    moved = any(merged[name] != getattr(before, name) for name in PLACE)
    moved = moved or bool(seen.seen_ms - before.last_seen_ms > OFFLINE_MS)
    site = seen.site or before.site
    changes = {**merged, "site": site, "last_seen_ms": seen.seen_ms}
    tx.execute(update(endpoints).where(endpoints.c.mac == seen.mac).values(**changes))
    if moved:
        tx.execute(insert(sightings).values(mac=seen.mac, from_ms=seen.seen_ms, to_ms=seen.seen_ms, **merged))
    else:
        newest = select(sightings.c.id).where(sightings.c.mac == seen.mac).order_by(sightings.c.id.desc()).limit(1)
        tx.execute(update(sightings).where(sightings.c.id == newest.scalar_subquery()).values(to_ms=seen.seen_ms))
    return moved


def find(connection: Connection, address: str) -> Sequence[dict[str, Any]]:
    """Endpoints with this MAC or IP."""
    query = select(endpoints).where((endpoints.c.mac == address.lower()) | (endpoints.c.ip == address))
    return [dict(row._mapping) for row in connection.execute(query)]


def on_port(connection: Connection, switch: str, port: str) -> Sequence[dict[str, Any]]:
    """Endpoints whose last place is this port, however long ago."""
    query = select(endpoints).where((endpoints.c.switch == switch) & (endpoints.c.port == port))
    return [dict(row._mapping) for row in connection.execute(query)]


def listed(connection: Connection, *, most: int = 1000) -> Sequence[dict[str, Any]]:
    """Endpoints, the last seen first."""
    query = select(endpoints).order_by(endpoints.c.last_seen_ms.desc()).limit(most)
    return [dict(row._mapping) for row in connection.execute(query)]


def history(connection: Connection, mac: str) -> Sequence[dict[str, Any]]:
    """Where a MAC was, the newest first."""
    query = select(sightings).where(sightings.c.mac == mac).order_by(sightings.c.id.desc())
    return [dict(row._mapping) for row in connection.execute(query)]
