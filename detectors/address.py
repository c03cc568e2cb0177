"""Addresses as FlowBatch holds them: 16 octets, IPv4 mapped (RFC 4291 section 2.5.5.2), and MACs as 48-bit integers."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Sequence

V4_PREFIX = bytes(10) + b"\xff\xff"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def packed(text: str) -> bytes:
    """16 octets of an address in text; ValueError if it is none."""
    raw = ipaddress.ip_address(text).packed
    return raw if len(raw) == 16 else V4_PREFIX + raw


@functools.lru_cache(maxsize=65536)
def text(raw: bytes) -> str:
    """Text of 16 octets: dotted quad for a mapped IPv4 address, RFC 5952 form otherwise."""
    if raw[:12] == V4_PREFIX:
        return str(ipaddress.IPv4Address(raw[12:]))
    return str(ipaddress.IPv6Address(raw))


def mac_text(mac: int) -> str:
    """`02:77:00:00:00:01` of a 48-bit integer."""
    return mac.to_bytes(6, "big").hex(":")


def mac_number(text_: str) -> int:
    """48-bit integer of a MAC in any usual notation (colon, dash, dotted, bare); ValueError if it is none."""
    digits = "".join(ch for ch in text_ if ch not in ":-. ")
    if len(digits) != 12:
        raise ValueError(f"not a MAC address: {text_!r}")
    return int(digits, 16)


class Networks:
    """A set of prefixes asked again and again about the same addresses; answers are cached, the cache is bounded."""

    def __init__(self, prefixes: Sequence[str]) -> None:
        self.prefixes: tuple[Network, ...] = tuple(ipaddress.ip_network(p, strict=False) for p in prefixes)
        self._holds = functools.lru_cache(maxsize=65536)(self._look_up)

    @classmethod
    def of_addresses(cls, addresses: Iterable[bytes]) -> Networks:
        """Exactly these addresses."""
        kept = frozenset(addresses)
        made = cls(tuple(text(address) for address in sorted(kept)))
        made._holds = functools.lru_cache(maxsize=65536)(kept.__contains__)
        return made

    def __contains__(self, raw: bytes) -> bool:
        return self._holds(raw)

    def _look_up(self, raw: bytes) -> bool:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = (
            ipaddress.IPv4Address(raw[12:]) if raw[:12] == V4_PREFIX else ipaddress.IPv6Address(raw)
        )
        return any(address in network for network in self.prefixes)


# DECISIONS 8: RFC 1918, the benchmark range 198.18.0.0/15 and IPv6 unique local and link-local addresses.
INTERNAL = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7", "fe80::/10")
