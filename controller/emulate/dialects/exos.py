"""A command line like ExtremeXOS, from its command references: no interface context, a counter in the prompt, VLANs by name."""

from __future__ import annotations

from controller.emulate import actions as do
from controller.emulate.actions import colons
from controller.emulate.shell import Command, Shell

from .ciscolike import WORDS, up


class ExosShell(Shell):
    """ExtremeXOS."""

    first_mode = "exec"
    banner = "\r\nExtremeXOS\r\nCopyright (C) 1996-2021 Extreme Networks. All rights reserved.\r\n"
    quotes = True
    more = "Press <SPACE> to continue or <Q> to quit:"
    wipe = "\r" + " " * 42 + "\r"
    invalid = "{pointer}^\n%% Invalid input detected at '^' marker."
    incomplete = "%% Incomplete command"
    ambiguous = '%% Ambiguous command:  "{line}"'
    refused = "Error: Configuration is locked by another session."
    typed = 0

    @staticmethod
    def port_name(place: int) -> str:
        """`1`."""
        return str(place)

    def mode_prompt(self) -> str:
        """`* sw1.3 # `: a star where something is not saved."""
        return f"{'* ' if self.state.journal else ''}{self.state.name}.{self.typed + 1} # "

    def run(self, line: str) -> str:
        """The counter grows with each line."""
        self.typed += 1
        return super().run(line)

    def complain(self, text: str, line: str) -> str:
        """The place is pointed at."""
        return text.format(line=line, pointer=" " * len(self.prompt)) + "\n"


def on_ports(change: str) -> Command:
    """enable, disable and describe ports."""

    def command(shell: Shell, values: list[str]) -> str:
        port = shell.find_port(values[0])
        if port is None:
            return f"Error: Port {values[0]} is not a valid port.\n"
        if change in ("enable", "disable"):
            do.set_admin(shell, port, up=change == "enable")
        else:
            do.describe(shell, port, values[1:])
        return ""

    return command


def vlan_delete(shell: Shell, values: list[str]) -> str:
    """configure vlan N delete ports P."""
    port = shell.find_port(values[1])
    if port is None or not values[0].isdigit() or port.pvid != int(values[0]):
        return f"Error: Port {values[1]} is not a member of VLAN {values[0]}.\n"
    shell.state.write("ssh", f"vlan {values[0]} delete {port.name}", lambda: setattr(port, "pvid", 0))
    return ""


def vlan_add(shell: Shell, values: list[str]) -> str:
    """configure vlan N add ports P untagged: not while it is untagged elsewhere."""
    port = shell.find_port(values[1])
    if port is None or not values[0].isdigit() or int(values[0]) not in shell.state.vlans:
        return f"Error: VLAN {values[0]} does not exist.\n"
    if port.pvid:
        return f"Error: Protocol conflict when adding untagged port {port.name}. Either add this port as tagged or assign another protocol to this VLAN.\n"
    return do.set_vlan(shell, port, values) or ""


def fdb_entry(*, blocked: bool) -> Command:
    """create and delete fdbentry MAC vlan NAME [blackhole]."""

    def command(shell: Shell, values: list[str]) -> str:
        mac, vlan = colons(values[0]), values[1].removeprefix("v")
        if mac is None or not vlan.isdigit() or int(vlan) not in shell.state.vlans:
            return f"Error: VLAN {values[1]} does not exist.\n"
        shell.state.set_blocked(
            mac, int(vlan), blocked=blocked, via="ssh", text=f"fdbentry {mac} vlan {vlan} {blocked}"
        )
        return ""

    return command


def information(shell: Shell, values: list[str]) -> str:
    """show ports P information detail."""
    port = shell.find_port(values[0])
    if port is None:
        return f"Error: Port {values[0]} is not a valid port.\n"
    kind = "802.1Q Tag" if port.trunk else "Internal Tag"
    described = f'\tDescription String: "{port.alias}"\n' if port.alias else ""
    return (
        f"Port:\t{port.name}\n{described}\tVirtual-router:\tVR-Default\n\tType:\t\tUTP\n"
        f"\tAdmin state:\t{'Enabled' if port.admin_up else 'Disabled'} with  auto-speed sensing  auto-duplex\n"
        f"\tLink State:\t{'Active, 1Gbps, full-duplex' if up(shell, port) else 'Ready'}\n\tLink Ups:\t1\n\tVLAN cfg:\n"
        f"\t\t Name: v{port.pvid}, {kind} = {port.pvid}, MAC-limit = No-limit, Virtual router:   VR-Default\n\tSTP cfg:\n"
    )


def summary(shell: Shell, _: list[str]) -> str:
    """show ports no-refresh."""
    lines = [
        "Port Summary",
        "Port     Display              VLAN Name          Port  Link  Speed  Duplex",
        "#        String               (or # VLANs)       State State Actual Actual",
        "=" * 82,
    ]
    for port in shell.state.ports.values():
        vlan = "(0005)" if port.trunk else f"v{port.pvid}"
        lines.append(
            f"{port.name:<8} {port.alias[:20]:<20} {vlan:<18} {'E' if port.admin_up else 'D':<5} {'A' if up(shell, port) else 'R':<5} 1000   FULL"
        )
    return "\n".join([*lines, "=" * 82, "  Port State: D-Disabled, E-Enabled, L-Loopback", ""])


def sharing(_: Shell, __: list[str]) -> str:
    """show ports sharing: no groups."""
    rule = "=" * 78
    return (
        "Load Sharing Monitor\nConfig    Current Agg      Min    Ld Share   Ld Share  Agg  Link   Link Up\n"
        f"Master    Master  Control  Active Algorithm  Group     Mbr  State  Transitions\n{rule}\n{rule}\n"
        "Link State: A-Active, D-Disabled, R-Ready, NP-Port not present, L-Loopback\n"
    )


def _row(mac: str, vlan: int, flags: str, port: str) -> str:
    return f"{mac}                 v{vlan}({vlan:04d})  0003  {flags:<11} {port}"


def fdb(shell: Shell, _: list[str]) -> str:
    """show fdb."""
    rows = [_row(mac, vlan, "spm  bB", "") for mac, vlan in sorted(shell.state.blocked)]
    rows += [_row(mac, vlan, "d m", port.name) for mac, vlan, port in shell.state.fdb()]
    head = (
        "MAC                                       VLAN Name( Tag)  Age  Flags         Port / Virtual Port List\n"
        + "-" * 90
    )
    return "\n".join(
        [
            head,
            *rows,
            "",
            "Flags : d - Dynamic, s - Static, p - Permanent, n - NetLogin, m - MAC, i - IP,",
            "        b - Ingress Blackhole,",
            f"Total: {len(rows)} Static: 0",
            "",
        ]
    )


def arp(shell: Shell, _: list[str]) -> str:
    """show iparp."""
    rows = [
        f"VR-Default    {ip:<15}  {mac}     5      NO  v10           10  5"
        for ip, mac in sorted(shell.state.arp.items())
    ]
    return "\n".join(
        ["VR            Destination      Mac                Age  Static  VLAN          VID Port", *rows, ""]
    )


def lldp(shell: Shell, _: list[str]) -> str:
    """show lldp neighbors detailed."""
    text = ""
    for port in shell.state.ports.values():
        if port.neighbour:
            near, words = port.neighbour, WORDS[port.neighbour.capability]
            text += (
                f"{'-' * 77}\nLLDP Port {port.name} detected 1 neighbor\n  Neighbor: (5.1)00:04:96:11:22:33/10.1.1.1, age 12 seconds\n"
                f'    - Chassis ID type: MAC address (4)\n      Chassis ID     : 00:04:96:11:22:33\n    - Port ID type: ifName (5)\n      Port ID     : "{near.port_id}"\n'
                f'    - Time To Live: 120 seconds\n    - System Name: "{near.system_name}"\n    - System Description: "emulated"\n'
                f'    - System Capabilities : "{words}"\n      Enabled Capabilities: "{words}"\n'
            )
    return text


def switch(shell: Shell, _: list[str]) -> str:
    """show switch."""
    minutes = shell.state.uptime_ms() // 60_000
    return f"SysName:          {shell.state.name}\nSysLocation:\nSystem MAC:       00:04:96:11:22:33\nSystem UpTime:    {minutes // 60} hours {minutes % 60} minutes 5 seconds\n"


ExosShell.grammar = {
    "exec": {
        "disable clipaging": do.no_pages,
        "exit": do.leave,
        "disable ports <p>": on_ports("disable"),
        "enable ports <p>": on_ports("enable"),
        "configure ports <p> description-string <text>": on_ports("describe"),
        "unconfigure ports <p> description-string": on_ports("undescribe"),
        "configure vlan <n> delete ports <p>": vlan_delete,
        "configure vlan <n> add ports <p> untagged": vlan_add,
        "create fdbentry <mac> vlan <name> blackhole": fdb_entry(blocked=True),
        "delete fdbentry <mac> vlan <name>": fdb_entry(blocked=False),
        "show ports <p> information detail": information,
        "show ports no-refresh": summary,
        "show ports sharing": sharing,
        "show vlan <n>": lambda shell, v: (
            f"VLAN Interface with name v{v[0]}\n"
            if v[0].isdigit() and int(v[0]) in shell.state.vlans
            else f"Error: VLAN {v[0]} does not exist.\n"
        ),
        "show fdb": fdb,
        "show iparp": arp,
        "show lldp neighbors detailed": lldp,
        "show switch": switch,
    },
}
