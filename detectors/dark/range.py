"""Ranges of addresses of which one can know who lives there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise

MOST_ADDRESSES = 1 << 20  # of all ranges together: 4 MB


@dataclass(frozen=True, slots=True)
class Range:
    """One range. `ends`: so many addresses at each end, beside the network's and broadcast's own, are never dark; `used`: nor are
    these."""

    prefix: IPv4Network
    used: tuple[IPv4Network, ...] = ()
    ends: int = 3


def check(ranges: Sequence[Range]) -> None:
    """ValueError if they overlap, or hold more addresses than MOST_ADDRESSES."""
    if sum(one.prefix.num_addresses for one in ranges) > MOST_ADDRESSES:
        raise ValueError(f"more than {MOST_ADDRESSES} addresses in all")
    for one, other in pairwise(sorted(ranges, key=lambda each: int(each.prefix.network_address))):
        if one.prefix.overlaps(other.prefix):
            raise ValueError(f"{one.prefix} and {other.prefix} overlap")
