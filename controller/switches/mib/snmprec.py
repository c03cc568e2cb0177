"""Walks recorded as text, `OID|TYPE|VALUE` a line (the format of snmpsim). One odd line never loses the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from controller.core.files import unreadable
from controller.core.snmp.ber import LARGEST_ARC

from .walk import Oid, Value, Walk

INTEGERS = frozenset({b"2", b"65", b"66", b"67", b"70", b"71"})
OCTETS = frozenset({b"4", b"68", b"69"})
OBJECT_ID, IP_ADDRESS = b"6", b"64"


@dataclass(slots=True)
class Recording:
    """Objects of one view of a device, and how many lines could not be read. An object that is there twice with two values
    changed while it was recorded: neither is believed."""

    objects: dict[Oid, Value] = field(default_factory=dict)
    odd_lines: int = 0
    contradicted: set[Oid] = field(default_factory=set)

    def add(self, identifier: Oid, value: Value) -> None:
        """One object."""
        if identifier in self.contradicted or self.objects.setdefault(identifier, value) != value:
            self.contradicted.add(identifier)
            self.objects.pop(identifier, None)
            self.odd_lines += 1

    def walk(self) -> Walk:
        """The objects, by column."""
        return Walk(self.objects)


def read_recording(path: Path) -> Recording:
    """Read one file; NotFound if it is not there."""
    try:
        return parse_recording(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error


def parse_recording(data: bytes) -> Recording:
    """Lines of a recording. A line that is none (a value with a line end in it, a comment) is counted."""
    found = Recording()
    for line in (text.rstrip(b"\r") for text in data.split(b"\n")):
        if not line or line.startswith(b"#"):
            continue
        parts = line.split(b"|", 2)
        try:
            found.add(_oid(parts[0]), _value(parts[1], parts[2]))
        except (ValueError, IndexError):
            found.odd_lines += 1
    return found


def _oid(text: bytes) -> Oid:
    arcs = tuple(map(int, text.strip(b". ").split(b".")))
    if not 0 <= min(arcs) <= max(arcs) <= LARGEST_ARC:
        raise ValueError("an arc out of range")
    return arcs


def _value(tag: bytes, text: bytes) -> Value:
    kind, hexadecimal = tag.split(b":")[0], False
    if kind.endswith((b"x", b"e")):
        kind, hexadecimal = kind[:-1], kind.endswith(b"x")
    if kind in INTEGERS:
        return int(text, 16) if hexadecimal else int(text)
    if kind in OCTETS:
        return bytes.fromhex(text.decode("ascii")) if hexadecimal else text
    if kind == OBJECT_ID:
        return _oid(text)
    if kind == IP_ADDRESS:
        return bytes.fromhex(text.decode("ascii")) if hexadecimal else bytes(map(int, text.split(b".")))
    raise ValueError(f"type {tag!r}")
