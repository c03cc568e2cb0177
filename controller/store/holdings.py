"""What containments hold now: ports, endpoints, quarantine VLANs, entries of MAC tables."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from playbooks.facts import Holder
from playbooks.plan import PortRef, Verb

from .containments import HOLDS_A_PORT, Row
from .tables import containments


def on_port(connection: Connection, switch: str, ifindex: int, *, but: str) -> Row | None:
    """Another containment that holds this port, or that failed with the port's state unknown."""
    query = select(containments).where(
        containments.c.switch == switch,
        containments.c.ifindex == ifindex,
        containments.c.containment_id != but,
        or_(containments.c.state.in_(HOLDS_A_PORT), containments.c.unsettled.is_(True)),
    )
    row = connection.execute(query).first()
    return dict(row._mapping) if row else None


def holder(connection: Connection, mac: str | None, ip: str | None, *, but: str) -> Holder | None:
    """Another containment that holds a port because of this endpoint; its MAC decides, and its address where that is not
    known.
    """
    mine = containments.c.mac == mac if mac else containments.c.ip == ip
    query = select(containments).where(
        mine,
        containments.c.ifindex.is_not(None),
        containments.c.containment_id != but,
        containments.c.state.in_(HOLDS_A_PORT),
    )
    row = connection.execute(query).first() if mac or ip else None
    if row is None:
        return None
    port = PortRef(switch=row.switch, ifindex=row.ifindex, name=row.port)
    return Holder(containment_id=row.containment_id, port=port)


def quarantine_vlans(connection: Connection, site: str | None, *, but: str) -> frozenset[int]:
    """VLANs that other containments of this site hold a port in, or may hold one in."""
    query = select(containments.c.vlan).where(
        containments.c.vlan.is_not(None),
        containments.c.site == site,
        containments.c.containment_id != but,
        or_(containments.c.state.in_(HOLDS_A_PORT), containments.c.unsettled.is_(True)),
    )
    return frozenset(row.vlan for row in connection.execute(query))


def mac_blocks(connection: Connection, switch: str, *, but: str) -> int:
    """How many MACs are blocked on this switch now."""
    query = select(func.count()).where(
        containments.c.switch == switch,
        containments.c.verb == Verb.MAC_BLOCK,
        containments.c.containment_id != but,
        or_(containments.c.state.in_(HOLDS_A_PORT), containments.c.unsettled.is_(True)),
    )
    return int(connection.execute(query).scalar_one())
