"""The sender as a process: `sender PROTOCOL PORT SECONDS RATE` sends so many flow records a second to that port of loopback."""

from __future__ import annotations

import json
import sys

from .corpus import TEMPLATE_EVERY, Corpus, corpus
from .sendmmsg import BulkSender, paced


def main(protocol: str, port: int, seconds: float, rate: float, *, once: bool = False) -> None:
    """Bounded by time and count; says what it sent and how long it took. `once`: templates go with the first datagram only."""
    made = corpus(protocol)
    if once:
        BulkSender(made.payloads[:1], ("127.0.0.1", port)).send(1)
        kept = [n for n in range(1, len(made.flows)) if n % TEMPLATE_EVERY]
        made = Corpus(protocol, [made.payloads[n] for n in kept], [made.flows[n] for n in kept])
    sender = BulkSender(made.payloads, ("127.0.0.1", port))
    count = int(seconds * rate / made.per_datagram)
    took_s = paced(sender.send, count, rate / made.per_datagram)
    rounds, rest = divmod(count, len(made.flows))
    flows = rounds * sum(made.flows) + sum(made.flows[:rest])
    sys.stdout.write(json.dumps({"datagrams": count, "flows": flows, "seconds": took_s}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), once=len(sys.argv) > 5)
