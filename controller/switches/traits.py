"""What a port is besides its state: what its exact commands, and an undo that brings back exactly what was, depend on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .vendor import Vendor

SPAN = re.compile(r"(\d+)(?: ?(?:to|-) ?(\d+))?")  # `10 20 to 30` of VRP and Comware, `10,20-30` of others
HIGHEST_VLAN = 4094


@dataclass(frozen=True, slots=True)
class Traits:
    """Link type, its VLAN, VLANs it is a member of besides its own, and what else hangs on that VLAN.

    `untagged` only where the port is hybrid; `vlan_name` as the configuration has it; `fixed` = the line that binds MACs
    to the port (port security), which would not outlive a move.
    """

    mode: str = "access"
    pvid: int | None = None
    vlan_name: str | None = None
    untagged: frozenset[int] = frozenset()
    tagged: frozenset[int] = frozenset()
    fixed: str | None = None


def pvid_of(vendor: Vendor, text: str, port: str) -> int | None:
    """The access VLAN that a text names; what the vendor file says it is where nothing is shown."""
    read = vendor.reads.pvid
    if read is None:
        return None
    found = re.search(vendor.pattern(read.value, port), text)
    return int(_first(found)) if found else read.default


def traits_of(vendor: Vendor, text: str, port: str) -> Traits:
    """All of it, from the texts of the commands that show it."""
    read = vendor.reads.pvid
    if read is None:
        return Traits()

    def said(pattern: str | None) -> re.Match[str] | None:
        return re.search(vendor.pattern(pattern, port), text) if pattern else None

    def vlans(pattern: str | None) -> set[int]:
        found = re.finditer(vendor.pattern(pattern, port), text) if pattern else ()
        return {vlan for match in found for vlan in spread(_first(match))}

    mode = "trunk" if said(read.trunk) else "hybrid" if said(read.hybrid) else "access"
    untagged = vlans(read.untagged) | ({read.default} if read.default else set()) if mode == "hybrid" else set()
    name, fixed = said(read.name), said(read.fixed)
    return Traits(
        mode=mode,
        pvid=pvid_of(vendor, text, port),
        vlan_name=name.group(1) if name else None,
        untagged=frozenset(untagged - vlans(read.left)),
        tagged=frozenset(vlans(read.tagged)),
        fixed=fixed.group().strip() if fixed else None,
    )


def spread(text: str) -> set[int]:
    """The VLANs of a list."""
    found: set[int] = set()
    for low, high in SPAN.findall(text):
        found.update(range(int(low), min(int(high or low), HIGHEST_VLAN) + 1))
    return found


def _first(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)
