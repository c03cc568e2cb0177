"""Headlines of MAC tables: which column is which, by place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import cells

COLUMNS = (
    (
        "inner",
        re.compile(r"\b(pe|ce)-?vlan|\bstk\b", re.IGNORECASE),
    ),  # further tags: numbers that are neither VLAN nor port
    ("mac", re.compile(r"mac|destination address|hardware addr|physical addr", re.IGNORECASE)),
    ("vlan", re.compile(r"\bvlan|\bvid\b|\bfid\b", re.IGNORECASE)),
    ("port", re.compile(r"\bport|interface|\bintf|learned.?from|\bsource\b|destination port|\bslot", re.IGNORECASE)),
    ("type", re.compile(r"\btype|status|state", re.IGNORECASE)),
    ("age", re.compile(r"\bage\b|\btime\b|\bttl\b|\bidle\b", re.IGNORECASE)),
)
CELL = re.compile(r"\S+(?: \S+)*")
WORD = re.compile(r"\S+")
PORT_WORDS = re.compile(r"port|interface|intf|\bif\b|hop|learned|source|slot|/s\b|/ ?p\b|locat", re.IGNORECASE)
NO_HEADLINE = re.compile(
    r"[\d#=]|>\s*\S|^\s*<|\b\w - \w|\b(show|sho|sh|display|disp|dis|print|diagnose|get)\b", re.IGNORECASE
)  # what was typed, legends, sums

Header = list[tuple[str, int, int]]  # column, where its title begins and ends


def headlines(lines: Sequence[str]) -> list[int]:
    """Which lines name the columns of a MAC table."""
    return [number for number, line in enumerate(lines) if not cells.MAC.search(line) and header(line)]


def names_no_port(text: str) -> bool:
    """Whether the header of a table has a VLAN and no port: what stands beside the MAC is none, whatever it looks like.

    (A ProCurve's `show mac-address 3`: the port was asked for, and is not shown.)
    """
    shown = text.splitlines()
    for at, line in enumerate(shown):
        if cells.row_mac(line):
            return False
        if head := header(line):
            both = " ".join(shown[at : at + 2])  # some headers have two lines
            return "port" not in {name for name, _, _ in head} and not PORT_WORDS.search(both)
    return False


def header(line: str) -> Header:
    """Known columns with their places; nothing unless it names a MAC and something else."""
    columns: Header = []
    if NO_HEADLINE.search(line):
        return columns
    for cell in CELL.finditer(line):
        several = sum(1 for _, words in COLUMNS if words.search(cell[0])) > 1  # `VLAN port` with one space between
        for part in WORD.finditer(cell[0]) if several else (re.match(".*", cell[0]),):
            if part is not None:
                at = cell.start()
                columns.append((_column(part[0]), at + part.start(), at + part.end()))
    names = {name for name, _, _ in columns}
    return columns if "mac" in names and names & {"vlan", "port"} else []


def goes_on(head: Header, line: str) -> bool:
    """A header of two lines, whose second one has the port: where its columns begin cannot be told, and words decide."""
    return bool(head) and "port" not in {name for name, _, _ in head} and PORT_WORDS.search(line) is not None


def _column(title: str) -> str:
    return next((name for name, words in COLUMNS if words.search(title)), "")
