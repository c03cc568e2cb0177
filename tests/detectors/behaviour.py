"""What machines do, as rows: one behaviour for each detector that looks at contacts."""

import itertools
from collections.abc import Callable, Iterable

from . import flows as f

ATTACKER, ZERO = 1, 2


def sweep(host: int = ATTACKER, *, at_ms: int = 0, targets: int = 30, first: int = 100) -> list[f.Row]:
    """A SYN to port 445 of machines that nobody has, ten a second."""
    return [f.tcp(at_ms + n * 100, host, first + n) for n in range(targets)]


def portscan(host: int = ATTACKER, *, at_ms: int = 0, ports: int = 40, target: int = 9) -> list[f.Row]:
    """Ports of one machine, all of which refuse."""
    return joined(f.refused(at_ms + n * 50, host, target, dport=1000 + n) for n in range(ports))


def bruteforce(host: int = ATTACKER, *, at_ms: int = 0, times: int = 60, target: int = 9) -> list[f.Row]:
    """Connections to SSH of one machine, four a second."""
    return joined(f.answered(at_ms + n * 250, host, target, dport=22, sport=40_000 + n) for n in range(times))


def infected(host: int, by: int, *, at_ms: int, first: int = 300) -> list[f.Row]:
    """`by` sweeps and reaches `host` on the way, which begins to do the same, slower than a sweep is found by itself."""
    reached = [*sweep(by, at_ms=at_ms, targets=20, first=first), *f.answered(at_ms + 2_100, by, host)]
    return [*reached, *(f.tcp(at_ms + 4_100 + n * 1_000, host, first + 40 + n) for n in range(12))]


def spread() -> list[f.Row]:
    """A worm went from `ZERO` to `ATTACKER`."""
    return in_order(infected(ATTACKER, ZERO, at_ms=0))


def joined(parts: Iterable[list[f.Row]]) -> list[f.Row]:
    """Rows in order of time."""
    return in_order(itertools.chain.from_iterable(parts))


def in_order(rows: Iterable[f.Row]) -> list[f.Row]:
    """Rows in order of time."""
    return sorted(rows, key=lambda row: row["received_ms"])


BEHAVIOURS: dict[str, Callable[[], list[f.Row]]] = {
    "sweep": sweep,
    "portscan": portscan,
    "bruteforce": bruteforce,
    "spread": spread,
}
