"""Datagrams to send: synthetic mixes of what access switches export, the same for every collector that is measured.

sFlow: 6 to 7 samples a datagram, 30 % with an 802.1Q tag, 15 % IPv6, a counter sample in one datagram of ten. v5: 30 records.
v9: 25 records of 49 octets. IPFIX: 21 records, in one datagram of five with a field of variable length. v9 and IPFIX send
their templates with the first datagram and then with every `TEMPLATE_EVERY`th.
"""

from __future__ import annotations

import functools
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

DATAGRAMS = 6000
TEMPLATE_EVERY = 1000
UPTIME_MS, NOW_S = 3_600_000, 1_790_000_000
Fields = tuple[tuple[int, int], ...]
BASIC: Fields = ((8, 4), (12, 4), (10, 2), (14, 2), (2, 4), (1, 4), (7, 2), (11, 2), (4, 1), (6, 1), (5, 1), (61, 1))
V9_FIELDS: Fields = (*BASIC, (22, 4), (21, 4), (56, 6), (58, 2), (16, 4), (9, 1))
IPFIX_FIELDS: Fields = (*BASIC, (152, 8), (153, 8), (58, 2), (16, 4), (9, 1))
NAMED_FIELDS: Fields = (*IPFIX_FIELDS, (82, 0xFFFF))


@dataclass(frozen=True, slots=True)
class Corpus:
    """`payloads` in the order they are sent, again and again; `flows` in each of them."""

    name: str
    payloads: list[bytes]
    flows: list[int]

    @property
    def per_datagram(self) -> float:
        """Flow records a datagram, on average."""
        return sum(self.flows) / len(self.flows)


@functools.lru_cache(maxsize=8)
def corpus(name: str, *, seed: int = 1, datagrams: int = DATAGRAMS) -> Corpus:
    """The mix of that name; the same for the same seed."""
    dice = random.Random(seed)
    made = [MAKERS[name](dice, n) for n in range(datagrams)]
    return Corpus(name, [payload for payload, _ in made], [flows for _, flows in made])


def _sflow(dice: random.Random, n: int) -> tuple[bytes, int]:
    flows = dice.choice((6, 7, 7))
    samples = [_flow_sample(dice, n * 8 + k) for k in range(flows)]
    if n % 10 == 0:
        body = struct.pack("!III", n, 4, 1) + struct.pack("!II", 1, 88) + bytes(88)
        samples.append(struct.pack("!II", 2, len(body)) + body)
    head = struct.pack("!II4sIIII", 5, 1, bytes((127, 0, 0, 1)), 0, n, UPTIME_MS, len(samples))
    return head + b"".join(samples), flows


def _flow_sample(dice: random.Random, sequence: int) -> bytes:
    tag = struct.pack("!HH", 0x8100, dice.randrange(1, 4000)) if dice.random() < 0.3 else b""
    tcp = struct.pack(
        "!HHIIBBHHH", dice.randrange(1024, 65535), dice.choice((443, 445, 80, 3389)), 1, 1, 0x50, 0x18, 512, 0, 0
    )
    if dice.random() < 0.15:
        source, target = dice.randrange(1, 37_000), dice.randrange(1, 200)
        inner = struct.pack("!IHBB8xQ8xQ", 0x6000_0000, 20, 6, 64, source, target) + tcp
        kind = 0x86DD
    else:
        source, target = 0x0A00_0000 + dice.randrange(1, 37_000), 0x0A01_0000 + dice.randrange(1, 200)
        inner = struct.pack("!BBHHHBBHII", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, source, target) + tcp
        kind = 0x0800
    frame = (
        bytes((2, 0, 0, 0, 1, 1))
        + struct.pack("!HI", 0x0200, source & 0xFFFF_FFFF)
        + tag
        + struct.pack("!H", kind)
        + inner
    )
    frame = frame.ljust(128 if dice.random() < 0.6 else 96, b"\0")
    record = struct.pack("!IIIIII", 1, 16 + len(frame), 1, dice.randrange(64, 1518), 4, len(frame)) + frame
    port = dice.randrange(1, 48)
    body = struct.pack("!IIIIIIII", sequence, port, 512, sequence * 512, 0, port, dice.randrange(1, 48), 1) + record
    return struct.pack("!II", 1, len(body)) + body


def _values(dice: random.Random) -> tuple[int, ...]:
    source, target = 0x0A00_0000 + dice.randrange(1, 37_000), 0x0A01_0000 + dice.randrange(1, 200)
    counts = dice.randrange(1, 2000), dice.randrange(64, 100_000)
    return (
        source,
        target,
        dice.randrange(1, 48),
        dice.randrange(1, 48),
        *counts,
        dice.randrange(1024, 65535),
        443,
        6,
        0x1B,
        0,
        0,
    )


def _v5(dice: random.Random, n: int) -> tuple[bytes, int]:
    rows = []
    for _ in range(30):
        source, target, into, to, packets, octets, sport, dport, *_ = _values(dice)
        times = UPTIME_MS - 5000, UPTIME_MS - 100
        counted = struct.pack("!IIIHHIIIIHH", source, target, 0, into, to, packets, octets, *times, sport, dport)
        rows.append(counted + struct.pack("!BBBBHHBBH", 0, 0x1B, 6, 0, 0, 0, 24, 24, 0))
    return struct.pack("!HHIIIIBBH", 5, 30, UPTIME_MS, NOW_S, 0, n * 30, 0, 0, 0) + b"".join(rows), 30


def template(number: int, fields: Fields, *, set_id: int) -> bytes:
    """A set with one template."""
    body = struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *field) for field in fields)
    return struct.pack("!HH", set_id, len(body) + 4) + body


def _basic(dice: random.Random) -> bytes:
    return struct.pack("!IIHHIIHHBBBB", *_values(dice))


def _v9(dice: random.Random, n: int) -> tuple[bytes, int]:
    rows = b"".join(
        _basic(dice) + struct.pack("!II6sHIB", UPTIME_MS - 5000, UPTIME_MS - 100, b"\2\0\0\0\1\1", 10, 65001, 24)
        for _ in range(25)
    )
    data = struct.pack("!HH", 260, len(rows) + 4 + -len(rows) % 4) + rows + bytes(-len(rows) % 4)
    known = template(260, V9_FIELDS, set_id=0) if n % TEMPLATE_EVERY == 0 else b""
    count = 26 if known else 25
    return struct.pack("!HHIIII", 9, count, UPTIME_MS, NOW_S, n, 7) + known + data, 25


def _ipfix(dice: random.Random, n: int) -> tuple[bytes, int]:
    named = n % 5 == 4
    rows = []
    for _ in range(21):
        times = NOW_S * 1000 - 5000, NOW_S * 1000 - 100
        name = f"port{dice.randrange(48)}".encode()
        rows.append(
            _basic(dice) + struct.pack("!QQHIB", *times, 10, 65001, 24) + (bytes((len(name),)) + name if named else b"")
        )
    body = b"".join(rows)
    data = struct.pack("!HH", 261 if named else 260, len(body) + 4) + body
    known = (
        template(260, IPFIX_FIELDS, set_id=2) + template(261, NAMED_FIELDS, set_id=2)
        if n % TEMPLATE_EVERY == 0
        else b""
    )
    return struct.pack("!HHIII", 10, 16 + len(known) + len(data), NOW_S, n * 21 & 0xFFFF_FFFF, 7) + known + data, 21


MAKERS: dict[str, Callable[[random.Random, int], tuple[bytes, int]]] = {
    "sflow": _sflow,
    "v5": _v5,
    "v9": _v9,
    "ipfix": _ipfix,
}
