"""The sender as a process: `sender PROTOCOL PORT SECONDS RATE` sends so many flow records a second to that port of loopback."""

from __future__ import annotations

import json
import sys

from .corpus import corpus
from .sendmmsg import BulkSender, paced


def main(protocol: str, port: int, seconds: float, rate: float) -> None:
    """Bounded by time and count; says what it sent and how long it took."""
    made = corpus(protocol)
    sender = BulkSender(made.payloads, ("127.0.0.1", port))
    count = int(seconds * rate / made.per_datagram)
    took_s = paced(sender.send, count, rate / made.per_datagram)
    rounds, rest = divmod(count, len(made.flows))
    flows = rounds * sum(made.flows) + sum(made.flows[:rest])
    sys.stdout.write(json.dumps({"datagrams": count, "flows": flows, "seconds": took_s}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
