"""MAC tables line by line, for platforms without a template and for lines that a template does not know.

The header says which column is which, by place. Without one, the words decide: a number beside the MAC is its VLAN, and the
last word that looks like a port is the port. What neither decides is left out of the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
TYPES = re.compile(
    r"dynamic|static|learn(ed|t)?|self|management|mgmt|secured?|perm(anent)?|persistent|system|other|d|s|black-?hole|security|sticky"
    r"|config(ured)?|authen|snooping|multiport|deleteon\w+|discard(ed)?|filter(ing|ed)?|denied"
    r"|(?-i:(?:SE|NM|[DSLPROC])(?:,?(?:SE|NM|[DSLPROC]))*)",  # flags of Junos
    re.IGNORECASE,
)
PORT = re.compile(
    r"[A-Za-z][A-Za-z_-]*[ -]?\d+(?:[/:.]\d+)*|\d{1,3}(?:[/:]\d{1,3})?(?:/\d{1,3})+|\d{1,2}/[a-z]{1,3}\d{1,3}"
    r"|\d{1,3}GE\d+(?:/\d+)+(?:\.\d+)?"
    r"|cpu|router|switch|drop|stack-unit\S*"
    r"|[a-z]+-eth\d+\(\w\)",
    re.IGNORECASE,
)
STACKED = re.compile(r"\d{1,2}:\d{1,3}")  # where the header says that it is a port: elsewhere it is a time
KEYED = {
    "port": re.compile(r"\b(?:dev|port|interface)(?:: *| +)([\w/.:-]+)", re.IGNORECASE),
    "vlan": re.compile(r"\bvlan(?:: *| +)(\d{1,4})\b", re.IGNORECASE),
}
PORT_WORDS = re.compile(r"port|interface|intf|\bif\b|hop|learned|source|slot|/s\b|/ ?p\b|locat", re.IGNORECASE)
PADDED = re.compile(r"(?<=\d)/( +)(\d+)")  # `Eth 1/ 3`
SPACED = re.compile(r"\b([A-Za-z]{2,}) (\d+/\d+(?:/\d+)*)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """Cells of one row, as they stand."""

    mac: str
    vlan: str = ""
    port: str = ""
    type: str = ""


def rows(lines: Sequence[str]) -> Iterator[Line]:
    """Every line with a MAC in it, masked or not."""
    header: list[tuple[str, int, int]] = []
    for shown in lines:
        line = PADDED.sub(r"/\2\1", shown)  # as long as it was: columns stay in their places
        found = cells.MAC.search(line) or cells.MASKED_MAC.search(line)
        if found is None:
            header = _header(line) or ([] if _goes_on(header, line) else header)
            continue
        words = _by_words(line[: found.start()], line[found.end() :]) | _by_keys(line)
        if header:
            # A column that the header does not have is not guessed; one whose word went astray is.
            known = {name for name, _, _ in header} | {"type"}
            words = {name: word for name, word in words.items() if name in known} | _by_place(line, header)
        yield Line(found[0], **words)


def said_of(lines: Sequence[str]) -> dict[str, list[str]]:
    """MAC -> what stands in its lines, each with those that follow it until the next MAC."""
    found: dict[str, list[str]] = {}
    mac = None
    for line in lines:
        match = cells.MAC.search(line)
        if match is not None:
            mac = cells.mac(match[0]) or ""
            found.setdefault(mac, []).append(line)
        elif mac is not None and line.strip():
            found[mac][-1] += "\n" + line
    return found


def is_whole(port: str, vlan: str, said: Sequence[str]) -> bool:
    """Whether a port stands in the text as a word of its own, or behind `Port:` or `interface=`, and is not the VLAN."""
    word = r"\s*".join(map(re.escape, port.split()))
    whole = re.compile(rf"(?<![^\s,=])(?:port:\s*)?{word}(?![^\s,])", re.IGNORECASE)
    return any(len(whole.findall(text)) > (port == vlan) for text in said)


def names_no_port(text: str) -> bool:
    """Whether the header of a table has a VLAN and no port: what stands beside the MAC is none, whatever it looks like.

    (A ProCurve's `show mac-address 3`: the port was asked for, and is not shown.)
    """
    shown = text.splitlines()
    for at, line in enumerate(shown):
        if cells.MAC.search(line):
            return False
        if header := _header(line):
            both = " ".join(shown[at : at + 2])  # some headers have two lines
            return "port" not in {name for name, _, _ in header} and not PORT_WORDS.search(both)
    return False


def _header(line: str) -> list[tuple[str, int, int]]:
    """Known columns with their places; nothing unless it names a MAC and something else."""
    columns = []
    for cell in CELL.finditer(line):
        several = sum(1 for _, words in COLUMNS if words.search(cell[0])) > 1  # `VLAN port` with one space between
        for part in WORD.finditer(cell[0]) if several else (re.match(".*", cell[0]),):
            if part is not None:
                at = cell.start()
                columns.append((_column(part[0]), at + part.start(), at + part.end()))
    names = {name for name, _, _ in columns}
    return columns if "mac" in names and names & {"vlan", "port"} else []


def _goes_on(header: list[tuple[str, int, int]], line: str) -> bool:
    """A header of two lines, whose second one has the port: where its columns begin cannot be told, and words decide."""
    return bool(header) and "port" not in {name for name, _, _ in header} and PORT_WORDS.search(line) is not None


def _column(title: str) -> str:
    return next((name for name, words in COLUMNS if words.search(title)), "")


def _by_place(line: str, header: list[tuple[str, int, int]]) -> dict[str, str]:
    """Each word goes to the column that it stands under, or nearest to."""
    found: dict[str, list[str]] = {}
    for word in WORD.finditer(line):
        name, _, _ = min(header, key=lambda column: _distance(word.start(), word.end(), column[1], column[2]))
        found.setdefault(name, []).append(word[0])
    cells_found = {"vlan": _vlan(found.get("vlan", ())), "port": _port(found.get("port", ()))}
    return {name: cell for name, cell in cells_found.items() if cell}


def _distance(start: int, end: int, left: int, right: int) -> tuple[int, int]:
    gap = max(left - end, start - right, 0)
    return gap, abs(start - left)


def _vlan(words: Sequence[str]) -> str:
    """Flags (`*`, `R`) stand in the same place as the VLAN."""
    return next((word for word in words if isinstance(cells.vlan(word), int) or word.lower() == "all"), "")


def _port(words: Sequence[str]) -> str:
    """Several ports, or one whose name has a space in it; never an age or a date."""
    named = [word.removeprefix("Port:") for word in words if cells.OWN.fullmatch(word) or not TYPES.fullmatch(word)]
    ports = [word for word in named if PORT.fullmatch(word) or word.isdigit() or STACKED.fullmatch(word)]
    if ports and len(ports) == len([word for word in named if word]):
        return ",".join(ports)
    joined = " ".join(named).strip()
    return joined if PORT.fullmatch(joined) or cells.OWN.fullmatch(joined) else ports[0] if ports else ""


def _by_keys(line: str) -> dict[str, str]:
    """`dev eth1 vlan 10 master br0`, `VLAN: 10 Port: port3(port-id 3)`: the line says itself what is what."""
    found = {name: match[1] for name, keyed in KEYED.items() if (match := keyed.search(line))}
    return {name: word for name, word in found.items() if name != "port" or PORT.fullmatch(word)}


def _by_words(before: str, after: str) -> dict[str, str]:
    found: dict[str, str] = {}
    left, right = _words(before), _words(after)
    beside = [
        word for word in [*reversed(left), *right[:1]] if isinstance(cells.vlan(word), int) or word.lower() == "all"
    ]
    if beside:
        found["vlan"] = beside[0]
    kinds = [word for word in [*right, *left] if TYPES.fullmatch(word)]
    if kinds:
        found["type"] = kinds[0]
    ports = [word for word in [*left, *right] if _is_place(word) and word != found.get("vlan")]
    if ports:
        found["port"] = ports[-1]
    return found


def _is_place(word: str) -> bool:
    """A port, or a way that is none: a VLAN whose name looks like a port must not stand in for a tunnel."""
    return PORT.fullmatch(word) is not None or (word[0].isalpha() and cells.ELSEWHERE.fullmatch(word) is not None)


def _words(text: str) -> list[str]:
    """Words; a name with a space in it (`GigabitEthernet 0/3`) is one."""
    return [
        word.replace("\t", " ") for word in re.split(r"[ \n]+", SPACED.sub(r"\1\t\2", text.replace("\t", " "))) if word
    ]
