"""Many exporters at once: `crowd PORT GOOD BAD SECONDS RATE`, each from an address of its own in 127.0.0.0/8.

A good one has a template of its own (its fields in an order of its own), sent with its first datagram and with every hundredth.
A bad one sends a template of no length, one whose fields lie about their lengths, or data that no template is ever sent for.
"""

from __future__ import annotations

import itertools
import json
import random
import struct
import sys
import time

from .corpus import NOW_S, UPTIME_MS, V9_FIELDS, Fields, template
from .sendmmsg import BulkSender

RECORDS = 25
SOURCE_PORT = 40_000  # the same when it is called again: an exporter that goes on, not a new one
REPEATED = 100  # datagrams from template to template


def main(port: int, good: int, bad: int, seconds: float, rate: float) -> None:
    """Everybody sends in turn; `rate` counts the records of good exporters."""
    senders = [(n < good, _sender(port, n, (_good if n < good else _bad)(n))) for n in range(good + bad)]
    random.Random(1).shuffle(senders)
    pause = RECORDS / rate * good / len(senders)
    start, sent, flows, turn = time.monotonic(), 0, 0, itertools.cycle(senders)
    total = int(seconds / pause)
    while sent < total:
        due = min(int((time.monotonic() - start) / pause) + 1, total)
        for _ in range(due - sent):
            is_good, sender = next(turn)
            sender.send(1)
            flows += RECORDS if is_good else 0
        sent = due
        time.sleep(0.0005)
    sys.stdout.write(json.dumps({"datagrams": sent, "flows": flows}) + "\n")


def _sender(port: int, n: int, payloads: list[bytes]) -> BulkSender:
    source = f"127.{1 + n // 60_000}.{n // 250 % 240}.{1 + n % 250}"
    return BulkSender(payloads, ("127.0.0.1", port), (source, SOURCE_PORT))


def _good(n: int) -> list[bytes]:
    dice = random.Random(n)
    fields = list(V9_FIELDS)
    dice.shuffle(fields)
    size = sum(length for _, length in fields)
    number = 256 + n % 1000
    data = dice.randbytes(size) * RECORDS
    return _round(template(number, tuple(fields), set_id=0), number, data)


def _bad(n: int) -> list[bytes]:
    nothing: Fields = ((8, 0), (12, 0))
    lies: Fields = ((8, 60_000), (12, 60_000))
    known = (template(300, nothing, set_id=0), template(300, lies, set_id=0), b"")[n % 3]
    return _round(known, 300, random.Random(n).randbytes(49 * RECORDS))


def _round(known: bytes, number: int, data: bytes) -> list[bytes]:
    padding = bytes(-len(data) % 4)
    body = struct.pack("!HH", number, len(data) + len(padding) + 4) + data + padding
    head = struct.pack("!HHIIII", 9, RECORDS, UPTIME_MS, NOW_S, 1, 7)
    return [head + known + body, *[head + body] * (REPEATED - 1)]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), *map(float, sys.argv[4:6]))
