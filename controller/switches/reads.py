"""What a vendor file says about reading: commands, and patterns over what they print.

`{port}` in a command is the interface as it was asked for; in a pattern it stands for every form of that name.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from controller.core.sites import Section
from playbooks.facts import NeighbourKind


def _is_pattern(text: str) -> str:
    re.compile(text.replace("{port}", "x").replace("{name}", "x").replace("{mac}", "x"))
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class PortRead(Section):
    """How one port's states are read. `config` is the command that shows its description, if `command` does not; `link`
    one more whose output is read together with that of `command`. `held`: why the switch itself keeps the port down."""

    command: str
    link: str | None = None
    exists: Pattern
    admin_down: Pattern
    oper_up: Pattern
    oper_down: Pattern
    config: str | None = None
    description: Pattern
    held: Pattern | None = None


class PvidRead(Section):
    """How a port's access VLAN is read, and what must be known before it is moved. `default` = what is not shown.

    `also` = one more command, read before a move only. `untagged`, `tagged`, `left` = lists of VLANs; `fixed` = a line that
    binds MACs to the port.
    """

    command: str
    also: str | None = None
    value: Pattern
    trunk: Pattern | None = None
    hybrid: Pattern | None = None
    name: Pattern | None = None  # of the VLAN, where commands want that
    untagged: Pattern | None = None
    tagged: Pattern | None = None
    left: Pattern | None = None
    fixed: Pattern | None = None
    default: int | None = None


class RowRead(Section):
    """A command and a pattern that matches once per row."""

    command: str
    row: Pattern


class VersionRead(Section):
    """Name and uptime. `uptime` finds all of the text with years, weeks, days, hours and minutes, or 1w2d3h4m5s."""

    command: str
    name: Pattern | None = None  # None: the name in the prompt
    uptime: Pattern


class Table(Section):
    """A table: `row` with named groups, or the fields of the ntc-template for `command`."""

    command: str
    row: Pattern | None = None

    def groups(self) -> frozenset[str]:
        """Names of the groups of `row`."""
        return frozenset(re.compile(self.row).groupindex) if self.row else frozenset()


class MacTable(Table):
    """Fields of the MAC table; `not_a_port` = cells that name the switch itself. A group `aggregate` of `row`: where it stands,
    the port is one."""

    mac: str = "mac"
    vlan: str = "vlan"
    port: str = "port"
    not_a_port: tuple[str, ...] = ()


class StatusTable(Table):
    """Fields of the interface table. `trunk`, `disabled` and `up` are what the cells say, from end to end."""

    port: str = "port"
    vlan: str = "vlan"
    trunk: tuple[Pattern, ...] = ()
    state: str = "state"
    disabled: tuple[Pattern, ...] = ()
    up: tuple[Pattern, ...] = ()
    alias: str = "alias"
    kind: str = "kind"  # access, trunk or hybrid, where it is a column of its own


class VlanTable(Table):
    """VLANs of ports where the interface table has none: each row a VLAN and a list of ports, or a port and its VLAN."""

    vlan: str = "vlan"
    ports: str = "ports"
    trunk: Pattern | None = None


class LagTable(Table):
    """Link aggregates where a MAC table shows them by a name that does not say so: a member's, or one that people gave. `row` has
    a group `port`, or `ports` for several, and may have `lag`. `body`: what stands between header and footer, of which every line
    must be a row; a layout that is not known must not pass for a switch without aggregates.
    """

    body: Pattern | None = None


class LldpTable(Table):
    """Fields of the neighbour table. `unsaid` = what a neighbour is taken for where the table has no capabilities.

    `fields`: where a neighbour is told in several lines. `row` finds where one begins, and the port, which holds for those after
    it; each field is looked for up to the next one, and may be missing. `silent`: how the device says that it hears
    none.
    """

    port: str = "port"
    name: str = "name"
    remote: str = "remote"
    capabilities: str = "capabilities"
    unsaid: NeighbourKind = NeighbourKind.SWITCH
    silent: Pattern = r"(?i)\blldp\b.*\b(?:not (?:enabled|running|configured|active)|disabled)\b"
    fields: dict[Literal["port", "remote", "name", "capabilities"], Pattern] = Field(default_factory=dict)


class ArpTable(Table):
    """Fields of the ARP table."""

    ip: str = "ip"
    mac: str = "mac"


class Reads(Section):
    """Everything that is read."""

    port: PortRead
    pvid: PvidRead | None = None
    blocked: RowRead | None = None
    ifindex: RowRead | None = None
    version: VersionRead | None = None
    macs: MacTable
    status: StatusTable
    vlans: VlanTable | None = None
    lags: LagTable | None = None
    lldp: LldpTable | None = None
    arp: ArpTable | None = None

    @model_validator(mode="after")
    def _rows_have_what_is_asked(self) -> Reads:
        if self.macs.row and not {"mac", "port"} <= self.macs.groups():
            raise ValueError("macs.row needs the groups mac and port")
        if self.status.row and "port" not in self.status.groups():
            raise ValueError("status.row needs the group port")
        if self.lags and not self.lags.groups() & {"port", "ports", "lag"}:
            raise ValueError("lags.row needs a group port, ports or lag")
        if self.arp and self.arp.row and not {"ip", "mac"} <= self.arp.groups():
            raise ValueError("arp.row needs the groups ip and mac")
        return self


class Reply(Section):
    """A question of the device and what is typed after it."""

    ask: Pattern
    say: str


class Enable(Section):
    """How a session becomes privileged: while the prompt matches `when`, `command` is typed, and the secret if asked."""

    when: Pattern = ">$"
    command: str = "enable"
    ask: Pattern = "[Pp]assword: ?$"


class Staging(Section):
    """Changes that wait in the session until they are committed, as the prompt shows them. `clean`: none waits; `edited`: some
    do. Where the prompt is neither of these, each line takes effect at once, and nothing can be committed.
    """

    clean: Pattern
    edited: Pattern


class Configuring(Section):
    """Into configuration and out of it. `commit_confirmed` = the device rolls back unless `commit` follows; `committed` = what
    it says when it did, without which it did not. `moves` = lines after which the prompt is another one, or they were refused,
    whatever was said. `others` = platform -> a prompt in configuration that only its devices have.
    """

    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    commit: tuple[str, ...] = ()
    commit_confirmed: tuple[str, ...] = ()
    committed: Pattern | None = None
    moves: Pattern = r"^(?:interface |configure(?: terminal| exclusive)?$|system-view$)"
    abandon: tuple[str, ...] = ()
    staging: Staging | None = None
    others: dict[str, Pattern] = Field(default_factory=dict)


class Manners(Section):
    """How the command line behaves. In `prompt`, `{name}` is what the device calls itself; trailing blanks are its own."""

    prompt: Pattern = r"{name}(?:\([^)\r\n]*\))*[>#]"
    name: Pattern = r"[^\s<>\[\]()#$:~@*]+"
    more: Pattern = "--+ ?[Mm][Oo][Rr][Ee] ?--+"
    newline: str = "\n"
    pager_off: tuple[str, ...] = ()
    enable: Enable | None = None
    config: Configuring = Configuring()
    questions: tuple[Reply, ...] = ()  # while configuring
    at_login: tuple[Reply, ...] = ()
    user_suffix: str = ""


class Wording(Section):
    """What a description may hold, and how it is typed. `quote`: around a text; inside, a backslash escapes `escape`."""

    longest: int = Field(default=64, ge=1)
    quote: str = ""
    escape: str = ""
    forbidden: str = "?"  # `?` asks for help on most command lines, wherever it stands
    ascii: bool = False
