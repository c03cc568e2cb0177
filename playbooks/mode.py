"""How much may happen by itself: of a site, and of a playbook; the stricter of the two holds."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """What Cordon may do by itself."""

    OBSERVE = "observe"
    APPROVE = "approve"
    AUTO = "auto"


STRICT = (Mode.OBSERVE, Mode.APPROVE, Mode.AUTO)


def stricter(one: Mode, other: Mode) -> Mode:
    """The one that lets less happen by itself."""
    return min(one, other, key=STRICT.index)
