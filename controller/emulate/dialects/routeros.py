"""A command line like MikroTik RouterOS 7, from its manual and the transcripts of four devices: paths, `print terse`, `:put`."""

from __future__ import annotations

import re

from controller.emulate import actions as do
from controller.emulate.actions import colons
from controller.emulate.faults import Refused
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

from .ciscolike import WORDS, up


class RouterosShell(Shell):
    """MikroTik RouterOS."""

    first_mode = "exec"
    quotes = True
    banner = "\r\n\r\n  MikroTik RouterOS 7.16 (c) 1999-2024       https://www.mikrotik.com/\r\n"
    readers = (":put", "/interface", "/ip", "/system")
    invalid = "bad command name {line} (line 1 column 1)"
    incomplete = "expected end of command (line 1 column 1)"
    refused = "failure: device is busy"
    more = "-- [Q quit|D dump|down]"
    wipe = "\r\x1b[K"

    @staticmethod
    def port_name(place: int) -> str:
        """`ether1`."""
        return f"ether{place}"

    def mode_prompt(self) -> str:
        """`[cordon@sw1] > `."""
        return f"[cordon@{self.state.name}] > "

    def find_port(self, name: str) -> EmulatedPort | None:
        """By its exact name."""
        return self.state.port(name)

    def _dispatch(self, words: list, line: str) -> str:  # type: ignore[type-arg]
        """Paths take arguments in any shape: a table of patterns over the whole line."""
        for pattern, command in COMMANDS.items():
            found = re.fullmatch(pattern, line.strip())
            if found:
                try:
                    return command(self, list(found.groups()))
                except Refused:
                    return self.refused + "\n"
        return self.complain(self.invalid, words[0].text)


FRAMES = {True: "admit-only-vlan-tagged", False: "admit-all"}
NO_ITEM = "no such item (4)\n"


def admin(*, on: bool) -> Command:
    """/interface enable and disable."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port(values[0])
        if port is None:
            return NO_ITEM
        do.set_admin(shell, port, up=on)
        return ""

    return command


def comment(shell: Shell, values: list[str]) -> str:
    """/interface set P comment="..."."""
    port = shell.find_port(values[0])
    if port is None:
        return NO_ITEM
    do.describe(shell, port, [re.sub(r"\\(.)", r"\1", values[1])])
    return ""


def pvid(shell: Shell, values: list[str]) -> str:
    """/interface bridge port set [find interface=P] pvid=N: nothing found is no error."""
    port = shell.find_port(values[0])
    return "" if port is None else do.set_vlan(shell, port, [values[1]]) or ""


def state(shell: Shell, values: list[str]) -> str:
    """:put of what an interface is."""
    port = shell.find_port(values[0])
    if port is None:
        return NO_ITEM
    on = {True: "true", False: "false"}
    return f"name={port.name} disabled={on[not port.admin_up]} running={on[up(shell, port)]}\n"


def get_comment(shell: Shell, values: list[str]) -> str:
    """:put of a comment."""
    port = shell.find_port(values[0])
    return NO_ITEM if port is None else f"comment={port.alias}\n"


def get_pvid(shell: Shell, values: list[str]) -> str:
    """:put of a PVID."""
    port = shell.find_port(values[0])
    if port is None:
        return NO_ITEM
    filtering = "true" if shell.state.filters_vlans else "false"
    return f"pvid={port.pvid} filtering={filtering} frames={FRAMES[port.trunk]}\n"


def rule(shell: Shell, values: list[str]) -> str:
    """/interface ethernet switch rule add."""
    mac = colons(values[1])
    if mac is None or shell.find_port(values[0]) is None:
        return "input does not match any value of interface\n"
    shell.state.set_blocked(mac, 0, blocked=True, via="ssh", text=f"rule add {mac}")
    return ""


def unrule(shell: Shell, values: list[str]) -> str:
    """/interface ethernet switch rule remove."""
    mac = colons(values[0])
    if mac:
        shell.state.set_blocked(mac, 0, blocked=False, via="ssh", text=f"rule remove {mac}")
    return ""


def _terse(rows: list[str]) -> str:
    return "".join(f"{number:2} {row}\n" for number, row in enumerate(rows))


def rules(shell: Shell, _: list[str]) -> str:
    """/interface ethernet switch rule print terse."""
    held = sorted(mac for mac, _ in shell.state.blocked)
    return _terse(
        [
            f'   comment=cordon {m} switch=switch1 ports=ether1 src-mac-address={m.upper()}/FF:FF:FF:FF:FF:FF new-dst-ports="" '
            for m in held
        ]
    )


def interfaces(shell: Shell, _: list[str]) -> str:
    """/interface print terse."""
    rows = []
    for port in shell.state.ports.values():
        flags = "X " if not port.admin_up else "RS" if up(shell, port) else "S "
        said = f"comment={port.alias} " if port.alias else ""
        rows.append(
            f"{flags} {said}name={port.name} default-name={port.name} type=ether mtu=1500 actual-mtu=1500 l2mtu=1592 "
        )
    return _terse(rows)


def bridge_ports(shell: Shell, _: list[str]) -> str:
    """/interface bridge port print terse."""
    return _terse(
        [
            f"   interface={p.name} bridge=bridge priority=0x80 pvid={p.pvid} frame-types={FRAMES[p.trunk]} hw=yes "
            for p in shell.state.ports.values()
        ]
    )


def hosts(shell: Shell, _: list[str]) -> str:
    """/interface bridge host print terse."""
    return _terse(
        [
            f"D  mac-address={m.upper()} vid={v} interface={p.name} bridge=bridge on-interface={p.name} "
            for m, v, p in shell.state.fdb()
        ]
    )


def arp(shell: Shell, _: list[str]) -> str:
    """/ip arp print terse."""
    return _terse(
        [
            f"DC address={ip} mac-address={m.upper()} interface=bridge published=no status=reachable "
            for ip, m in sorted(shell.state.arp.items())
        ]
    )


def neighbours(shell: Shell, _: list[str]) -> str:
    """/ip neighbor print terse."""
    rows = []
    for port in shell.state.ports.values():
        if port.neighbour:
            caps = WORDS[port.neighbour.capability].lower().replace(", ", ",")
            rows.append(
                f"  interface={port.name},bridge address=192.0.2.1 mac-address=02:77:00:00:00:AA identity={port.neighbour.system_name} "
                f"interface-name={port.neighbour.port_id} system-caps={caps} system-caps-enabled={caps} "
            )
    return _terse(rows)


def resource(shell: Shell, _: list[str]) -> str:
    """/system resource print."""
    seconds = shell.state.uptime_ms() // 1000
    return f"                   uptime: {seconds // 60}m{seconds % 60}s\n                  version: 7.16 (stable)\n               board-name: CRS326-24G-2S+\n                 platform: MikroTik\n"


COMMANDS: dict[str, Command] = {
    r"/quit": do.leave,
    r"/interface disable (\S+)": admin(on=False),
    r"/interface enable (\S+)": admin(on=True),
    r'/interface set (\S+) comment="((?:\\.|[^"\\])*)"': comment,
    r"/interface bridge port set \[find interface=(\S+)\] pvid=(\d+)": pvid,
    r'/interface ethernet switch rule add switch=switch1 ports=(\S+) src-mac-address=(\S+)/FF:FF:FF:FF:FF:FF new-dst-ports="" comment="cordon [^"]*"': rule,
    r'/interface ethernet switch rule remove \[find comment="cordon (\S+)"\]': unrule,
    r":put \(\"name=\" \. \[/interface get (\S+) name\] \. \" disabled=\" \. \[/interface get \S+ disabled\] \. \" running=\" \. \[/interface get \S+ running\]\)": state,
    r":put \(\"comment=\" \. \[/interface get (\S+) comment\]\)": get_comment,
    r":put \(\"pvid=\" \. \[/interface bridge port get \[find interface=(\S+)\] pvid\] \. \" filtering=\" \. \[/interface bridge get \[/interface bridge port get \[find interface=\S+\] bridge\] vlan-filtering\] \. \" frames=\" \. \[/interface bridge port get \[find interface=\S+\] frame-types\]\)": get_pvid,
    r"/interface print terse without-paging where type=ether": interfaces,
    r"/interface bridge port print terse without-paging": bridge_ports,
    r"/interface bridge host print terse without-paging": hosts,
    r"/interface ethernet switch rule print terse without-paging": rules,
    r"/ip arp print terse without-paging": arp,
    r"/ip neighbor print terse without-paging": neighbours,
    r"/system resource print": resource,
}
