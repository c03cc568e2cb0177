"""A command line like Junos on EX switches (ELS), from its manuals: a candidate configuration, commit, commit confirmed, rollback."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.shell import Command, Shell
from controller.emulate.state import EmulatedPort

from .ciscolike import up


class JunosShell(Shell):
    """Junos."""

    first_mode = "exec"
    banner = "\r\n--- JUNOS 21.4R3.15 Kernel 64-bit  JNPR-12.1"
    quotes = True
    pipes = True
    more = "---(more)---"
    wipe = "\r" + " " * 40 + "\r"
    invalid = "{pointer}^\nunknown command."
    incomplete = "{pointer}^\nsyntax error, expecting <command>."
    ambiguous = "{pointer}^\n'{line}' is ambiguous."
    refused = "error: configuration database locked by: root terminal p0"
    candidate: list[tuple[EmulatedPort, str, str]]

    @staticmethod
    def port_name(place: int) -> str:
        """`ge-0/0/1`."""
        return f"ge-0/0/{place}"

    def mode_prompt(self) -> str:
        """`cordon@sw1>`, `cordon@sw1#`."""
        return f"cordon@{self.state.name}{'#' if self.mode == 'config' else '>'} "

    def complain(self, text: str, line: str) -> str:
        """The place is pointed at."""
        return text.format(line=line, pointer=" " * len(self.prompt)) + "\n"

    def find_port(self, name: str) -> EmulatedPort | None:
        """By its exact name."""
        return self.state.port(name)


def configure(shell: Shell, _: list[str]) -> str:
    """configure exclusive: a fresh candidate."""
    assert isinstance(shell, JunosShell)  # noqa: S101
    shell.mode, shell.candidate = "config", []
    return "warning: uncommitted changes will be discarded on exit\nEntering configuration mode\n\n[edit]\n"


def leave(shell: Shell, _: list[str]) -> str:
    """exit configuration-mode."""
    shell.mode = "exec"
    return "Exiting configuration mode\n\n"


def want(what: str, value: str = "") -> Command:
    """A line of the candidate."""

    def command(shell: Shell, values: list[str]) -> str:
        assert isinstance(shell, JunosShell)  # noqa: S101
        port = shell.find_port(values[0])
        if port is None:
            return f"error: invalid interface type in '{values[0]}'\n"
        shell.candidate.append((port, what, values[1] if len(values) > 1 else value))
        return "\n[edit]\n"

    return command


def commit(shell: Shell, _: list[str]) -> str:
    """commit: the candidate becomes what runs; with nothing in it, it confirms."""
    assert isinstance(shell, JunosShell)  # noqa: S101
    wanted: dict[tuple[str, str], str] = {}
    for port, what, value in shell.candidate:
        wanted[(port.name, what)] = value
    shell.candidate = []
    for (name, what), value in wanted.items():
        port_or_none = shell.find_port(name)
        if port_or_none and what == "disable":
            shell.state.set_admin(port_or_none, up=value != "yes", via="ssh", text=f"{name} disable {value}")
        elif port_or_none and what == "description":
            do.describe(shell, port_or_none, [value])
        elif port_or_none and value:
            do.set_vlan(shell, port_or_none, [value.removeprefix("v")])  # VLAN N is called vN
    shell.state.save()
    return "commit complete\n\n[edit]\n"


def commit_confirmed(shell: Shell, values: list[str]) -> str:
    """commit confirmed N."""
    return f"commit confirmed will be automatically rolled back in {values[0]} minutes unless confirmed\n" + commit(
        shell, []
    )


def rollback(shell: Shell, _: list[str]) -> str:
    """rollback 0."""
    assert isinstance(shell, JunosShell)  # noqa: S101
    shell.candidate = []
    return "load complete\n\n[edit]\n"


def interface(shell: Shell, values: list[str]) -> str:
    """show interfaces NAME."""
    port = shell.find_port(values[0])
    if port is None:
        return f"error: device {values[0]} not found\n"
    admin = "Enabled" if port.admin_up else "Administratively down"
    described = f"  Description: {port.alias}\n" if port.alias else ""
    return (
        f"Physical interface: {port.name}, {admin}, Physical link is {'Up' if up(shell, port) else 'Down'}\n"
        f"  Interface index: {640 + port.ifindex}, SNMP ifIndex: {port.ifindex}\n{described}"
        "  Link-level type: Ethernet, MTU: 1514, Speed: Auto, Duplex: Auto\n  Device flags   : Present Running\n"
    )


def _member(port: EmulatedPort) -> str:
    tag = "tagged" if port.trunk else "untagged"
    return f"{port.name + '.0':<16}                               131072                                    {tag}\n{'':17}v{port.pvid:<12}{port.pvid:<8}131072      Forwarding                    {tag}\n"


def switching(shell: Shell, values: list[str]) -> str:
    """show ethernet-switching interface [NAME]."""
    ports = [shell.find_port(values[0])] if values else list(shell.state.ports.values())
    head = "Routing Instance Name : default-switch\nLogical          Vlan          TAG     MAC         STP         Logical           Tagging\ninterface        members               limit       state       interface flags\n"
    return head + "".join(_member(port) for port in ports if port)


def members(shell: Shell, values: list[str]) -> str:
    """show configuration interfaces NAME unit 0 family ethernet-switching | display set."""
    port = shell.find_port(values[0])
    if port is None:
        return ""
    unit = f"set interfaces {port.name} unit 0 family ethernet-switching"
    mode = f"{unit} interface-mode trunk\n" if port.trunk else ""
    return f"{mode}{unit} vlan members {'all' if port.trunk else f'v{port.pvid}'}\n"


def terse(shell: Shell, _: list[str]) -> str:
    """show interfaces terse."""
    text = "Interface               Admin Link Proto    Local                 Remote\n"
    for port in shell.state.ports.values():
        admin, link = "up" if port.admin_up else "down", "up" if up(shell, port) else "down"
        text += f"{port.name:<23} {admin:<5} {link}\n{port.name + '.0':<23} {admin:<5} {link:<4} eth-switch\n"
    return text


def table(shell: Shell, _: list[str]) -> str:
    """show ethernet-switching table."""
    rows = [
        f"   {'v' + str(v):<19} {m}   D             -   {p.name}.0             0         0"
        for m, v, p in shell.state.fdb()
    ]
    head = [
        "",
        "MAC flags (S - static MAC, D - dynamic MAC, L - locally learned)",
        "",
        f"Ethernet switching table : {len(rows)} entries, {len(rows)} learned",
        "Routing instance : default-switch",
    ]
    head += [
        "   Vlan                MAC                 MAC         Age    Logical                NH        RTR",
        "   name                address             flags              interface              Index     ID",
    ]
    return "\n".join([*head, *rows, ""])


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors."""
    rows = [
        f"{p.name:<18} -                   02:77:00:00:00:aa   {p.neighbour.port_id:<18} {p.neighbour.system_name}"
        for p in shell.state.ports.values()
        if p.neighbour
    ]
    return "\n".join(
        ["Local Interface    Parent Interface    Chassis Id          Port info          System Name", *rows, ""]
    )


def arp(shell: Shell, _: list[str]) -> str:
    """show arp no-resolve."""
    rows = [f"{mac} {ip:<15} irb.10 [ge-0/0/1.0]   none" for ip, mac in sorted(shell.state.arp.items())]
    return "\n".join(
        ["MAC Address       Address         Interface                Flags", *rows, f"Total entries: {len(rows)}", ""]
    )


def uptime(shell: Shell, _: list[str]) -> str:
    """show system uptime."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"Current time: 2026-11-24 10:00:00 UTC\nSystem booted: 2026-11-24 10:00:00 UTC ({minutes // 60:02d}:{minutes % 60:02d}:05 ago)\n"


JunosShell.grammar = {
    "exec": {
        "configure exclusive": configure,
        "set cli screen-length <n>": lambda shell, v: do.length(shell, v) or f"Screen length set to {v[0]}\n",
        "set cli screen-width <n>": do.nothing,
        "exit": do.leave,
        "show interfaces <name>": interface,
        "show interfaces terse": terse,
        "show ethernet-switching interface": switching,
        "show ethernet-switching interface <name>": switching,
        "show ethernet-switching table": table,
        "show configuration interfaces <name> unit 0 family ethernet-switching": members,
        "show lldp neighbors": lldp,
        "show arp no-resolve": arp,
        "show system uptime": uptime,
        "show interfaces descriptions": lambda shell, _: "".join(
            f"{p.name} up up {p.alias}\n" for p in shell.state.ports.values() if p.alias
        ),
    },
    "config": {
        "set interfaces <name> disable": want("disable", "yes"),
        "delete interfaces <name> disable": want("disable", "no"),
        "set interfaces <name> description <text>": want("description"),
        "delete interfaces <name> description": want("description"),
        "delete interfaces <name> unit 0 family ethernet-switching vlan members": want("members"),
        "set interfaces <name> unit 0 family ethernet-switching vlan members <vlan>": want("members"),
        "commit": commit,
        "commit confirmed <n>": commit_confirmed,
        "rollback 0": rollback,
        "exit configuration-mode": leave,
    },
}
