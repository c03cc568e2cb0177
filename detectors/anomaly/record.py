"""What is counted of one machine in one window: the record that the compiled counting and its plain twin share.

A record is of fixed size: sets are bitmaps of hashed members (linear counting, Whang et al. 1990), so a sweep makes it no larger.
"""

from __future__ import annotations

import numpy as np

PEER_WORDS, PORT_WORDS, KNOWN_WORDS = 8, 4, 16  # 64-bit words of a bitmap: 512, 256 and 1024 bits
BUCKETS = 16  # of hashed service ports, for their entropy

RECORD = np.dtype(
    [
        ("hi", "u8"),
        ("lo", "u8"),
        ("window", "i8"),  # number of the window; 0 = free
        ("rows", "u4"),
        ("age", "u4"),  # windows in which it was counted, up to this one
        ("opens", "u4"),  # SYN, echo request, ARP request sent
        ("refused", "u4"),  # resets received
        ("admin", "u4"),  # opens on administration ports
        ("fresh", "u4"),  # members of `peers` that were not known from earlier windows
        ("packets_out", "u8"),
        ("packets_in", "u8"),
        ("bytes_out", "u8"),
        ("bytes_in", "u8"),
        ("peers", "u8", PEER_WORDS),  # whom it sent to
        ("heard", "u8", PEER_WORDS),  # who sent to it
        ("ports", "u8", PORT_WORDS),  # services that it opened
        ("bucket", "u4", BUCKETS),
    ],
    align=True,
)
KNOWN = np.dtype(  # of one machine: whom it sent to in this generation of windows, and in the one before
    [
        ("hi", "u8"),
        ("lo", "u8"),
        ("used", "i8"),
        ("age", "i8"),
        ("now", "u8", KNOWN_WORDS),
        ("before", "u8", KNOWN_WORDS),
    ],
    align=True,
)
FULL_BITS = KNOWN_WORDS * 64 // 2  # a generation of known peers that is half full makes room for the next
PROBES = 16  # slots looked at before a machine finds no room
MIX, SPREAD = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9  # of splitmix64 (Steele, Lea, Flood 2014)
