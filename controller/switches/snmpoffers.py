"""What an agent has, found by reading."""

from __future__ import annotations

from controller.core.errors import CommandRejected
from playbooks.plan import Verb

from .mib import objects as o
from .mib.walk import Walk
from .portlist import holds
from .session import Session
from .snmpsteps import Membership

ALWAYS = frozenset({Verb.OBSERVE, Verb.SHUT, Verb.UNSHUT, Verb.RESTORE})  # ifAdminStatus: every agent with ports has it


def offered_verbs(session: Session) -> frozenset[Verb]:
    """Verbs whose objects the agent has. That they can be written is shown by writing, and read back."""
    found = set(ALWAYS)
    rows = session.columns([o.PVID, o.VM_VLAN, o.IF_ALIAS])
    if rows[o.PVID] or rows[o.VM_VLAN]:
        found.add(Verb.QUARANTINE_VLAN)
    if rows[o.IF_ALIAS]:
        found.add(Verb.DESCRIBE)
    if _has_static_unicast(session):
        found.add(Verb.MAC_BLOCK)
    return frozenset(found)


def _has_static_unicast(session: Session) -> bool:
    """The table may well be empty: an agent that has the column says noSuchInstance, any other noSuchObject (RFC 3416)."""
    try:
        return session.offers((*o.STATIC_STATUS, 1, 0, 0, 0, 0, 0, 0, 0))
    except CommandRejected:
        return False


def membership(walk: Walk, bridge_port: int, vlans: tuple[int, ...]) -> Membership | None:
    """From dot1qVlanStaticTable; None if it lacks one of these VLANs. A device without the table has PVIDs only."""
    egress = {i[-1]: ports for i, ports in walk.column(o.VLAN_EGRESS).items() if isinstance(ports, bytes)}
    untagged = {i[-1]: ports for i, ports in walk.column(o.VLAN_UNTAGGED).items() if isinstance(ports, bytes)}
    if not untagged:
        return Membership(bridge_port)
    if any(vlan not in untagged or vlan not in egress for vlan in vlans):
        return None
    return Membership(
        bridge_port,
        untagged=tuple(sorted(vlan for vlan, ports in untagged.items() if holds(ports, bridge_port))),
        egress=tuple(sorted(vlan for vlan, ports in egress.items() if holds(ports, bridge_port))),
        lists=True,
    )
