"""Small parts of the plain watch: what it remembers, and the events it makes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .event import LINK_LOCAL, MOST_ADDRESSES, MOST_NETS, PHI, Kind, Quality, is_v4, words
from .flow import NO_INTERFACE, Has, InterfaceFormat, Version
from .initiator import Reading
from .watch import ECHO_FEWER, PORTS, RING, WatchSettings

PENDING, ANSWERED, REFUSED, SILENT = 0, 1, 2, 3
NOBODY = bytes(16)
Event = dict[str, int]


@dataclass(slots=True)
class PairState:
    """A pair and service: since when, and how fast its connections come."""

    at_ms: int
    last_ms: int
    state: int = PENDING
    opened: bool = True
    quality: int = 0
    via: tuple[bytes, int] | None = None
    mac: int = 0
    level: int = 0
    level_ms: int = 0
    count: int = 0
    fired: int = 0
    candidate: int = 0
    votes: int = 0
    ports: deque[int] = field(default_factory=lambda: deque([0] * PORTS, maxlen=PORTS))


@dataclass(slots=True)
class SourceState:
    """A source before it is suspicious, and a mark once it is."""

    mac: int
    last_ms: int
    bad: int = 0  # two for each contact without an answer, one if it was sampled
    bad_ms: int = 0
    suspicious: bool = False
    until_ms: int = 0  # suspicious at least until then
    bad_then: int = 0  # when that was set
    ring: deque[Event] = field(default_factory=lambda: deque(maxlen=RING))

    def look(self, at_ms: int, calm_ms: int) -> None:
        """It is looked at from now on for a while, however well it behaves."""
        self.until_ms, self.bad_then = max(self.until_ms, at_ms + calm_ms), self.bad


@dataclass(slots=True)
class MacState:
    """The IPv4 address that a MAC sent for last, and how many IPv6 ones it did of late."""

    address: bytes
    at_ms: int
    until_ms: int = -1  # forwards for others until then
    six_ms: int = 0
    addresses: int = 0
    nets: int = 0

    def several(self, address: bytes, at_ms: int, window_ms: int) -> bool:
        """It sends for this one now; True if it does for several."""
        if not is_v4(address):
            if not self.address:
                self.at_ms = max(self.at_ms, at_ms)
            return self.six(address, at_ms, window_ms)
        other = self.address not in (b"", address) and at_ms - self.at_ms <= window_ms
        self.address, self.at_ms = address, max(self.at_ms, at_ms)
        return other

    def six(self, address: bytes, at_ms: int, window_ms: int) -> bool:
        """An IPv6 address that it sent for; True if those are more than a host has."""
        if at_ms - self.six_ms > window_ms:
            self.six_ms, self.addresses, self.nets = at_ms, 0, 0
        high, low = words(address)
        self.addresses |= 1 << _bit(high ^ low)
        self.nets |= 1 << _bit(high)
        return self.nets.bit_count() > MOST_NETS or self.addresses.bit_count() > MOST_ADDRESSES


def event_of(
    row: Mapping[str, Any],
    reading: Reading,
    ends: tuple[bytes, bytes],
    *,
    now_ms: int,
    twin: int,
    outside: bool = False,
) -> Event:
    """An event of a row."""
    where = via(row)
    (src_hi, src_lo), (dst_hi, dst_lo), (agent_hi, agent_lo) = words(ends[0]), words(ends[1]), words(row["agent"])
    return {
        "at_ms": row["received_ms"],
        "now_ms": now_ms,
        "src_hi": src_hi,
        "src_lo": src_lo,
        "dst_hi": dst_hi,
        "dst_lo": dst_lo,
        "agent_hi": agent_hi,
        "agent_lo": agent_lo,
        "mac": row["src_mac"] if row["has"] & Has.SRC_MAC else 0,
        "twin": twin,
        "in_if": where[1] if where else 0,
        "rate": row["sampling_rate"] if row["has"] & Has.SAMPLING else 0,
        "port": reading.port,
        "sport": reading.sport,
        "verb": int(reading.verb),
        "kind": int(reading.kind),
        "hint": int(reading.hint) if quality(row) & Quality.EXACT else 0,
        "quality": quality(row),
        "outside": int(outside),
        "size": reading.size,
        "alike": 0,
    }


def _bit(word: int) -> int:
    return (word * PHI & (1 << 64) - 1) >> 58


def is_link_local(address: bytes) -> bool:
    """RFC 4291 section 2.5.6: fe80::/10."""
    return words(address)[0] >> 54 == LINK_LOCAL


def better(ring: deque[Event], event: Event) -> None:
    """The kept event of this contact, as a better exporter shows it; its time and outcome stay."""
    for kept in ring:
        if all(kept[name] == event[name] for name in ("kind", "port", "dst_hi", "dst_lo")):
            kept.update({name: event[name] for name in ("agent_hi", "agent_lo", "in_if", "rate", "quality")})
            kept["mac"] = event["mac"] or kept["mac"]


def many(settings: WatchSettings, ring: deque[Event], event: Event, *, exact: bool) -> bool:
    """Many new targets of the event's service among the latest events."""
    window_ms = settings.suspicious_window_ms if exact else settings.sampled_window_ms
    same = sum(
        e["kind"] == event["kind"] and e["port"] == event["port"] and event["at_ms"] - e["at_ms"] <= window_ms
        for e in ring
    )
    fewer = ECHO_FEWER if event["kind"] == Kind.ICMP else 0
    return same >= (settings.suspicious_targets - fewer if exact else settings.sampled_targets)


def via(row: Mapping[str, Any]) -> tuple[bytes, int] | None:
    """Agent and ingress ifIndex, where the export proves it: sFlow, a physical interface; of other protocols only what the
    collector marked as proven. NetFlow v5 from a switch may name OpenFlow ports, so its number alone is never believed here."""
    if not row["has"] & Has.IN_IF or not (row["version"] == Version.SFLOW5 or row["has"] & Has.PORT_PROVEN):
        return None
    if row["in_if_format"] != InterfaceFormat.IFINDEX or row["in_if"] in (0, NO_INTERFACE):
        return None
    return row["agent"], int(row["in_if"])


def quality(row: Mapping[str, Any]) -> int:
    """See event.Quality."""
    rate = row["sampling_rate"] if row["has"] & Has.SAMPLING else 0
    exact = row["version"] == Version.TABLE or rate == 1
    known = Quality.KNOWN if exact or rate > 1 else 0
    return (Quality.EXACT if exact else 0) | known | (Quality.PORT if via(row) else 0)


def is_group(address: bytes) -> bool:
    """Multicast, broadcast, or nobody."""
    return address[12] >= 224 or address[12:] == bytes(4) if is_v4(address) else address[0] == 0xFF or address == NOBODY
