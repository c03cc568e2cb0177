"""A containment as commands show it."""

from __future__ import annotations

import json
from typing import Any

from .common import readable

COLUMNS = ("created_ms", "state", "verb", "ip", "mac", "switch", "port", "until_ms", "left", "containment_id")
PARSED = ("location", "judgement", "plan")


def parsed(row: Any) -> dict[str, Any]:
    """A row with its JSON columns as objects."""
    return {**row, **{name: json.loads(row[name]) if row[name] else None for name in PARSED}}


def people_read(row: Any, now_ms: int) -> dict[str, Any]:
    """A row as people read it: times in local time, and how long it still lasts."""
    return {**readable(row, "created_ms", "until_ms"), "left": left(row["until_ms"], now_ms)}


def left(until_ms: int | None, now_ms: int) -> str:
    """`6d 23h`, `59m`, `12s`; empty for no end or one that is past."""
    rest = max((until_ms or 0) - now_ms, 0) // 1000
    if not rest:
        return ""
    days, hours, minutes = rest // 86_400, rest // 3600 % 24, rest // 60 % 60
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {minutes}m" if hours else f"{minutes}m" if minutes else f"{rest}s"
