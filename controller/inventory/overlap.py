"""Which ports lead to another switch, by what two forwarding tables share. Nobody has to say what an uplink is.

If A reaches B through p, and B reaches A through q, every MAC that both have learned is behind p on A or behind q on B: behind
both if it hangs beyond the two. So the pair (p, q) that explains the most shared MACs is the link, and the MACs of p and of q
complement each other. Tables are never of one moment and machines move: a few MACs that do not fit are noise, and become
evidence of another link only where they hang on two or more ports of the other side.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from itertools import product

Ports = frozenset[Hashable]
Places = Mapping[str, Ports]  # MAC -> ports where it is learned
Shared = Mapping[tuple[Ports, Ports], int]  # ports on A, ports on B -> how many MACs are there
EXPLAINED = 0.8  # of the shared MACs: below that, two tables are not joined by one link
FEWEST = 2  # one shared MAC has been carried from one desk to another as likely as not


class Overlap:
    """Forwarding tables of all switches, compared pair by pair when one of them was read anew."""

    def __init__(self) -> None:
        self._places: dict[str, Places] = {}
        self._switches: dict[str, set[str]] = defaultdict(set)  # MAC -> switches that have it
        self._found: dict[tuple[str, str], frozenset[tuple[str, Hashable]]] = {}

    def update(self, switch: str, places: Mapping[str, Iterable[Hashable]]) -> None:
        """Replace a switch's table, and compare it with those that share two or more MACs with it."""
        kept = {mac: frozenset(ports) for mac, ports in places.items()}
        if kept == self._places.get(switch):
            return
        for mac in self._places.get(switch, {}):
            self._switches[mac].discard(switch)
        self._places[switch] = kept
        others: Counter[str] = Counter()
        for mac in kept:
            others.update(self._switches[mac])
            self._switches[mac].add(switch)
        self._found = {pair: ports for pair, ports in self._found.items() if switch not in pair}
        for other, count in others.items():
            if count >= FEWEST:
                there = self._places[other]
                macs = kept.keys() & there.keys()
                shared = Counter(zip(map(kept.__getitem__, macs), map(there.__getitem__, macs), strict=True))
                self._found[switch, other] = _named(switch, other, leading_ports(shared))

    def leading(self) -> frozenset[tuple[str, Hashable]]:
        """Every (switch, port) that leads to another switch."""
        return frozenset().union(*self._found.values())


def _named(one: str, other: str, found: tuple[set[Hashable], set[Hashable]]) -> frozenset[tuple[str, Hashable]]:
    here, there = found
    return frozenset({(one, port) for port in here} | {(other, port) for port in there})


def leading_ports(shared: Shared) -> tuple[set[Hashable], set[Hashable]]:
    """Ports of A and of B that lead to each other."""
    best = _best_pairs(shared)
    here, there = _proven(shared, best)
    # What no link explains: another link, if such MACs are spread over several ports behind one port.
    left_over = list(shared)
    if len(best) == 1:
        ((p, q),) = best
        left_over = [(ports, others) for ports, others in shared if p not in ports and q not in others]
    elif best:
        left_over = []
    here |= _spread(left_over)
    there |= _spread((others, ports) for ports, others in left_over)
    return here, there


def _best_pairs(shared: Shared) -> list[tuple[Hashable, Hashable]]:
    """Pairs of ports that explain the most MACs: those of p, those of q, but those of both only once."""
    of_p: Counter[Hashable] = Counter()
    of_q: Counter[Hashable] = Counter()
    of_both: Counter[tuple[Hashable, Hashable]] = Counter()
    for (ports, others), count in shared.items():
        for port in ports:
            of_p[port] += count
        for port in others:
            of_q[port] += count
        for pair in product(ports, others):
            of_both[pair] += count
    explained = {(p, q): of_p[p] + of_q[q] - of_both[p, q] for p, q in product(of_p, of_q)}
    most = max(explained.values(), default=0)
    if most < EXPLAINED * sum(shared.values()):
        return []
    return [pair for pair, count in explained.items() if count == most]


def _proven(shared: Shared, best: list[tuple[Hashable, Hashable]]) -> tuple[set[Hashable], set[Hashable]]:
    """The ends of the link, each as far as the tables prove it."""
    if not best:
        return set(), set()
    p, q = best[0]
    here, there = {p for p, _ in best}, {q for _, q in best}
    # Machines on several ports of A are all behind q of B: q leads to A. The same for p.
    of_a = {port for ports, others in shared if q in others and p not in ports for port in ports}
    of_b = {port for ports, others in shared if p in ports and q not in others for port in others}
    q_proven = len(there) == 1 and len(of_a) >= FEWEST
    p_proven = len(here) == 1 and len(of_b) >= FEWEST
    # With one end sure and one candidate for the other, a single machine behind it is enough.
    p_proven |= q_proven and len(here) == 1 and bool(of_b)
    q_proven |= p_proven and len(there) == 1 and bool(of_a)
    return ({p} if p_proven else set()), ({q} if q_proven else set())


def _spread(rows: Iterable[tuple[Ports, Ports]]) -> set[Hashable]:
    """Ports whose MACs are on two or more ports of the other switch."""
    behind: dict[Hashable, set[Hashable]] = defaultdict(set)
    for ports, others in rows:
        for port in ports:
            behind[port] |= others
    return {port for port, others in behind.items() if len(others) >= FEWEST}
