"""Connections as packets at switch ports: what an access switch's sFlow agent could see, before it samples.

Of a connection only the packets that matter are made one by one: the SYN, what answers it, repeated SYNs. All later packets of
one direction are one row that counts them and their octets: a sampler draws from it as from the packets (binomially), and an
unsampled row stands for all. A packet is seen where it enters (edge port) and, if it crosses switches or is routed, at the uplink
of the switch that it comes to. Of a broadcast one further uplink sees it, not all, to keep the rows few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .connection import ARP, ICMP, TCP, UDP, Connections, Outcome
from .kinds import Kind
from .site import NOWHERE, UPLINK, Site

PACKET = np.dtype(
    [
        ("at_ms", "i8"),
        ("src", "i4"),  # whose address is in the header
        ("dst", "i4"),
        ("mac_of", "i4"),  # whose MAC sent the frame
        ("switch", "i4"),
        ("port", "u4"),
        ("proto", "u1"),
        ("sport", "u2"),
        ("dport", "u2"),
        ("flags", "u1"),
        ("kind", "u1"),  # ICMP type, or ARP operation
        ("probe", "?"),  # ARP with sender 0.0.0.0
        ("packets", "i4"),
        ("bytes", "i8"),
    ]
)
Packets = NDArray[Any]  # of PACKET
SYN, SYN_ACK, RST_ACK, PSH_ACK = 0x02, 0x12, 0x14, 0x18
ECHO, ECHO_REPLY, UNREACHABLE = 8, 0, 3
REQUEST, REPLY = 1, 2
BULK_PACKETS = 100  # later packets of smaller connections are not repeated at uplinks
CACHE_MS = 120_000  # an ARP entry is asked for again after so long without use
SYN_AGAIN_MS = (1000, 3000)  # Windows and Linux repeat an unanswered SYN after one and three seconds


def packets(site: Site, found: Connections) -> Packets:
    """Packets of connections, ARP before them included, at every port that sees them; in no order."""
    routed = (site.network[found["src"]] != site.network[found["dst"]]) | (site.kind[found["dst"]] == Kind.GROUP)
    dead = site.kind[found["dst"]] == Kind.DARK
    local = found["proto"] != ARP
    # An address of one's own network that nobody has: nothing but ARP leaves the machine.
    mute = local & ~routed & (dead | _is_off(found))
    spoken = found[local & ~mute]
    parts = [
        _asked(site, found[~local]),
        _asked(site, _hops(site, found[local])),
        *_opened(site, spoken),
        *_rest(site, spoken),
    ]
    return np.concatenate([np.zeros(0, dtype=PACKET), *parts])


def _is_off(found: Connections) -> NDArray[np.bool_]:
    """Silence of a machine that is there for ARP (a firewall) is marked by a negative duration; other silence is absence."""
    return np.asarray((found["outcome"] == Outcome.SILENT) & (found["lasts_ms"] >= 0))


def _row(of: Connections, *, back: bool = False, wait_ms: Any = 0, **columns: Any) -> Packets:
    out = np.zeros(len(of), dtype=PACKET)
    near, far = ("dst", "src") if back else ("src", "dst")
    out["at_ms"] = of["at_ms"] + wait_ms
    out["src"], out["dst"], out["proto"] = of[near], of[far], of["proto"]
    out["sport"], out["dport"] = (of["dport"], of["sport"]) if back else (of["sport"], of["dport"])
    out["packets"], out["bytes"] = 1, 64
    for name, value in columns.items():
        out[name] = value
    return out


def _opened(site: Site, found: Connections) -> list[Packets]:
    """First packets and what answers them."""
    answered = found["outcome"] == Outcome.ANSWERED
    refused = found["outcome"] == Outcome.REFUSED
    silent = found["outcome"] == Outcome.SILENT
    tcp, udp, icmp = found["proto"] == TCP, found["proto"] == UDP, found["proto"] == ICMP
    parts = [
        _row(found[tcp], flags=SYN),
        *(_row(found[tcp & silent], flags=SYN, wait_ms=wait) for wait in SYN_AGAIN_MS),
        _row(found[tcp & answered], back=True, wait_ms=1, flags=SYN_ACK),
        _row(found[tcp & refused], back=True, wait_ms=1, flags=RST_ACK),
        _row(found[udp], bytes=found["out_bytes"][udp] // np.maximum(found["out_packets"][udp], 1)),
        _row(found[udp & answered], back=True, wait_ms=2),
        _row(found[udp & refused], back=True, wait_ms=1, proto=ICMP, kind=UNREACHABLE, sport=0, dport=0),
        _row(found[icmp], kind=ECHO),
        _row(found[icmp & answered], back=True, wait_ms=1, kind=ECHO_REPLY),
    ]
    return [_seen(site, part) for part in parts]


def _rest(site: Site, found: Connections) -> list[Packets]:
    """All later packets of each direction, half way through."""
    talk = found[(found["outcome"] == Outcome.ANSWERED) & (found["proto"] != ICMP)]
    parts = []
    for back, column in ((False, "out"), (True, "in")):
        more = talk[talk[f"{column}_packets"] > 1]
        count, size = more[f"{column}_packets"] - 1, more[f"{column}_bytes"]
        flags = np.where(more["proto"] == TCP, PSH_ACK, 0)
        wait = np.maximum(more["lasts_ms"] // 2, 2)
        parts.append(_seen(site, _row(more, back=back, wait_ms=wait, packets=count, bytes=size, flags=flags)))
    return parts


def _hops(site: Site, found: Connections) -> Connections:
    """The ARP that goes before: for the target, or the router. Asked again when the entry has been idle."""
    inside = found[(site.network[found["src"]] >= 0) & (site.kind[found["dst"]] != Kind.GROUP)]
    same = site.network[inside["src"]] == site.network[inside["dst"]]
    hop = np.where(same, inside["dst"], site.routers[site.network[inside["src"]]])
    absent = same & _is_off(inside)
    order = np.lexsort((inside["at_ms"], hop, inside["src"]))
    source, target, at_ms = inside["src"][order], hop[order], inside["at_ms"][order]
    fresh = np.ones(len(order), dtype=bool)
    again = (source[1:] == source[:-1]) & (target[1:] == target[:-1])
    fresh[1:] = ~again | (at_ms[1:] - at_ms[:-1] > CACHE_MS) | absent[order][1:]
    asked = inside[order][fresh]
    asked["dst"], asked["proto"], asked["sport"] = target[fresh], ARP, 0
    asked["at_ms"] -= 1
    asked["outcome"] = np.where(absent[order][fresh], Outcome.SILENT, Outcome.ANSWERED)
    # The router in turn asks for addresses of its networks that do not answer.
    beyond = inside[~same & _is_off(inside) & (site.network[inside["dst"]] >= 0)]
    routers = beyond.copy()
    routers["src"], routers["proto"], routers["sport"] = site.routers[site.network[beyond["dst"]]], ARP, 0
    return np.concatenate([asked, routers])


def _asked(site: Site, found: Connections) -> Packets:
    """ARP requests, repeated twice a second apart where nobody answers, and replies."""
    silent, answered = found["outcome"] == Outcome.SILENT, found["outcome"] == Outcome.ANSWERED
    probe = found["sport"] == 1
    requests = [_row(found, kind=REQUEST, probe=probe)]
    requests += [_row(found[silent], kind=REQUEST, wait_ms=wait_ms) for wait_ms in (1000, 2000)]
    for request in requests:
        request["proto"] = request["sport"] = 0
    replies = _row(found[answered], back=True, kind=REPLY, wait_ms=1, proto=0, sport=0, dport=0)
    return np.concatenate([*(_flooded(site, request) for request in requests), _seen(site, replies)])


def _seen(site: Site, out: Packets) -> Packets:
    """At the edge port where it enters, and at the uplink of the switch it comes to."""
    entry = out[site.switch[out["src"]] != NOWHERE]
    entry["mac_of"], entry["switch"], entry["port"] = (
        entry["src"],
        site.switch[entry["src"]],
        site.port[entry["src"]],
    )
    routed = site.network[out["src"]] != site.network[out["dst"]]
    crosses = (site.switch[out["dst"]] != NOWHERE) & (routed | (site.switch[out["src"]] != site.switch[out["dst"]]))
    crosses &= (out["packets"] == 1) | (out["packets"] > BULK_PACKETS)
    exits = out[crosses]
    exits["mac_of"] = np.where(routed[crosses], site.routers[np.maximum(site.network[exits["dst"]], 0)], exits["src"])
    exits["switch"], exits["port"] = site.switch[exits["dst"]], UPLINK
    return np.concatenate([entry, exits])


def _flooded(site: Site, out: Packets) -> Packets:
    """A broadcast: at its edge port, and at the uplink of one other switch."""
    entry = out[site.switch[out["src"]] != NOWHERE]
    entry["switch"], entry["port"] = site.switch[entry["src"]], site.port[entry["src"]]
    other = out.copy()
    switches = len(site.agents)
    step = 1 + out["dst"] % max(switches - 1, 1)
    other["switch"] = (np.maximum(site.switch[out["src"]], 0) + step) % switches
    other["port"] = UPLINK
    for part in (entry, other):
        part["mac_of"] = part["src"]
    return np.concatenate([entry, other])
