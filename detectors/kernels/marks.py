"""The byte `marks` of a contact: what became of it, whether it was opened or only answered, how well it was seen, and how often
its bucket ran full."""

from __future__ import annotations

from typing import Any

from detectors.compiled import inlined

STATE, OPENED, QUALITY_AT, FIRED_AT = 3, 4, 3, 6


@inlined
def state_of(contact: Any) -> Any:
    """0 while nothing came back, else a Hint."""
    return contact.marks & STATE


@inlined
def set_state(contact: Any, state: int) -> None:
    """What became of it."""
    contact.marks = (contact.marks & ~STATE) | state


@inlined
def is_open(contact: Any) -> Any:
    """Somebody opened it; otherwise an answer overtook what it answers."""
    return contact.marks & OPENED != 0


@inlined
def quality_kept(contact: Any) -> Any:
    """Bits of event.Quality, of all rows together."""
    return (contact.marks >> QUALITY_AT) & 7


@inlined
def add_quality(contact: Any, quality: int) -> None:
    """It was seen so well, too."""
    contact.marks = contact.marks | (quality << QUALITY_AT)


@inlined
def fired_of(contact: Any) -> Any:
    """How often its bucket ran full: 0, 1, 2."""
    return contact.marks >> FIRED_AT


@inlined
def set_fired(contact: Any, fired: int) -> None:
    """It ran full so often."""
    contact.marks = (contact.marks & 63) | (fired << FIRED_AT)
