"""What command lines after Cisco's manner share: `configure terminal`, `interface X`, `end`, `no ...`."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.actions import dotted
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

LETTERS = {"bridge": "B", "router": "R", "wlan": "W", "phone": "T", "station": "S"}
WORDS = {"bridge": "Bridge, Router", "router": "Router", "wlan": "WLAN", "phone": "Telephone", "station": "Station"}


class CiscoLike(Shell):
    """Prompts `sw1>`, `sw1#`, `sw1(config)#`, `sw1(config-if)#`."""

    first_mode = "privileged"
    pipes = True
    invalid = "% Invalid input detected at '^' marker."
    incomplete = "% Incomplete command."
    ambiguous = "% Ambiguous command."
    after = ""  # a blank after the prompt, on some

    def mode_prompt(self) -> str:
        """Name, mode, mark."""
        mark = {"user": ">", "privileged": "#", "config": "(config)#"}.get(self.mode) or f"({self.port_mode()})#"
        return self.state.name + mark + self.after

    def port_mode(self) -> str:
        """What stands in brackets in a port's mode."""
        return "config-if"


def up(shell: Shell, port: EmulatedPort) -> bool:
    """Administratively up, and the link too."""
    return port.admin_up and shell.state.oper_up(port)


def grammar_of(
    shows: dict[str, Command], config: dict[str, Command], port: dict[str, Command], pager: str
) -> dict[str, dict[str, Command]]:
    """User, privileged, configuration and port modes with the show commands of a dialect."""
    shown = {f"show {pattern}": command for pattern, command in shows.items()}
    general = {pager: do.no_pages, "terminal width <n>": do.nothing, **shown}
    into: dict[str, Command] = {
        "interface <name>": do.enter_port("port"),
        "interface <name> <number>": do.enter_port("port"),
        "end": do.to("privileged"),
        **config,
    }
    changes: dict[str, Command] = {
        "shutdown": do.on_port(do.shutdown),
        "no shutdown": do.on_port(do.no_shutdown),
        "no description": do.on_port(do.describe),
        **port,
    }
    return {
        "user": {"enable": do.enable, "exit": do.leave, **general},
        "privileged": {"enable": do.nothing, "exit": do.leave, "configure terminal": do.to("config"), **general},
        "config": {"exit": do.to("privileged"), **into},
        "port": {"exit": do.to("config"), **into, **changes},
    }


DESCRIBE: dict[str, Command] = {"description <...>": do.on_port(do.describe)}
DESCRIBE_QUOTED: dict[str, Command] = {"description <text>": do.on_port(do.describe)}
ACCESS: dict[str, Command] = {"switchport access vlan <n>": do.on_port(do.set_vlan)}


def arp_rows(shell: Shell, form: str) -> str:
    """One line for each binding, of `{ip}`, `{dotted}`, `{mac}`."""
    rows = sorted(shell.state.arp.items())
    return "".join(form.format(ip=ip, mac=mac, dotted=dotted(mac)) + "\n" for ip, mac in rows)
