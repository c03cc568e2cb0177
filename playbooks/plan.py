"""What is to be done to one port: action, steps with their undo, and what must be read back."""

from __future__ import annotations

from enum import StrEnum

from .model import Value


class Verb(StrEnum):
    """What can be done to a port. `observe` records what would have been done and touches nothing.

    `disconnect` ends an 802.1X session (RADIUS, RFC 5176), and keeps nobody off: the machine authenticates again.
    A driver plans a bounce only where the device does it by itself (RADIUS CoA): elsewhere the engine shuts the port and
    opens it after seconds, journaled, so that a crash in between leaves no port down. `restore` brings the admin state,
    PVID and description of a `PortState` back in one plan, whatever the port shows now.
    """

    OBSERVE = "observe"
    MAC_BLOCK = "mac-block"
    QUARANTINE_VLAN = "quarantine-vlan"
    SHUT = "shut"
    UNSHUT = "unshut"
    DISCONNECT = "disconnect"
    BOUNCE = "bounce"
    DESCRIBE = "describe"
    RESTORE = "restore"


# Whoever hangs on the port is cut off or moved, and not one machine alone.
OF_THE_PORT = frozenset({Verb.QUARANTINE_VLAN, Verb.SHUT, Verb.UNSHUT, Verb.BOUNCE, Verb.RESTORE})


class Admin(StrEnum):
    """ifAdminStatus (RFC 2863), as far as a switch port uses it."""

    UP = "up"
    DOWN = "down"


class Oper(StrEnum):
    """ifOperStatus (RFC 2863); everything that is neither up nor down is `unknown`."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class PortRef(Value):
    """A port of a switch. `ifindex` is the ifIndex of IF-MIB, `name` what the switch's CLI calls it."""

    switch: str
    ifindex: int
    name: str

    def __str__(self) -> str:
        return f"{self.switch} {self.name} (ifIndex {self.ifindex})"


class PortState(Value):
    """What a switch says of one port, read at `read_ms`. None = this way in cannot read it.

    `held` = why the switch itself keeps the port down (err-disabled by port security or BPDU guard), if it says so.
    `macs` = those of the MACs asked about that have access on the port.
    """

    port: PortRef
    admin: Admin
    oper: Oper
    pvid: int | None = None
    left_vlans: tuple[
        int, ...
    ] = ()  # it is a member of none of these, tagged or not; read where a switch has such lists
    blocked_macs: tuple[str, ...] | None = None
    description: str | None = None
    held: str | None = None
    macs: tuple[str, ...] | None = None
    read_ms: int


class Action(Value):
    """A verb on a port. `vlan` for quarantine-vlan, `mac` for mac-block and disconnect, `text` for describe."""

    verb: Verb
    port: PortRef
    vlan: int | None = None
    mac: str | None = None
    text: str | None = None


class Expectation(Value):
    """What must be read back. None = not part of the expectation."""

    port: PortRef
    admin: Admin | None = None
    pvid: int | None = None
    left_vlans: tuple[
        int, ...
    ] = ()  # it is a member of none of these, tagged or not; read where a switch has such lists
    blocked_mac: str | None = None
    unblocked_mac: str | None = None
    description: str | None = None  # "" = no description
    gone_mac: str | None = None  # it was seen to lose its access, be it for a moment

    def differences(self, state: PortState) -> tuple[str, ...]:
        """Sentences for what `state` does not meet; empty = met. What could not be read is not met."""
        wrong = []
        if self.admin is not None and state.admin is not self.admin:
            wrong.append(f"ifAdminStatus is {state.admin}, expected {self.admin}")
        if self.pvid is not None and state.pvid != self.pvid:
            wrong.append(f"PVID is {state.pvid}, expected {self.pvid}")
        blocked = state.blocked_macs
        if self.blocked_mac is not None and (blocked is None or self.blocked_mac not in blocked):
            wrong.append(f"{self.blocked_mac} is not blocked")
        if self.unblocked_mac is not None and (blocked is None or self.unblocked_mac in blocked):
            wrong.append(f"{self.unblocked_mac} is still blocked")
        if self.description is not None and (state.description or "") != self.description:
            wrong.append(f"the description is {state.description!r}, expected {self.description!r}")
        if self.gone_mac is not None and (state.macs is None or self.gone_mac in state.macs):
            wrong.append(f"{self.gone_mac} was not seen to lose its access")
        return tuple(wrong)


class Step(Value):
    """One journaled step: the exact commands, the exact undo, and what proves each.

    Commands are the driver's own text, sent as they stand: a CLI line, or `set OID i 2` for SNMP.
    `optional` = a note for people (the port's description): if it does not succeed the containment stands all the same.
    `passing` = the effect goes by itself and cannot be read afterwards (CoA): never sent a second time, proven only by what is
    seen right after it was sent.
    `diff` = what the device itself says the commands would change, where it was asked for a person to read.
    """

    index: int
    title: str
    commands: tuple[str, ...]
    undo: tuple[str, ...]
    expect: Expectation
    undo_expect: Expectation
    optional: bool = False
    passing: bool = False
    diff: str = ""

    @property
    def witnessed(self) -> bool:
        """A passing step that must be seen to have had its effect."""
        return self.passing and self.expect.gone_mac is not None


class Plan(Value):
    """What will be sent, by which way in, on which prior state; committed before the first command leaves."""

    action: Action
    via: str  # snmp | ssh | napalm | coa
    prior: PortState
    steps: tuple[Step, ...]
    persists: bool = False  # the vendor saves the change by itself: a reboot does not undo it

    @property
    def essential(self) -> tuple[Step, ...]:
        """The steps that make the containment."""
        return tuple(step for step in self.steps if not step.optional)
