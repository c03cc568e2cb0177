"""Which ports lead to another switch, by what two forwarding tables share. Nobody has to say what an uplink is.

If A reaches B through p, and B reaches A through q, every MAC that both have learned is behind p on A or behind q on B: behind
both if it hangs beyond the two. So the pair (p, q) that explains the most shared MACs is the link, and the MACs of p and of q
complement each other. Tables are never of one moment and machines move: a few MACs that do not fit are noise, and become
evidence of another link only where they hang on two or more ports of the other side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

Places = Mapping[str, frozenset[Hashable]]  # MAC -> ports where it is learned
EXPLAINED = 0.8  # of the shared MACs: below that, two tables are not joined by one link
FEWEST = 2  # one shared MAC has been carried from one desk to another as likely as not


@dataclass(frozen=True, slots=True)
class _Side:
    """One switch of a pair: port -> shared MACs behind it, as a set of bits."""

    ports: dict[Hashable, int]

    def spread(self, macs: int) -> int:
        """On how many ports some of these MACs are."""
        return sum(1 for bits in self.ports.values() if bits & macs)


class Overlap:
    """Forwarding tables of all switches, compared pair by pair when one of them was read anew."""

    def __init__(self) -> None:
        self._places: dict[str, Places] = {}
        self._switches: dict[str, set[str]] = defaultdict(set)  # MAC -> switches that have it
        self._found: dict[tuple[str, str], frozenset[tuple[str, Hashable]]] = {}

    def update(self, switch: str, places: Mapping[str, Iterable[Hashable]]) -> None:
        """Replace a switch's table, and compare it with those that share two or more MACs with it."""
        for mac in self._places.get(switch, {}):
            self._switches[mac].discard(switch)
        self._places[switch] = kept = {mac: frozenset(ports) for mac, ports in places.items()}
        shared: dict[str, list[str]] = defaultdict(list)
        for mac in kept:
            for other in self._switches[mac]:
                shared[other].append(mac)
            self._switches[mac].add(switch)
        self._found = {pair: ports for pair, ports in self._found.items() if switch not in pair}
        for other, macs in shared.items():
            if len(macs) >= FEWEST:
                here, there = leading_ports({mac: (kept[mac], self._places[other][mac]) for mac in macs})
                ports = {(switch, port) for port in here} | {(other, port) for port in there}
                self._found[switch, other] = frozenset(ports)

    def leading(self) -> frozenset[tuple[str, Hashable]]:
        """Every (switch, port) that leads to another switch."""
        return frozenset().union(*self._found.values())


def leading_ports(
    shared: Mapping[str, tuple[frozenset[Hashable], frozenset[Hashable]]],
) -> tuple[set[Hashable], set[Hashable]]:
    """Ports of A and of B that lead to each other; `shared`: MAC -> its ports on A, its ports on B."""
    one, other = _sides(shared.values())
    every = (1 << len(shared)) - 1
    here, there, left_over = _link(one, other, every)
    # What the link does not explain: a second link, if such MACs are spread over several ports behind one port.
    here |= {port for port, bits in one.ports.items() if other.spread(bits & left_over) >= FEWEST}
    there |= {port for port, bits in other.ports.items() if one.spread(bits & left_over) >= FEWEST}
    return here, there


def _sides(rows: Iterable[tuple[frozenset[Hashable], frozenset[Hashable]]]) -> tuple[_Side, _Side]:
    sides: tuple[dict[Hashable, int], dict[Hashable, int]] = {}, {}
    for place, row in enumerate(rows):
        for side, ports in zip(sides, row, strict=True):
            for port in ports:
                side[port] = side.get(port, 0) | 1 << place
    return _Side(sides[0]), _Side(sides[1])


def _link(one: _Side, other: _Side, every: int) -> tuple[set[Hashable], set[Hashable], int]:
    """The pair of ports that explains most, as far as each of the two is proven, and the MACs that stay unexplained."""
    explained = {(p, q): (one.ports[p] | other.ports[q]).bit_count() for p, q in product(one.ports, other.ports)}
    most = max(explained.values())
    if most < EXPLAINED * every.bit_count():
        return set(), set(), every
    best = [pair for pair, count in explained.items() if count == most]
    here, there = {p for p, _ in best}, {q for _, q in best}
    p, q = best[0]
    behind_p, behind_q = one.ports[p] & ~other.ports[q], other.ports[q] & ~one.ports[p]
    # Machines on several ports of A are all behind q of B: q leads to A. The same for p.
    q_proven = len(there) == 1 and one.spread(behind_q) >= FEWEST
    p_proven = len(here) == 1 and other.spread(behind_p) >= FEWEST
    # With one end sure and one candidate for the other, a single machine behind it is enough.
    p_proven |= q_proven and len(here) == 1 and behind_p != 0
    q_proven |= p_proven and len(there) == 1 and behind_q != 0
    left_over = every & ~(one.ports[p] | other.ports[q]) if len(best) == 1 else 0
    return ({p} if p_proven else set()), ({q} if q_proven else set()), left_over
