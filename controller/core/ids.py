"""Sortable identifiers: milliseconds then randomness, in Crockford base 32 (the layout of a ULID)."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str, now_ms: int) -> str:
    """`prefix_` and 26 characters that sort by time; 80 random bits make them unguessable and unique."""
    number = (now_ms << 80) | secrets.randbits(80)
    digits = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}"
