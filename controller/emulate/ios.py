"""A command line like Cisco IOS: modes, abbreviations, and what the show commands print (layout as real devices have it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .faults import Refused
from .iosshow import SHOW
from .state import EmulatedPort, SwitchState

INVALID = "% Invalid input detected at '^' marker."
INCOMPLETE = "% Incomplete command."
AMBIGUOUS = '% Ambiguous command:  "{line}"'
REFUSED = "% Command rejected: the switch is busy"


@dataclass(slots=True)
class Shell:
    """One session's place in the command line."""

    state: SwitchState
    enable_password: str
    privileged: bool = False
    configuring: bool = False
    interface: EmulatedPort | None = None
    length: int = 24
    asks_password: bool = False
    closed: bool = False
    values: list[str] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.asks_password:
            return "Password: "
        if not self.privileged:
            return f"{self.state.name}>"
        mode = "(config-if)" if self.interface else "(config)" if self.configuring else ""
        return f"{self.state.name}{mode}#"

    def run(self, line: str) -> str:
        """What a line of input prints."""
        if self.asks_password:
            self.asks_password = False
            self.privileged = line == self.enable_password
            return "" if self.privileged else "% Access denied\n"
        words = line.split()
        if not words:
            return ""
        return self._dispatch(words, line)

    def _dispatch(self, words: list[str], line: str) -> str:
        commands = CONFIG if self.configuring else EXEC
        found, incomplete = [], False
        for pattern, command in commands.items():
            values = match(pattern.split(), words)
            if values is not None:
                found.append((pattern, values, command))
            incomplete = incomplete or match(pattern.split()[: len(words)], words) is not None
        exact = [f for f in found if f[0].split()[0] == words[0].lower()] or found
        if len({f[0].split()[0] for f in exact}) > 1:
            return AMBIGUOUS.format(line=line) + "\n"
        if not exact:
            return (INCOMPLETE if incomplete else f"{' ' * len(self.prompt)}^\n{INVALID}") + "\n"
        # The pattern with the fewest placeholders says most precisely what was meant.
        _, values, command = min(exact, key=lambda f: f[0].count("<"))
        try:
            return command(self, values)
        except Refused:
            return REFUSED + "\n"


Command = Callable[[Shell, list[str]], str]


def match(pattern: list[str], words: list[str]) -> list[str] | None:
    """Values of the placeholders if every word is (the beginning of) its keyword; None if not. `<...>` takes all the rest."""
    values: list[str] = []
    for index, part in enumerate(pattern):
        if part == "<...>":
            return [*values, " ".join(words[index:])] if words[index:] else None
        if index >= len(words):
            return None
        if part.startswith("<"):
            values.append(words[index])
        elif not part.startswith(words[index].lower()):
            return None
    return values if len(words) == len(pattern) else None


def _enable(shell: Shell, _: list[str]) -> str:
    shell.asks_password = not shell.privileged
    return ""


def _disable(shell: Shell, _: list[str]) -> str:
    shell.privileged = False
    return ""


def _length(shell: Shell, values: list[str]) -> str:
    shell.length = int(values[0]) if values[0].isdigit() else shell.length
    return ""


def _nothing(_: Shell, __: list[str]) -> str:
    return ""


def _quit(shell: Shell, _: list[str]) -> str:
    if shell.configuring:
        shell.configuring, shell.interface = shell.interface is not None, None
    else:
        shell.closed = True
    return ""


def _end(shell: Shell, _: list[str]) -> str:
    shell.configuring, shell.interface = False, None
    return ""


def _configure(shell: Shell, _: list[str]) -> str:
    if not shell.privileged:
        return f"{' ' * len(shell.prompt)}^\n{INVALID}\n"
    shell.configuring = True
    return "Enter configuration commands, one per line.  End with CNTL/Z.\n"


def _save(shell: Shell, _: list[str]) -> str:
    shell.state.save()
    return "Building configuration...\n[OK]\n"


def _show(shell: Shell, values: list[str]) -> str:
    shell.state.faults.before_read("ssh")
    words = values[0].split()
    for pattern, show in SHOW.items():
        arguments = match(pattern.split(), words)
        if arguments is not None:
            return show(shell.state, arguments)
    return f"{' ' * len(shell.prompt)}^\n{INVALID}\n"


def _interface(shell: Shell, values: list[str]) -> str:
    port = shell.state.port("".join(values))
    if port is None:
        return f"{' ' * len(shell.prompt)}^\n{INVALID}\n"
    shell.interface = port
    return ""


def _on_port(change: Callable[[Shell, EmulatedPort, list[str]], None]) -> Command:
    def command(shell: Shell, values: list[str]) -> str:
        if shell.interface is None:
            return f"{' ' * len(shell.prompt)}^\n{INVALID}\n"
        change(shell, shell.interface, values)
        return ""

    return command


def _set_admin(up: bool) -> Command:
    text = "no shutdown" if up else "shutdown"
    return _on_port(
        lambda shell, port, _: shell.state.set_admin(port, up=up, via="ssh", text=f"interface {port.name} / {text}")
    )


def _set_vlan(shell: Shell, port: EmulatedPort, values: list[str]) -> None:
    text = f"interface {port.name} / switchport access vlan {values[0]}"
    if values[0].isdigit() and 1 <= int(values[0]) <= 4094:
        shell.state.set_pvid(port, int(values[0]), via="ssh", text=text)


def _describe(shell: Shell, port: EmulatedPort, values: list[str]) -> None:
    text = values[0] if values else ""
    shell.state.set_alias(port, text, via="ssh", text=f"interface {port.name} / description {text}")


def _block(blocked: bool) -> Command:
    def command(shell: Shell, values: list[str]) -> str:
        mac = ":".join(values[0].replace(".", "")[i : i + 2] for i in range(0, 12, 2)).lower()
        if len(mac) != 17 or not values[1].isdigit():
            return f"{INVALID}\n"
        text = f"{'' if blocked else 'no '}mac address-table static {values[0]} vlan {values[1]} drop"
        shell.state.set_blocked(mac, int(values[1]), blocked=blocked, via="ssh", text=text)
        return ""

    return command


EXEC: dict[str, Command] = {
    "enable": _enable,
    "disable": _disable,
    "exit": _quit,
    "logout": _quit,
    "terminal length <n>": _length,
    "terminal width <n>": _nothing,
    "configure terminal": _configure,
    "write memory": _save,
    "copy running-config startup-config": _save,
    "show <...>": _show,
}
CONFIG: dict[str, Command] = {
    "end": _end,
    "exit": _quit,
    "do <...>": lambda shell, values: _show(shell, [values[0].partition(" ")[2]]),
    "interface <name>": _interface,
    "interface <name> <number>": _interface,
    "shutdown": _set_admin(up=False),
    "no shutdown": _set_admin(up=True),
    "switchport access vlan <n>": _on_port(_set_vlan),
    "description <...>": _on_port(_describe),
    "no description": _on_port(_describe),
    "mac address-table static <mac> vlan <n> drop": _block(blocked=True),
    "no mac address-table static <mac> vlan <n> drop": _block(blocked=False),
}
