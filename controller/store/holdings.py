"""What containments hold now: ports, endpoints, quarantine VLANs, entries of MAC tables."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from playbooks.facts import Holder
from playbooks.plan import PortRef

from . import statements as sql
from .containments import Row


class Usage(NamedTuple):
    """What budgets are compared with: automatic actions of a window, blocked MACs, stops that hold, alerts that asked."""

    on_switch: int
    in_site: int
    mac_blocks: int
    stops: int
    alerts: int


def usage(
    connection: Connection, switch: str | None, site: str | None, *, since_ms: int, bulk_since_ms: int, but: str
) -> Usage:
    """Containments not asked for by a person that touched the switch, and the site, since then; MACs blocked on the switch;
    stops of this site and of every one; and alerts that asked for containments since `bulk_since_ms` and since a person
    last looked, in this site or in one not known yet. Without a site: anywhere."""
    values = {"switch": switch, "site": site, "since_ms": since_ms, "bulk_since_ms": bulk_since_ms, "but": but}
    found = connection.execute(sql.USAGE if site is None else sql.USAGE_IN_SITE, values).one()
    return Usage(*(int(number) for number in found))


def asked(connection: Connection, site: str | None, *, since_ms: int) -> int:
    """Only the last of these: alerts that asked for containments."""
    found = connection.execute(
        sql.ASKED if site is None else sql.ASKED_IN_SITE, {"site": site, "bulk_since_ms": since_ms}
    )
    return int(found.scalar_one())


def on_port(connection: Connection, switch: str, ifindex: int, *, but: str) -> Row | None:
    """Another containment that holds this port, or that failed with the port's state unknown."""
    row = connection.execute(sql.ON_PORT, {"switch": switch, "ifindex": ifindex, "but": but}).first()
    return dict(row._mapping) if row else None


def holder(connection: Connection, mac: str | None, ip: str | None, *, but: str) -> Holder | None:
    """Another containment that holds a port because of this endpoint; its MAC decides, and its address where that is not
    known.
    """
    if not mac and not ip:
        return None
    by = sql.HOLDER_BY_MAC if mac else sql.HOLDER_BY_IP
    row = connection.execute(by, {"mac" if mac else "ip": mac or ip, "but": but}).first()
    if row is None:
        return None
    port = PortRef(switch=row.switch, ifindex=row.ifindex, name=row.port)
    return Holder(containment_id=row.containment_id, port=port)


def quarantine_vlans(connection: Connection, site: str | None, *, but: str) -> frozenset[int]:
    """VLANs that other containments of this site hold a port in, or may hold one in."""
    found = connection.execute(sql.QUARANTINE_VLANS, {"site": site, "but": but})
    return frozenset(row.vlan for row in found)
