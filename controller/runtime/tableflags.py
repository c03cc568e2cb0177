"""What a table's words say of a TCP connection: who sent which flags, in any of the spellings that tools write.

Zeek history (`ShADadFf`: the originator's letters are capital), flags of each direction (`SPA_SRA`), counts (`S1F0R0A0`), flags
of nfdump (`.AP.SF`), numbers (`27`, `0x1b`), or nothing (`-`, blank).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

COUNTED = re.compile(r"S(\d+)F")
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+(\.0)?)$")
BITS = "FSRPAU"  # RFC 9293 section 3.1, lowest first
PROVES = frozenset("ADPF")  # only who got a SYN/ACK acknowledges, sends data and closes


@dataclass(frozen=True, slots=True)
class Flags:
    """`own` and `theirs`: flags of the originator and of the responder, as letters; D is data. `pure`: S is a SYN without ACK, as
    in Zeek's history, where `h` is a SYN/ACK. `said`: there were any flags at all. `counted`: counts of the whole connection.
    `history`: Zeek's, where F may stand for a FIN with ACK."""

    own: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    pure: bool = False
    said: bool = False
    counted: bool = False
    history: bool = False

    @property
    def refused(self) -> bool:
        """The responder sent a reset, and nothing else but an ACK."""
        return self.refused_probe and not self.went_on

    @property
    def refused_probe(self) -> bool:
        """The same, whatever it was that the responder refused."""
        return "R" in self.theirs and self.theirs <= ({"R"} if self.history else {"R", "A"})

    @property
    def went_on(self) -> bool:
        """The originator sent what only follows an answer."""
        return bool(self.own & PROVES)

    @property
    def probe(self) -> bool:
        """It began with neither SYN nor ACK nor reset, and it was no more than a FIN, PSH or URG: a FIN, Xmas or NULL scan."""
        return not self.own & set("SARDH") and (bool(self.own) or self.theirs == {"R"})


def flags_of(value: Any) -> Flags:
    """Flags of a cell; nothing said of a blank one."""
    text = "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value).strip()
    if text in ("", "-"):
        return Flags()
    if NUMBER.match(text):
        number = int(text, 16) if text[1:2] in "xX" and len(text) > 1 else int(float(text))
        return Flags(frozenset(_letters(number)), said=number != 0)
    counted = COUNTED.match(text)
    if counted:
        return Flags(frozenset("S" if int(counted.group(1)) else ""), said=True, counted=True)
    if "_" in text:
        own, _, theirs = text.partition("_")
        return Flags(frozenset(own.upper()), frozenset(theirs.upper()), said=True)
    if "." in text or "P" in text:
        return Flags(frozenset(text.upper()) - {"."}, said=True)
    return _history(text)


def _history(text: str) -> Flags:
    """Zeek's letters. `S` and `A` alone may be flags as well, of a whole direction."""
    own = frozenset(ch for ch in text if ch.isupper())
    theirs = frozenset(ch.upper() for ch in text if ch.islower())
    return Flags(own, theirs, pure=bool(theirs) or "D" in own or "H" in own or own == {"S"}, said=True, history=True)


def _letters(number: int) -> str:
    return "".join(letter for bit, letter in enumerate(BITS) if number >> bit & 1)
