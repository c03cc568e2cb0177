"""What can be SET on an emulated switch: admin state, alias, PVID, VLAN lists, static unicast entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from controller.core.snmp import ber
from controller.core.snmp.ber import Oid
from controller.core.snmp.pdu import Binding, Value

from .mibview import ADMIN, ALIAS, EGRESS, FID_OF_VLAN_OFFSET, PVID, STATIC_ALLOWED, STATIC_STATUS, UNTAGGED
from .portlist import ports_of
from .state import EmulatedPort, SwitchState

GEN_ERR, WRONG_TYPE, WRONG_VALUE, NO_CREATION, INCONSISTENT, NOT_WRITABLE = 5, 7, 10, 11, 12, 17
INVALID, DELETE_ON_RESET = 2, 4
LISTS = {EGRESS: 2, UNTAGGED: 4}
STATIC_INDEX = 8  # FID, six octets, receive port


def check(state: SwitchState, bindings: Sequence[Binding]) -> tuple[int, int]:
    """(error-status, error-index) of a SET, before anything is changed."""
    if state.lists.mode == "ordered" and len(bindings) > 1:
        return GEN_ERR, 1
    joins = {name[-1]: value for name, _, value in bindings if name[:-1] == EGRESS and isinstance(value, bytes)}
    for place, (name, tag, value) in enumerate(bindings, start=1):
        status = _check(state, name, tag, value, joins)
        if status:
            return status, place
    return 0, 0


def change(state: SwitchState, oid: Oid, value: Value | None) -> None:
    """One object. Refused and Dropped as the faults say."""
    text = f"set {'.'.join(map(str, oid))} {value.hex() if isinstance(value, bytes) else value}"
    effect = _effect(state, oid, value)
    state.write("snmp", text, effect)


def _check(state: SwitchState, oid: Oid, tag: int, value: Value | None, joins: dict[int, bytes]) -> int:
    column = oid[:-1]
    if column in (ADMIN, ALIAS):
        return _check_interface(state, column, oid[-1], tag, value)
    if column == PVID:
        return _check_pvid(state, oid[-1], tag, value, joins)
    if column in LISTS:
        return _check_list(state, oid[-1], tag)
    if oid[:-STATIC_INDEX] in (STATIC_ALLOWED, STATIC_STATUS) and state.lists.static_unicast:
        text = oid[:-STATIC_INDEX] == STATIC_ALLOWED
        return 0 if tag == (ber.OCTETS if text else ber.INTEGER) else WRONG_TYPE
    return NOT_WRITABLE


def _check_interface(state: SwitchState, column: Oid, ifindex: int, tag: int, value: Value | None) -> int:
    if state.by_ifindex(ifindex) is None:
        return NO_CREATION
    if tag != (ber.OCTETS if column == ALIAS else ber.INTEGER):
        return WRONG_TYPE
    return WRONG_VALUE if column == ADMIN and value not in (1, 2) else 0


def _check_pvid(state: SwitchState, bridge_port: int, tag: int, value: Value | None, joins: dict[int, bytes]) -> int:
    if _bridge_port(state, bridge_port) is None:
        return NO_CREATION
    if tag != ber.GAUGE32:
        return WRONG_TYPE
    if not isinstance(value, int) or not 1 <= value <= 4094:
        return WRONG_VALUE
    if state.lists.mode == "follows":
        return 0
    members = ports_of(joins[value]) if value in joins else state.lists.of(value, state.ports.values())[0]
    return 0 if bridge_port in members else INCONSISTENT


def _check_list(state: SwitchState, vlan: int, tag: int) -> int:
    if vlan not in state.vlans:
        return NO_CREATION
    if state.lists.mode == "follows":
        return NOT_WRITABLE
    return 0 if tag == ber.OCTETS else WRONG_TYPE


def _effect(state: SwitchState, oid: Oid, value: Value | None) -> Callable[[], None]:
    column = oid[:-1]
    if column == PVID and isinstance(value, int):
        return _setting(_bridge_port(state, oid[-1]), "pvid", value)
    if column in LISTS and isinstance(value, bytes):
        return lambda: state.lists.write(oid[-1], LISTS[column], ports_of(value))
    if column == ALIAS and isinstance(value, bytes):
        return _setting(state.by_ifindex(oid[-1]), "alias", value.decode("utf-8", "replace"))
    if column == ADMIN:
        return _admin(state, state.by_ifindex(oid[-1]), up=value == 1)
    mac, vlan = bytes(oid[-7:-1]).hex(":"), oid[-STATIC_INDEX] - FID_OF_VLAN_OFFSET
    gone = oid[:-STATIC_INDEX] == STATIC_STATUS and value == INVALID
    return lambda: (state.blocked.discard if gone else state.blocked.add)((mac, vlan))


def _setting(port: EmulatedPort | None, name: str, value: int | str) -> Callable[[], None]:
    return lambda: setattr(port, name, value)


def _admin(state: SwitchState, port: EmulatedPort | None, *, up: bool) -> Callable[[], None]:
    def effect() -> None:
        if port is not None and port.admin_up != up:
            port.admin_up, port.changed_s = up, state.clock.monotonic_s()

    return effect


def _bridge_port(state: SwitchState, number: int) -> EmulatedPort | None:
    return next((p for p in state.ports.values() if p.bridge_port == number), None)
