"""What a terminal recorded, made plain: one row a line, without the traces of pagers, cursor keys and overwritten text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

ESCAPE = re.compile(r"\x1b(?:\[([0-?]*)[ -/]*([@-~])|[()][A-Za-z0-9]|[=>78cDEHM])")
MOVED = re.compile(r"\x1b(?:\[\d*(?:;1?)?[Hf]|\[\d*L|E)")  # to the beginning of a line
# What pagers ask, with their advice about keys: Cisco, Comware, VRP, ProCurve, Junos, EXOS, Cisco SB, FASTPATH, ZTE.
PAGER = re.compile(
    r"<?-{2,}[ (<]*more\b[^-\n]*?-{2,}>?(?: or \(q\)uit|,? next page: .*?(?:control-c|$))?"
    r"|press (?:<space>|any key)[^\n:]*?(?:quit|continue)[^\n:]*:?"
    r"|more: <space>, +quit: [^\n]*?<return>",
    re.IGNORECASE,
)
# What was typed, and what the switch had to say meanwhile: `sw#show ...`, `%SW_MATM-4-MACFLAP_NOTIF: ...`, `%%01L2IFPPI/4/...`,
# `%Nov 27 09:00:00:000 2026 SW ARP/6/DUPIFIP: ...`, `Nov 27 2026 09:00:00 ...`, `<189>...`
NO_ROW = re.compile(
    r"^.{0,60}?[#>\]$] ?(show|sh|display|disp?|diagnose|get|do)\b|%%?\d*[A-Z][A-Z0-9_]*[-/]|\b[A-Z][A-Z0-9_]+/\d/[A-Z]"
    r"|^\W{0,2}([A-Z][a-z]{2} +\d{1,2}|\d{4}[-/]\d\d[-/]\d\d)\b.*\d\d:\d\d:\d\d|^<\d+>"
)
CELL = re.compile(r"\S+(?: \S+)*")


def plain(text: str) -> str:
    """The text as a person saw it in the end, without what the console was told or had to say meanwhile."""
    text = re.sub(r"\r+\n", "\n", MOVED.sub("\n", text.replace("\x00", "").removeprefix("\ufeff")))
    lines = (PAGER.sub("", _seen(line)).expandtabs() for line in text.split("\n"))
    return "\n".join(_in_one_column([line for line in lines if not NO_ROW.search(line)]))


def _seen(line: str) -> str:
    """What stands on a line where the cursor went back and wrote over it."""
    if not re.search(r"[\b\r\x1b]", line):
        return line
    kept: list[str] = []
    at = place = 0
    while place < len(line):
        escape, character = ESCAPE.match(line, place), line[place]
        place = escape.end() if escape else place + 1
        if escape:
            at = _moved(escape, at, kept)
        elif character in "\b\r":
            at = max(0, at - 1) if character == "\b" else 0
        else:
            kept[at : at + 1] = character
            at += 1
    return "".join(kept).rstrip()


def _moved(escape: re.Match[str], at: int, kept: list[str]) -> int:
    """Cursor left (D), erase to the end (K) or all of the line (2K); everything else changes no text."""
    number, what = escape[1] or "", escape[2]
    if what == "K":
        del kept[0 if number == "2" else at :]
        kept.extend(" " * (at - len(kept)))
    return max(0, at - int(number or 1)) if what == "D" and (number or "1").isdigit() else at


def _in_one_column(lines: Sequence[str]) -> Iterator[str]:
    """A table whose headline stands twice beside itself has two rows a line: they are put under each other."""
    cut = None
    for line in lines:
        if "mac" in line.lower() and not any(character.isdigit() for character in line):
            cut = _doubled_at(line)
        if cut is None or len(line) <= cut:
            yield line
            continue
        yield line[:cut]
        if line[cut:].strip():
            yield line[cut:]


def _doubled_at(line: str) -> int | None:
    cells = list(CELL.finditer(line))
    half = len(cells) // 2
    same = half and [cell[0] for cell in cells[:half]] == [cell[0] for cell in cells[half:]]
    return cells[half].start() - (cells[0].start()) if same else None
