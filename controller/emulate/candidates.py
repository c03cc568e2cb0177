"""Candidate configurations and commits that wait: lines tried on a copy, shown as a diff, committed, undone by a timer."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from .shell import Shell
from .state import Configuration, SwitchState


@dataclass(slots=True)
class Candidate:
    """Lines that the switch understood, and the switch as it would be with them."""

    trial: SwitchState
    shell: Shell
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Waiting:
    """A commit that goes back at `due_s` (monotonic) to what was before it."""

    name: str
    before: Configuration
    due_s: float


class Candidates:
    """Of one switch. The timer is looked at whenever somebody asks: `tick`."""

    def __init__(self, state: SwitchState, shell: type[Shell], enable: str) -> None:
        self._state, self._shell, self._enable = state, shell, enable
        self.open: dict[str, Candidate] = {}
        self.waiting: Waiting | None = None
        self._boots = state.boots

    def candidate(self, name: str) -> Candidate:
        """The candidate of that name, begun if there is none."""
        if name not in self.open:
            trial = self._state.candidate()
            shell = self._shell(trial, self._enable)
            shell.mode = "config"
            self.open[name] = Candidate(trial, shell)
        return self.open[name]

    def try_line(self, name: str, line: str) -> str:
        """What the line prints; kept if that is no error."""
        candidate = self.candidate(name)
        answer = candidate.shell.run(line)
        if "%" not in answer:
            candidate.lines.append(line)
        return answer

    def difference(self, name: str) -> str:
        """Unified, of the lines that the configurations of the ports have."""
        before, after = configuration_of(self._state), configuration_of(self.candidate(name).trial)
        return "\n".join(
            line for line in difflib.unified_diff(before, after, lineterm="", n=1) if line[:3] not in ("---", "+++")
        )

    def commit(self, name: str, timer_s: float | None = None) -> str:
        """Send the lines to the switch itself; its answer if that is an error. Faults strike here."""
        candidate = self.open.pop(name)
        shell = self._shell(self._state, self._enable)
        shell.mode = "config"
        if timer_s is not None:
            self.wait(name, timer_s)
        for line in candidate.lines:
            answer = shell.run(line)
            if "%" in answer:
                return answer
        return ""

    def wait(self, name: str, timer_s: float) -> None:
        """From now on the configuration of now comes back unless it is confirmed."""
        due_s = self._state.clock.monotonic_s() + timer_s
        self.waiting = Waiting(name, self._state.configuration(), due_s)

    def confirm(self) -> None:
        """Nothing waits any more."""
        self.waiting = None

    def back(self) -> None:
        """To what was before the commit that waits."""
        if self.waiting is not None:
            self._state.load(self.waiting.before)
            self.waiting = None

    def abort(self, name: str) -> None:
        """Throw a candidate away, or go back from the commit that waits."""
        if self.waiting is not None and self.waiting.name == name:
            self.back()
        self.open.pop(name, None)

    def tick(self) -> None:
        """Go back if nobody confirmed in time; a reboot loses candidates and what waits."""
        if self._boots != self._state.boots:
            self.open.clear()
            self.waiting, self._boots = None, self._state.boots
        if self.waiting is not None and self._state.clock.monotonic_s() >= self.waiting.due_s:
            self.back()


def configuration_of(state: SwitchState) -> list[str]:
    """The lines of all ports, in Cisco's words."""
    lines = []
    for port in state.ports.values():
        lines.append(f"interface {port.name}")
        lines += [f"   description {port.alias}"] if port.alias else []
        lines += [] if port.admin_up else ["   shutdown"]
        lines += ["   switchport mode trunk"] if port.trunk else [f"   switchport access vlan {port.pvid}"]
    return lines + [f"mac address-table static {mac} vlan {vlan} drop" for mac, vlan in sorted(state.blocked)]
