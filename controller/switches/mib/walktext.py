"""What snmpwalk and snmpbulkwalk of net-snmp printed, with any of their options: numbers or names, types or none.

What an option lost (an index of octets shown as characters, a word for a number that is not known) is no object: it is
counted, and nothing is made up for it. `-On` loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from controller.core.files import unreadable

from . import objects as o
from .snmprec import Recording, parse_recording
from .symbols import NotRead, identifier
from .walk import Oid
from .walkvalues import NoObject, value_of

NUMBERS = r"\.?\d+(?:\.\d+)+"
INDEX = r"""(?:\[[^\]]*\]|\."[^"]*"|\.'[^']*'|\.[\w:-]+)"""
SYMBOL = rf"(?:[A-Z][\w-]*::[a-zA-Z][\w-]*{INDEX}*|\.?[a-zA-Z][\w-]*{INDEX}+)"
TYPED = re.compile(rf"(?P<name>{NUMBERS}|{SYMBOL}) = ?(?P<value>.*)")
BARE = re.compile(rf"(?P<name>\.?1(?:\.\d+){{4,}}|{SYMBOL})(?: (?P<value>.*))?")
MOST_LINES = 100  # of a quoted text: one whose end was lost does not take the rest of the file with it
END = re.compile(r"No more variables left in this MIB View|Timeout: No Response from|End of MIB")


def read_walk(path: Path) -> Recording:
    """Read one file of either kind; NotFound if it is not there."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return parse_walk_text(data) if looks_like_one(data) else parse_recording(data)


def looks_like_one(data: bytes) -> bool:
    """Whether the first lines are of such an output, and not `OID|TYPE|VALUE`."""
    lines = [line for line in _text(data[:8192]).split("\n") if line.strip() and not line.startswith("#")][:20]
    return any(_starts(line) for line in lines) and not any(re.match(r"\.?1(\.\d+)+\|", line) for line in lines)


def parse_walk_text(data: bytes) -> Recording:
    """Objects of the output; lines that are none, and objects that cannot be had back, are counted."""
    found = Recording()
    for name, shown in _objects(found, _text(data)):
        try:
            identified = identifier(name)
            value = value_of(shown, column_of(identified))
        except (NotRead, NoObject):
            continue
        except ValueError:
            found.odd_lines += 1
            continue
        found.add(identified, value)
    return found


def column_of(identified: Oid) -> Oid:
    """The column that an object is in, of those that are read; else the object itself."""
    return next(
        (identified[:size] for size in range(len(identified), 5, -1) if identified[:size] in COLUMNS), identified
    )


COLUMNS = frozenset(
    {
        *o.PORT_COLUMNS, *o.VLAN_COLUMNS, *o.FDB_COLUMNS, *o.LLDP_COLUMNS, *o.LLDP2_COLUMNS, *o.CDP_COLUMNS,
        o.ARP_MAC, o.ARP_TYPE, o.NEIGHBOUR_MAC, o.NEIGHBOUR_TYPE, o.LAG_ATTACHED, o.BRIDGE_ADDRESS[:-1], o.BASE_PORT,
        o.TP_FDB_ADDRESS, o.CURRENT_EGRESS, o.CURRENT_UNTAGGED, o.VM_VLAN, o.SYS_NAME[:-1], o.SYS_DESCR[:-1],
    }
)  # fmt: skip


def _text(data: bytes) -> str:
    """Octets as they are; line ends of any system."""
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")


def _starts(line: str) -> re.Match[str] | None:
    typed = TYPED.fullmatch(line)
    if typed is not None:
        return typed
    bare = BARE.fullmatch(line)
    if bare is None:
        return None
    try:
        identifier(bare["name"])
    except (NotRead, ValueError):
        return None  # a sentence of a description
    return bare


def _objects(found: Recording, text: str) -> Iterator[tuple[str, str]]:
    """(name, value) with the lines that a value goes on in."""
    name, shown, lines = None, "", 0
    for line in text.split("\n"):
        lines += 1
        start = None if lines < MOST_LINES and _is_open(shown) else _starts(line)
        if start is None and END.match(line):
            continue
        if start is None and name is not None:
            shown += "\n" + line
            continue
        if name is not None:
            yield name, shown
        if start is not None:
            name, shown, lines = start["name"], start["value"] or "", 0
        elif line.strip() and not line.startswith("#"):
            found.odd_lines += 1
    if name is not None:
        yield name, shown


def _is_open(shown: str) -> bool:
    """A quoted text whose end has not come yet."""
    text = shown.removeprefix("STRING: ")
    return text.startswith('"') and not re.fullmatch(r'"(?:[^"\\]|\\.)*"\s*', text, re.DOTALL)
