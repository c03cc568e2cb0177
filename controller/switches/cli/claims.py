"""Which line of a table each row of a template came from, and which lines with a MAC gave no row: none is lost unseen."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from . import cells

SHAPE = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Claims:
    """By row: the number of its line, None if there is none; and the lines that no row came from."""

    of_row: tuple[int | None, ...]
    unread: frozenset[int]


def claims(rows: Sequence[tuple[str, str]], lines: Sequence[str], left_over: Sequence[str]) -> Claims:
    """Rows are (MAC, port) as a template read them; lines that it left over are nobody's."""
    unknown, free, every = set(left_over), defaultdict[str, list[int]](list), set[int]()
    for number, line in enumerate(lines):
        if mac := _first_mac(line):
            every.add(number)
            if line not in unknown:
                free[_key(mac)].append(number)
    found = [_taken(free.get(_key(mac), []), port, lines) for mac, port in rows]
    return Claims(tuple(found), frozenset(every.difference(number for number in found if number is not None)))


def belongs(number: int, lines: Sequence[str]) -> tuple[str, ...]:
    """A line and those that follow it until the next MAC: what may be said of the row."""
    after = []
    for line in lines[number + 1 :]:
        if _first_mac(line):
            break
        if line.strip():
            after.append(line)
    return (lines[number], *after)


def names_more(port: str, said: Sequence[str]) -> bool:
    """Whether other ports of the same form stand behind this one, or alone in the lines below: the row has several."""
    shape = SHAPE.sub("0", port)
    if shape in ("", "0"):
        return False  # a bare number: what stands beside it is an age or an index
    _, _, behind = said[0].partition(port)
    words = [word for word in re.split(r"[\s,]+", behind) if word]
    if any(SHAPE.sub("0", word) == shape for word in words):
        return True
    below = [re.split(r"[\s,]+", line.strip(" ,")) for line in said[1:]]
    return any(all(SHAPE.sub("0", word) == shape for word in line) for line in below)


def _first_mac(line: str) -> str:
    match = cells.row_mac(line)
    return match[0] if match else ""


def _key(text: str) -> str:
    return cells.mac(text) or text.strip().lower()


def _taken(numbers: list[int], port: str, lines: Sequence[str]) -> int | None:
    """One of the lines that are left for a MAC: that which shows the port."""
    if len(numbers) < 2 or not port:
        return numbers.pop(0) if numbers else None
    word = re.compile(rf"(?<![\w/:.]){re.escape(port)}(?![\w/])")
    best = next((number for number in numbers if word.search(lines[number])), numbers[0])
    numbers.remove(best)
    return best
