"""The SNMP driver's steps: exact commands, exact undo.

Commands are text, one object each:
    set OID i|u|s|x VALUE       as snmpset has it (x: octets in hexadecimal)
    join OID PORT, leave OID PORT    set or clear that bridge port's bit in a PortList, as it is when the command is sent: the
                                undo of next week must not bring back what the list said today of other ports
The commands of one step are first sent as one SET, which an agent does as if at once (RFC 3416 section 4.2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.errors import Unsupported
from playbooks.plan import Action, Admin, Expectation, PortRef, PortState, Step, Verb

from .mib import objects as o
from .mib.walk import Oid

UP, DOWN = 1, 2
LONGEST_ALIAS = 64  # octets, RFC 2863 ifAlias
DELETE_ON_RESET, INVALID = 4, 2  # dot1qStaticUnicastStatus: gone after a reboot, as everything that is not saved


@dataclass(frozen=True, slots=True)
class Membership:
    """A bridge port's place among the VLANs: where it is untagged, and which VLAN's lists already hold it."""

    bridge_port: int
    untagged: tuple[int, ...] = ()
    egress: tuple[int, ...] = ()
    lists: bool = False  # the device has dot1qVlanStaticTable


def dotted(*parts: Oid | tuple[int, ...]) -> str:
    """An OID as text."""
    return ".".join(str(arc) for part in parts for arc in part)


def admin_step(port: PortRef, *, up: bool, index: int = 0) -> Step:
    """shut or unshut."""
    where = dotted(o.IF_ADMIN, (port.ifindex,))
    there, back = (Admin.UP, Admin.DOWN) if up else (Admin.DOWN, Admin.UP)
    return Step(
        index=index,
        title=f"{'unshut' if up else 'shut'} {port.name}",
        commands=(f"set {where} i {UP if up else DOWN}",),
        undo=(f"set {where} i {DOWN if up else UP}",),
        expect=Expectation(port=port, admin=there),
        undo_expect=Expectation(port=port, admin=back),
    )


def describe_step(port: PortRef, text: str, prior: str, index: int = 0) -> Step:
    """ifAlias, and back to the text that was there."""
    where = dotted(o.IF_ALIAS, (port.ifindex,))
    return Step(
        index=index,
        title=f"describe {port.name}",
        commands=(f"set {where} s {fitting(text)}".rstrip(),),
        undo=(f"set {where} s {prior}".rstrip(),),
        expect=Expectation(port=port, description=fitting(text)),
        undo_expect=Expectation(port=port, description=prior),
        optional=True,
    )


def vmvlan_step(port: PortRef, vlan: int, prior: int, index: int = 0) -> Step:
    """Cisco's vmVlan: the access VLAN, membership and all."""
    where = dotted(o.VM_VLAN, (port.ifindex,))
    return _moving(port, (vlan, prior), (f"set {where} i {vlan}",), (f"set {where} i {prior}",), index)


def dot1q_step(port: PortRef, vlan: int, prior: int, member: Membership, index: int = 0) -> Step:
    """PVID and untagged membership together. Joins come first, leaves last: the port is never without a VLAN."""
    at, number = f" {member.bridge_port}", dotted(o.PVID, (member.bridge_port,))
    joins, leaves, back_joins, back_leaves = [], [], [], []
    if member.lists:
        if vlan not in member.egress:
            joins.append(f"join {dotted(o.VLAN_EGRESS, (vlan,))}{at}")
            back_leaves.append(f"leave {dotted(o.VLAN_EGRESS, (vlan,))}{at}")
        if vlan not in member.untagged:
            joins.append(f"join {dotted(o.VLAN_UNTAGGED, (vlan,))}{at}")
            back_leaves.insert(0, f"leave {dotted(o.VLAN_UNTAGGED, (vlan,))}{at}")
        for old in (v for v in member.untagged if v != vlan):
            leaves += [f"leave {dotted(column, (old,))}{at}" for column in (o.VLAN_UNTAGGED, o.VLAN_EGRESS)]
            back_joins += [f"join {dotted(column, (old,))}{at}" for column in (o.VLAN_EGRESS, o.VLAN_UNTAGGED)]
    commands = (*joins, f"set {number} u {vlan}", *leaves)
    undo = (*back_joins, f"set {number} u {prior}", *back_leaves)
    gone = tuple(old for old in member.untagged if old != vlan) if member.lists else ()
    gone_back = (vlan,) if member.lists and vlan not in member.egress else ()
    return _moving(port, (vlan, prior), commands, undo, index, (gone, gone_back))


def mac_block_step(port: PortRef, mac: str, fid: int, list_octets: int, index: int = 0) -> Step:
    """A static entry that lets frames to that MAC out of no port: nothing that it asks is answered any more."""
    row = (fid, *bytes.fromhex(mac.replace(":", "")), 0)
    status = dotted(o.STATIC_STATUS, row)
    return Step(
        index=index,
        title=f"block {mac} on {port.switch}",
        commands=(
            f"set {dotted(o.STATIC_ALLOWED, row)} x {bytes(list_octets).hex()}",
            f"set {status} i {DELETE_ON_RESET}",
        ),
        undo=(f"set {status} i {INVALID}",),
        expect=Expectation(port=port, blocked_mac=mac),
        undo_expect=Expectation(port=port, unblocked_mac=mac),
    )


def fitting(text: str) -> str:
    """A description without control characters, cut to what ifAlias holds."""
    plain = "".join(c for c in text if c.isprintable())
    return plain.encode()[:LONGEST_ALIAS].decode("utf-8", "ignore").strip()


def wanted_actions(port: PortRef, now: PortState, aim: PortState) -> list[Action]:
    """What brings a port from what it shows to `aim`; nothing for what is so already. It is opened last."""
    wanted = []
    if aim.pvid is not None and now.pvid != aim.pvid:
        wanted.append(Action(verb=Verb.QUARANTINE_VLAN, port=port, vlan=aim.pvid))
    if aim.description is not None and (now.description or "") != aim.description:
        wanted.append(Action(verb=Verb.DESCRIBE, port=port, text=aim.description))
    if now.admin is not aim.admin:
        wanted.append(Action(verb=Verb.UNSHUT if aim.admin is Admin.UP else Verb.SHUT, port=port))
    return wanted


def no_such_verb(verb: Verb, switch: str) -> Unsupported:
    """The typed refusal."""
    return Unsupported(f"the SNMP driver cannot {verb} on this switch", where=switch, do="use via: ssh")


def _moving(
    port: PortRef,
    vlans: tuple[int, int],
    commands: tuple[str, ...],
    undo: tuple[str, ...],
    index: int,
    left: tuple[tuple[int, ...], tuple[int, ...]] = ((), ()),
) -> Step:
    """`vlans` and `left`: there, and back."""
    return Step(
        index=index,
        title=f"move {port.name} to VLAN {vlans[0]}",
        commands=commands,
        undo=undo,
        expect=Expectation(port=port, pvid=vlans[0], left_vlans=left[0]),
        undo_expect=Expectation(port=port, pvid=vlans[1], left_vlans=left[1]),
    )
