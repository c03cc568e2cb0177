"""MAC tables line by line, for platforms without a template and for lines that a template does not know.

The header says which column is which, by place. Without one, the words decide: a number beside the MAC is its VLAN, and the
last word that looks like a port is the port. What neither decides is left out of the row.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from . import cells
from .headlines import WORD, Header, goes_on, header
from .kinds import DROPPED, is_word, status_of

JOINT = "\ue000"  # stands for the space inside a name: of the private use area, no terminal prints it
TYPES = re.compile(
    r"self|management|mgmt|system|other|local|d|s"
    r"|(?-i:(?:SE|NM|[DSLPROC])(?:,?(?:SE|NM|[DSLPROC]))*)",  # flags of Junos
    re.IGNORECASE,
)
PORT = re.compile(
    r"[A-Za-z][A-Za-z_-]*[ -]?\d+(?:[/:.]\d+)*|\d{1,3}(?:[/:]\d{1,3})?(?:/\d{1,3})+|\d{1,2}/[a-z]{1,3}\d{1,3}"
    r"|\d{1,3}GE\d+(?:/\d+)+(?::\d+)?(?:\.\d+)?"
    r"|cpu|router|switch|drop|stack-unit\S*"
    r"|[a-z]+-eth\d+\(\w\)",
    re.IGNORECASE,
)
STACKED = re.compile(r"\d{1,2}:\d{1,3}")  # where the header says that it is a port: elsewhere it is a time
KEYED = {
    "port": re.compile(r"\b(?:dev|port|interface)(?:: *| +)([\w/.:-]+)", re.IGNORECASE),
    "vlan": re.compile(r"\bvlan(?:: *| +)(\d{1,4})(?![\w:.-])", re.IGNORECASE),
}
PAIRS = re.compile(r"(?<![\w-])([a-z]+(?:-[a-z]+)*)=(.*?)(?=\s+[a-z]+(?:-[a-z]+)*=|\s*$)")  # RouterOS, terse
PLACE = re.compile(r"\d+(/\d+)+")
PADDED = re.compile(r"(?<=\d)/( +)(\d+)")  # `Eth 1/ 3`
SPACED = re.compile(
    r"\b([A-Za-z]{2,}) (\d+/\d+(?:/\d+)*)\b"
    r"|\b(po|port-channel|lag|trunk|ch|vl|vlan|ag|aggregateport|tunnel|vfl) (\d+)(?![\w:.-])",
    re.IGNORECASE,
)
OF_GROUPS = re.compile(r"\s*multi-?cast\s+(entries|mac|address|table|group)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """Cells of one row, as they stand."""

    mac: str
    vlan: str = ""
    port: str = ""
    type: str = ""
    said: str = ""  # all of it


def rows(lines: Sequence[str], only: Container[int] | None = None) -> Iterator[Line]:
    """Every line with a MAC in it, masked or not; or those of them that are asked for, by number, under all their headlines.
    None of a table of groups."""
    head: Header = []
    for number, shown in enumerate(lines):
        line = PADDED.sub(r"/\2\1", shown)  # as long as it was: columns stay in their places
        found = cells.row_mac(line)
        if found is None:
            if OF_GROUPS.match(line):
                return
            head = header(line) or ([] if goes_on(head, line) else head)
            continue
        if only is not None and number not in only:
            continue
        if (pairs := dict(PAIRS.findall(line))) and "interface" in pairs:
            yield Line(found[0], pairs.get("vid", ""), pairs["interface"], said=shown)
            continue
        words = _by_words(line[: found.start()], line[found.end() :]) | _by_keys(line)
        if head:
            # A column that the header does not have is not guessed; one whose word went astray is.
            known = {name for name, _, _ in head} | {"type"}
            words = {name: word for name, word in words.items() if name in known} | _by_place(line, head)
        yield Line(found[0], **words, said=shown)


def is_whole(port: str, vlan: str, said: str) -> bool:
    """Whether a port stands in the text as a word of its own, or behind `Port:` or `interface=`, and is not the VLAN.

    Not the `1` of `Trunk: 1` or of `Unit: 1 Port: 10`.
    """
    said = cells.MAC.sub(" ", said)
    word = r"\s*".join(map(re.escape, port.split()))
    whole = re.findall(rf"(?<![^\s,=])((?:\w+:\s*)?){word}(?![^\s,])", said)
    named = [before for before in whole if not before or before.strip().lower() in ("port:", "interface:")]
    if len(named) < len(whole) or not named:
        return False
    shown_otherwise = re.search(rf"\(0*{re.escape(vlan)}\)|\bvlan-?0*{re.escape(vlan)}\b", said, re.IGNORECASE)
    return port != vlan or shown_otherwise is not None or len(named) > 1


def _by_place(line: str, head: Header) -> dict[str, str]:
    """Each word goes to the column that it stands under, or nearest to."""
    found: dict[str, list[str]] = {}
    for word in WORD.finditer(_joined(line)):
        name, _, _ = min(head, key=lambda column: _distance(word.start(), word.end(), column[1], column[2]))
        found.setdefault(name, []).append(word[0].replace(JOINT, " "))
    cells_found = {
        "vlan": _vlan(found.get("vlan", ())),
        "port": _port(found.get("port", ())),
        "type": _type(found.get("type", ())),
    }
    return {name: cell for name, cell in cells_found.items() if cell}


def _distance(start: int, end: int, left: int, right: int) -> tuple[int, int]:
    gap = max(left - end, start - right, 0)
    return gap, abs(start - left)


def _vlan(words: Sequence[str]) -> str:
    """Flags (`*`, `R`) stand in the same place as the VLAN."""
    return next((word for word in words if _is_vlan(word)), "")


@lru_cache(maxsize=4096)
def _is_vlan(word: str) -> bool:
    """`10`, `10/-/-`, `10(20)`, `All`; never `0/5/1`, which is a place."""
    return word.lower() == "all" or bool(
        isinstance(cells.vlan(word), int) and cells.vlan(word) and not PLACE.fullmatch(word)
    )


def _type(words: Sequence[str]) -> str:
    """What makes frames stop, else what is a type; a word that is none is a type all the same, and proves nothing."""
    said = [word for word in words if is_type(word)] or [
        word for word in words if re.fullmatch(r"[A-Za-z][\w-]*", word)
    ]
    return next((word for word in said if status_of(word) == DROPPED), said[0] if said else "")


@lru_cache(maxsize=4096)
def is_type(word: str) -> bool:
    """Words for the kind of an entry, whoever made the switch."""
    return TYPES.fullmatch(word) is not None or is_word(word)


def _port(words: Sequence[str]) -> str:
    """Several ports, or one whose name has a space in it; never an age or a date."""
    named = [word.removeprefix("Port:") for word in words if cells.OWN.fullmatch(word) or not is_type(word)]
    ports = [word for word in named if _names_port(word)]
    if ports and len(ports) == len([word for word in named if word]):
        return ",".join(ports)
    joined = " ".join(named).strip()
    return joined if PORT.fullmatch(joined) or cells.OWN.fullmatch(joined) else ports[0] if ports else ""


def _names_port(word: str) -> bool:
    """A port, several in one word, or a place of a stack: where a headline says that ports stand there."""
    whole = PORT.fullmatch(word) or word.isdigit() or STACKED.fullmatch(word)
    return bool(whole) or cells.SEVERAL.fullmatch(word) is not None


def _by_keys(line: str) -> dict[str, str]:
    """`dev eth1 vlan 10 master br0`, `VLAN: 10 Port: port3(port-id 3)`: the line says itself what is what."""
    found = {name: match[1] for name, keyed in KEYED.items() if (match := keyed.search(line))}
    return {name: word for name, word in found.items() if name != "port" or PORT.fullmatch(word)}


def _by_words(before: str, after: str) -> dict[str, str]:
    found: dict[str, str] = {}
    left, right = _words(before), _words(after)
    beside = [word for word in [*reversed(left), *right[:1]] if _is_vlan(word)]
    if beside:
        found["vlan"] = beside[0]
    kinds = [word for word in [*right, *left] if is_type(word)]
    if kinds:
        found["type"] = kinds[0]
    ports = [word for word in [*left, *right] if _is_place(word) and word != found.get("vlan")]
    if ports:
        found["port"] = ",".join(word for word in ports if _shape(word) == _shape(ports[-1]) and not word.isdigit())
        found["port"] = found["port"] or ports[-1]
    return found


def _shape(word: str) -> str:
    return re.sub(r"\d+", "0", word)


@lru_cache(maxsize=4096)
def _is_place(word: str) -> bool:
    """A port, or a way that is none: a VLAN whose name looks like a port must not stand in for a tunnel."""
    return PORT.fullmatch(word) is not None or (word[0].isalpha() and cells.ELSEWHERE.fullmatch(word) is not None)


def _words(text: str) -> list[str]:
    """Words; a name with a space in it (`GigabitEthernet 0/3`) is one."""
    return [word.replace(JOINT, " ") for word in _joined(text).split()]


def _joined(text: str) -> str:
    """The parts of a name that has a space in it, as one word of the same length."""
    return SPACED.sub(lambda match: match[0].replace(" ", JOINT), text)
