"""A vendor is data: commands, their undo, failure patterns and how to read back, checked when the file is loaded."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from controller.core import yamlfile
from controller.core.errors import ConfigError
from controller.core.sites import Section
from playbooks.plan import Verb

FOLDER = Path(__file__).parent / "vendors"


def _is_pattern(text: str) -> str:
    re.compile(text.replace("{port}", "x").replace("{{", "{").replace("}}", "}"))
    return text


Pattern = Annotated[str, AfterValidator(_is_pattern)]


class PortRead(Section):
    """How one port's states are read. `{port}` is the interface name."""

    command: str
    exists: Pattern
    admin_down: Pattern
    oper_up: Pattern
    oper_down: Pattern
    description: Pattern


class PvidRead(Section):
    """How a port's access VLAN is read."""

    command: str
    value: Pattern
    trunk: Pattern


class RowRead(Section):
    """A command and a pattern that matches once per row."""

    command: str
    row: Pattern


class VersionRead(Section):
    """Name and uptime."""

    command: str
    name: Pattern
    uptime: Pattern


class MacTable(Section):
    """Fields of the MAC table as ntc-templates names them; `not_a_port` = cells that name the switch itself."""

    command: str
    mac: str
    vlan: str
    port: str
    not_a_port: tuple[str, ...] = ()


class StatusTable(Section):
    """Fields of the interface table."""

    command: str
    port: str
    vlan: str
    trunk: tuple[str, ...]
    state: str
    disabled: tuple[str, ...]
    up: tuple[str, ...]
    alias: str


class LldpTable(Section):
    """Fields of the neighbour table."""

    command: str
    port: str
    name: str
    remote: str
    capabilities: str


class ArpTable(Section):
    """Fields of the ARP table."""

    command: str
    ip: str
    mac: str


class Reads(Section):
    """Everything that is read."""

    port: PortRead
    pvid: PvidRead | None = None
    blocked: RowRead | None = None
    ifindex: RowRead | None = None
    version: VersionRead | None = None
    macs: MacTable
    status: StatusTable
    lldp: LldpTable | None = None
    arp: ArpTable | None = None


class VerbCommands(Section):
    """Lines sent in configuration mode. Placeholders: port, vlan, prior_pvid, pvid, mac."""

    commands: tuple[str, ...] = Field(min_length=1)
    undo: tuple[str, ...] = Field(min_length=1)


class Maturity(Section):
    """What proves each verb."""

    stage: Literal["unproven", "proven-on-transcripts", "proven-on-emulation", "proven-on-device"]
    shut: str = ""
    quarantine_vlan: str = Field(default="", alias="quarantine-vlan")
    mac_block: str = Field(default="", alias="mac-block")


class Vendor(Section):
    """One vendor file."""

    platform: str
    title: str
    netmiko: str
    failures: tuple[Pattern, ...] = Field(min_length=1)
    reads: Reads
    verbs: dict[Verb, VerbCommands]
    mac_style: Literal["colons", "dotted", "dashed"] = "colons"
    maturity: Maturity

    def failure_in(self, answer: str) -> str | None:
        """The line of an answer that says no, if there is one."""
        for line in answer.splitlines():
            if any(re.search(pattern, line.strip()) for pattern in self.failures):
                return line.strip()
        return None

    def mac(self, mac: str) -> str:
        """A MAC as this vendor writes it."""
        digits = mac.replace(":", "")
        if self.mac_style == "dotted":
            return f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"
        if self.mac_style == "dashed":
            return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"
        return mac


def platforms() -> tuple[str, ...]:
    """Names of all vendor files."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@functools.cache
def load_vendor(platform: str) -> Vendor:
    """The vendor file of a platform; ConfigError lists those there are."""
    path = FOLDER / f"{platform}.yaml"
    if not path.exists():
        raise ConfigError(
            f"there is no vendor file for {platform}", where="platform", do=f"one of: {', '.join(platforms())}"
        )
    return yamlfile.read(path).checked(Vendor)
