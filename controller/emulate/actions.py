"""Commands that many dialects share: going in and out of modes, and the changes of a port."""

from __future__ import annotations

from collections.abc import Callable

from .shell import Command, Shell
from .state import EmulatedPort


def nothing(_: Shell, __: list[str]) -> str:
    """Accept and do nothing."""
    return ""


def to(mode: str, text: str = "") -> Command:
    """Go to a mode, out of any port."""

    def command(shell: Shell, _: list[str]) -> str:
        shell.mode, shell.port, shell.vlan = mode, None, 0
        return text

    return command


def enable(shell: Shell, _: list[str]) -> str:
    """Become privileged, with the password."""
    return shell.ask_password()


def leave(shell: Shell, _: list[str]) -> str:
    """Hang up."""
    shell.closed = True
    return ""


def length(shell: Shell, values: list[str]) -> str:
    """Lines of a page; 0 for no pages."""
    shell.length = int(values[0]) if values and values[0].isdigit() else shell.length
    return ""


def no_pages(shell: Shell, _: list[str]) -> str:
    """Switch the pager off."""
    shell.length = 0
    return ""


def save(text: str) -> Command:
    """Running configuration to startup configuration."""

    def command(shell: Shell, _: list[str]) -> str:
        shell.state.save()
        return text

    return command


def enter_port(mode: str) -> Command:
    """Go to a port's mode."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port("".join(values))
        if port is None:
            return shell.no_such_port(" ".join(values))
        shell.mode, shell.port = mode, port
        return ""

    return command


def on_port(change: Callable[[Shell, EmulatedPort, list[str]], str | None]) -> Command:
    """A change of the port whose mode this is."""

    def command(shell: Shell, values: list[str]) -> str:
        if shell.port is None:
            return shell.complain(shell.invalid, "")
        return change(shell, shell.port, values) or ""

    return command


def set_admin(shell: Shell, port: EmulatedPort, *, up: bool) -> None:
    """Shut or open."""
    text = f"interface {port.name} / {'no ' if up else ''}shutdown"
    shell.state.set_admin(port, up=up, via="ssh", text=text)


def shutdown(shell: Shell, port: EmulatedPort, _: list[str]) -> None:
    """Shut."""
    set_admin(shell, port, up=False)


def no_shutdown(shell: Shell, port: EmulatedPort, _: list[str]) -> None:
    """Open."""
    set_admin(shell, port, up=True)


def set_vlan(shell: Shell, port: EmulatedPort, values: list[str]) -> str | None:
    """Move an access port; a VLAN that does not exist is an error."""
    if not values[0].isdigit() or not 1 <= int(values[0]) <= 4094:
        return shell.complain(shell.invalid, values[0])
    text = f"interface {port.name} / access vlan {values[0]}"
    shell.state.set_pvid(port, int(values[0]), via="ssh", text=text)
    return None


def describe(shell: Shell, port: EmulatedPort, values: list[str]) -> None:
    """Describe; without a text, no longer."""
    text = values[0].strip() if values else ""
    shell.state.set_alias(port, text, via="ssh", text=f"interface {port.name} / description {text}")


def block(*, blocked: bool) -> Command:
    """Drop, or no longer drop, a MAC in a VLAN."""

    def command(shell: Shell, values: list[str]) -> str:
        mac = colons(values[0])
        if mac is None or not values[1].isdigit():
            return shell.complain(shell.invalid, values[0])
        text = f"{'' if blocked else 'no '}drop {mac} vlan {values[1]}"
        shell.state.set_blocked(mac, int(values[1]), blocked=blocked, via="ssh", text=text)
        return ""

    return command


def colons(text: str) -> str | None:
    """A MAC of any notation; None if it is none."""
    digits = "".join(ch for ch in text.lower() if ch not in ".:-")
    right = len(digits) == 12 and all(ch in "0123456789abcdef" for ch in digits)
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2)) if right else None


def quads(mac: str, between: str) -> str:
    """`0277.0000.0001` of `02:77:00:00:00:01`."""
    digits = mac.replace(":", "")
    return between.join((digits[0:4], digits[4:8], digits[8:12]))


def dotted(mac: str) -> str:
    """A MAC in dotted quads."""
    return quads(mac, ".")
