"""A command line like Cisco IOS: modes, abbreviations, and what the show commands print (layout as real devices have it)."""

from __future__ import annotations

from typing import ClassVar

from controller.emulate import actions as do
from controller.emulate.iosfiles import files_of, name_of
from controller.emulate.shell import Command, Shell
from controller.emulate.state import SwitchState

from .iosarchive import ARCHIVE, ARCHIVE_CONFIG, ARCHIVE_SHOW
from .iosshow import SHOW


class IosShell(Shell):
    """Cisco IOS."""

    first_mode = "user"
    pipes = True
    invalid = "% Invalid input detected at '^' marker."
    incomplete = "% Incomplete command."
    ambiguous = '% Ambiguous command:  "{line}"'
    shorts: ClassVar[dict[str, str]] = {"gi": "GigabitEthernet"}

    def mode_prompt(self) -> str:
        """`sw1>`, `sw1#`, `sw1(config)#`, `sw1(config-if)#`."""
        mark = {"user": ">", "privileged": "#", "config": "(config)#", "port": "(config-if)#"}[self.mode]
        return self.state.name + mark

    @classmethod
    def take_file(cls, state: SwitchState, path: str, data: bytes) -> bool:
        """Onto flash."""
        files_of(state, IosShell).flash[name_of(path)] = data
        return True

    def run(self, line: str) -> str:
        """A line; before it, whatever a timer has to bring back."""
        files_of(self.state, IosShell).candidates.tick()
        return super().run(line)

    def complain(self, text: str, line: str) -> str:
        """Invalid input is pointed at."""
        pointer = " " * len(self.prompt) + "^\n" if text == self.invalid else ""
        return pointer + super().complain(text, line)


GENERAL: dict[str, Command] = {
    "terminal length <n>": do.length,
    "terminal width <n>": do.nothing,
    **{f"show {pattern}": command for pattern, command in SHOW.items()},
}
CONFIG: dict[str, Command] = {
    **ARCHIVE_CONFIG,
    "end": do.to("privileged"),
    **{f"do show {pattern}": command for pattern, command in SHOW.items()},
    "interface <name>": do.enter_port("port"),
    "interface <name> <number>": do.enter_port("port"),
    "mac address-table static <mac> vlan <n> drop": do.block(blocked=True),
    "no mac address-table static <mac> vlan <n> drop": do.block(blocked=False),
}
PORT: dict[str, Command] = {
    "shutdown": do.on_port(do.shutdown),
    "no shutdown": do.on_port(do.no_shutdown),
    "switchport access vlan <n>": do.on_port(do.set_vlan),
    "description <...>": do.on_port(do.describe),
    "no description": do.on_port(do.describe),
}
IosShell.grammar = {
    "user": {"enable": do.enable, "exit": do.leave, "logout": do.leave, **GENERAL},
    "privileged": {
        "enable": do.nothing,
        "disable": do.to("user"),
        "exit": do.leave,
        "logout": do.leave,
        "configure terminal": do.to("config", "Enter configuration commands, one per line.  End with CNTL/Z.\n"),
        "write memory": do.save("Building configuration...\n[OK]\n"),
        "copy running-config startup-config": do.save("Building configuration...\n[OK]\n"),
        **GENERAL,
        **ARCHIVE_SHOW,
        **ARCHIVE,
    },
    "config": {"exit": do.to("privileged"), **CONFIG},
    "port": {"exit": do.to("config"), **CONFIG, **PORT},
}
