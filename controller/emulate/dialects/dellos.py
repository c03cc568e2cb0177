"""What the command lines of Dell's three systems have in common."""

from __future__ import annotations

from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

from .ciscolike import up


def running(form: str, vlan: str, *, opened: bool = False) -> Command:
    """show running-config interface NAME; `opened`: `no shutdown` is shown too."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port("".join(values))
        if port is None:
            return shell.no_such_port(values[0])
        lines = ["!", f"interface {port.name}", *([form.format(port.alias)] if port.alias else [])]
        lines += [] if port.admin_up and not opened else [f" {'no ' if port.admin_up else ''}shutdown"]
        lines += (
            [" switchport mode trunk"] if port.trunk else [vlan.format(port.pvid)] if vlan and port.pvid != 1 else []
        )
        return "\n".join([*lines, "exit", ""])

    return command


def link(form: str) -> Command:
    """show interfaces NAME, of `{name}` and `{link}`."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port("".join(values))
        return (
            shell.no_such_port(values[0])
            if port is None
            else form.format(name=port.name, link=link_of(shell, port), alias=port.alias)
        )

    return command


def link_of(shell: Shell, port: EmulatedPort) -> str:
    """up or down, with the administrative state."""
    return "up" if up(shell, port) else "down"


def macs(form: str, before: str = "", after: str = "") -> Command:
    """The MAC table, of `{mac}`, `{dotted}`, `{vlan}` and `{port}`."""

    def command(shell: Shell, _: list[str]) -> str:
        rows = shell.state.fdb()
        return "".join(
            form.format(mac=m, dotted=dotted(m), vlan=v, port=p.name.replace(before, after)) + "\n" for m, v, p in rows
        )

    return command


def lldp(form: str, before: str = "", after: str = "") -> Command:
    """Neighbours, of `{port}`, `{id}` and `{name}`."""

    def command(shell: Shell, _: list[str]) -> str:
        ports = [p for p in shell.state.ports.values() if p.neighbour]
        return "".join(
            form.format(port=p.name.replace(before, after), id=p.neighbour.port_id, name=p.neighbour.system_name) + "\n"
            for p in ports
            if p.neighbour
        )

    return command


def uptime(form: str) -> Command:
    """Something with `{name}`, `{h}` and `{m}`."""

    def command(shell: Shell, _: list[str]) -> str:
        minutes = shell.state.uptime_ms() // 60_000
        return form.format(name=shell.state.name, h=minutes // 60, m=minutes % 60)

    return command


def both(pattern: str, command: Command) -> dict[str, Command]:
    """A show with a name of one word or of two."""
    return {f"{pattern} <name>": command, f"{pattern} <name> <number>": command}
