"""The driver protocol: everything Cordon reads from and does to a switch (DECISIONS 6).

A driver is inert until its first call, keeps its session open between calls, and is used by one thread at a time:
`containment` serialises per device. Reads return tables with the time they were read. Nothing a device accepts is
believed: the caller reads back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from playbooks.plan import Action, Expectation, PortRef, PortState, Step, Verb


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do on this device. `confirm` = the device rolls back by itself unless confirmed."""

    verbs: frozenset[Verb]
    confirm: bool = False
    persists: bool = False  # the vendor saves a change without being told to


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and what came back; secrets never appear here."""

    command: str
    answer: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the switch says after an action, against what was expected."""

    expectation: Expectation
    state: PortState
    differences: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Everything expected was read back."""
        return not self.differences


class Driver(Protocol):
    """One device through one way in. Raises Unreachable (retriable), CommandRejected, Unsupported."""

    @property
    def switch(self) -> str:
        """The switch's name in the inventory."""
        ...

    @property
    def via(self) -> str:
        """`snmp`, `ssh`, ..."""
        ...

    def capabilities(self) -> Capabilities: ...

    def facts(self) -> DeviceFacts: ...

    def ports(self) -> tuple[PortRow, ...]: ...

    def fdb(self) -> tuple[FdbRow, ...]: ...

    def arp(self) -> tuple[ArpRow, ...]: ...

    def neighbours(self) -> tuple[Neighbour, ...]: ...

    def port_state(self, port: PortRef) -> PortState:
        """Read one port now."""
        ...

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """The exact commands and the exact undo back to `prior`. Sends nothing. Unsupported for a missing verb."""
        ...

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """Send the step's commands. Returning normally is not success: read back. An error has `unsent` set only where it is
        certain that nothing of the step had left: a command that was not answered may have had its effect."""
        ...

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """Send the step's undo."""
        ...

    def confirm(self) -> None:
        """Keep what was applied (commit-confirm); nothing to do where capabilities().confirm is false."""
        ...

    def read_back(self, expectation: Expectation) -> ReadBack:
        """Read the port once and compare. Waiting and repeating is the caller's."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class KeepsSession(Protocol):
    """A driver whose first command would have to log in."""

    def ready(self) -> None:
        """Have a session open, or open it again after a loss; nothing if it is in use."""
        ...


@runtime_checkable
class FindsOne(Protocol):
    """A driver that can ask for one MAC or one address. None = only reading the table can tell."""

    def find(self, mac: str) -> tuple[FdbRow, ...] | None: ...

    def bindings(self, ip: str) -> tuple[ArpRow, ...] | None: ...


class Glance(NamedTuple):
    """Rows of one MAC, of one address, and one port: as one question told them."""

    rows: tuple[FdbRow, ...]
    bindings: tuple[ArpRow, ...]
    state: PortState | None


@runtime_checkable
class SeesAuthority(Protocol):
    """A driver that reads whether 802.1X lets anybody through a port."""

    def authorised(self, port: PortRef) -> bool | None:
        """None where the port has no 802.1X, or the switch does not tell."""
        ...


@runtime_checkable
class Compares(Protocol):
    """A driver whose device takes a candidate configuration."""

    def difference(self, step: Step) -> str:
        """What the device says the step would change; the candidate is thrown away."""
        ...
