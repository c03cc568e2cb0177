"""A port's name as a person writes it, and as a switch does: `gi1/0/1` and `GigabitEthernet1/0/1` are one port."""

from __future__ import annotations

import re
from collections.abc import Iterable

PARTS = re.compile(r"([a-z-]*)(.*)")


def is_called(written: str, name: str) -> bool:
    """Whether a name in the configuration means this port: case, blanks and abbreviated words aside, the numbers exactly.

    What it decides is that a port is left alone (an uplink, a protected port): a name that may mean two ports means both.
    """
    (word, number), (whole, its_number) = _parts(written), _parts(name)
    if number != its_number:
        return False
    return word == whole or (bool(number) and (_shortens(word, whole) or _shortens(whole, word)))


def nobodys(written: Iterable[str], names: Iterable[str]) -> list[str]:
    """Names in the configuration that no port of the switch has."""
    known = tuple(names)
    return [one for one in written if not any(is_called(one, name) for name in known)]


def _parts(name: str) -> tuple[str, str]:
    found = PARTS.fullmatch("".join(name.lower().split()))
    return (found[1], found[2]) if found else (name, "")


def _shortens(short: str, word: str) -> bool:
    """`gi`, `ge` and `g` shorten `gigabitethernet`: the same first letter, the others in their order."""
    if not short or short[0] != word[:1]:
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)
