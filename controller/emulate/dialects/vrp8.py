"""A command line like Huawei VRP 8 (CloudEngine; S series with V600), from its command reference and configuration guide.

Each session edits a candidate of its own: `[~SW]` nothing waits, `[*SW]` something does, `[SW]` immediate mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.faults import Refused
from controller.emulate.shell import Command, Question, Shell
from controller.emulate.state import EmulatedPort, SwitchState

from .vrp import VrpShell
from .vrp8show import DISPLAY

Edit = Callable[[SwitchState], None]
UNCOMMITTED = (
    "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? [Y(yes)/N(no)/C(cancel)]:"
)
CHOOSE = "Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:"
ENTERED = "Enter system view, return user view with return command.\n"


class Vrp8Shell(VrpShell):
    """Huawei VRP 8."""

    banner = "\r\nInfo: The max number of VTY users is 21, the number of current VTY users online is 1."
    refused = "Error: The configuration is locked by another user."
    shorts: ClassVar[dict[str, str]] = {"gigabitethernet": "GE"}

    def __init__(self, state: SwitchState, enable_password: str) -> None:
        super().__init__(state, enable_password)
        self.staged = True
        self.begin()

    @staticmethod
    def port_name(place: int) -> str:
        """`10GE1/0/1`."""
        return f"10GE1/0/{place}"

    def mode_prompt(self) -> str:
        """`<sw1>`, `[~sw1]`, `[*sw1-10GE1/0/1]`, `[sw1]`."""
        if self.mode == "user":
            return super().mode_prompt()
        mark = ("*" if self.edits else "~") if self.staged else ""
        return f"[{mark}{super().mode_prompt()[1:]}"

    def begin(self) -> None:
        """A fresh candidate."""
        self.trial, self.edits = self.state.candidate(), list[tuple[str, Edit]]()

    def edit(self, text: str, change: Edit) -> str:
        """Change the candidate; in immediate mode what runs. What is so already is no change."""
        before = self.trial.configuration()
        change(self.trial)
        if before != self.trial.configuration():
            self.edits.append((text, change))
        if self.staged:
            return ""
        try:
            return self.commit()
        except Refused:
            self.begin()
            raise

    def commit(self) -> str:
        """All of the candidate becomes what runs, at once, or nothing of it; it is not saved."""
        edits = self.edits

        def effect() -> None:
            for _, change in edits:
                change(self.state)

        if edits:
            self.state.write("ssh", " / ".join(text for text, _ in edits), effect)
        self.begin()
        return ""

    def to_user(self) -> str:
        """Out of all views."""
        self.mode, self.port = "user", None
        return ""

    def out(self) -> str:
        """To the user view, after a question where something waits."""
        if self.edits:
            self.question = Question(UNCOMMITTED, self._chosen)
            return ""
        return self.to_user()

    def _chosen(self, answer: str) -> str:
        choice = answer.strip().lower()
        if choice in ("y", "yes"):
            return self.commit() + self.to_user()
        if choice in ("n", "no"):
            self.begin()
            return self.to_user()
        if choice not in ("c", "cancel"):
            self.question = Question(CHOOSE, self._chosen)
        return ""


def on_vrp8(command: Callable[[Vrp8Shell, list[str]], str]) -> Command:
    """A command of this dialect only."""

    def run(shell: Shell, values: list[str]) -> str:
        assert isinstance(shell, Vrp8Shell)  # noqa: S101
        return command(shell, values)

    return run


def enter(*, staged: bool | None = None) -> Command:
    """system-view, in the mode that the device begins with; system-view immediately."""

    def command(shell: Vrp8Shell, _: list[str]) -> str:
        shell.mode, shell.staged = "system", shell.state.staged if staged is None else staged
        shell.begin()
        return ENTERED

    return on_vrp8(command)


def commit(shell: Vrp8Shell, _: list[str]) -> str:
    """commit: two-stage mode only."""
    return shell.commit() if shell.staged else shell.complain(shell.invalid, "commit")


def clear(shell: Vrp8Shell, _: list[str]) -> str:
    """clear configuration candidate: to the system view, nothing waiting."""
    if not shell.staged:
        return shell.complain(shell.invalid, "clear configuration candidate")
    shell.begin()
    shell.mode, shell.port = "system", None
    return ""


def on_port(what: str, change: Callable[[SwitchState, EmulatedPort, list[str]], str | None]) -> Command:
    """A line of an interface view: tried on the candidate first; an error changes nothing."""

    def command(shell: Vrp8Shell, values: list[str]) -> str:
        if shell.port is None:
            return shell.complain(shell.invalid, what)
        name = shell.port.name
        trial = shell.trial.candidate()
        wrong = change(trial, trial.ports[name], values)
        text = f"interface {name} / {what} {' '.join(values)}".strip()

        def edit(state: SwitchState) -> None:
            change(state, state.ports[name], values)

        return wrong or shell.edit(text, edit)

    return on_vrp8(command)


def admin(*, up: bool) -> Command:
    """shutdown, undo shutdown."""

    def change(state: SwitchState, port: EmulatedPort, _: list[str]) -> None:
        if port.admin_up != up:
            port.admin_up, port.changed_s = up, state.clock.monotonic_s()

    return on_port("undo shutdown" if up else "shutdown", change)


def describe(_: SwitchState, port: EmulatedPort, values: list[str]) -> None:
    """description, undo description."""
    port.alias = values[0].strip() if values else ""


def default_vlan(state: SwitchState, port: EmulatedPort, values: list[str]) -> str | None:
    """port default vlan N: access ports and VLANs that there are."""
    if port.hybrid or port.trunk:
        return "Error: The link type of the interface is not access.\n"
    return _move(state, port, values)


def _move(state: SwitchState, port: EmulatedPort, values: list[str]) -> str | None:
    if not values[0].isdigit() or int(values[0]) not in state.vlans:
        return "Error: The VLAN does not exist.\n"
    port.pvid = int(values[0])
    return None


def hybrid(what: str) -> Command:
    """port hybrid pvid / untagged / undo vlan N."""

    def change(state: SwitchState, port: EmulatedPort, values: list[str]) -> str | None:
        if not port.hybrid:
            return "Error: The link type of the interface is not hybrid.\n"
        if what == "pvid" or not values[0].isdigit() or int(values[0]) not in state.vlans:
            return _move(state, port, values)
        (port.untagged.add if what == "untagged" else port.untagged.discard)(int(values[0]))
        return None

    return on_port(f"port hybrid {what}", change)


def blackhole(*, blocked: bool) -> Command:
    """mac-address blackhole M vlan N, undo."""

    def command(shell: Vrp8Shell, values: list[str]) -> str:
        mac = do.colons(values[0])
        if mac is None or not values[1].isdigit() or int(values[1]) not in shell.trial.vlans:
            return shell.complain(shell.invalid, values[0])
        entry, text = (mac, int(values[1])), f"{'' if blocked else 'no '}drop {mac} vlan {values[1]}"
        return shell.edit(text, lambda s: s.blocked.add(entry) if blocked else s.blocked.discard(entry))

    return on_vrp8(command)


OUT = on_vrp8(lambda shell, _: shell.out())
SYSTEM: dict[str, Command] = {
    "return": OUT,
    "commit": on_vrp8(commit),
    "clear configuration candidate": on_vrp8(clear),
    "interface <name>": do.enter_port("port"),
    "interface <name> <number>": do.enter_port("port"),
    "mac-address blackhole <mac> vlan <n>": blackhole(blocked=True),
    "undo mac-address blackhole <mac> vlan <n>": blackhole(blocked=False),
    **DISPLAY,
}
Vrp8Shell.grammar = {
    "user": {
        "system-view": enter(),
        "system-view immediately": enter(staged=False),
        "screen-length 0 temporary": do.no_pages,
        "save": do.save("Info: Save the configuration successfully.\n"),
        "quit": do.leave,
        **DISPLAY,
    },
    "system": {"quit": OUT, **SYSTEM},
    "port": {
        "quit": do.to("system"),
        **SYSTEM,
        "shutdown": admin(up=False),
        "undo shutdown": admin(up=True),
        "description <...>": on_port("description", describe),
        "undo description": on_port("undo description", describe),
        "port default vlan <n>": on_port("port default vlan", default_vlan),
        "port hybrid pvid vlan <n>": hybrid("pvid"),
        "port hybrid untagged vlan <n>": hybrid("untagged"),
        "undo port hybrid vlan <n>": hybrid("undo"),
    },
}
