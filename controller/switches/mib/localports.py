"""LLDP's local port numbers, led back to interfaces."""

from __future__ import annotations

from collections import defaultdict

from . import objects as o
from .arp import mac_of
from .ports import bridge_ports, names
from .walk import Oid, Walk

ALIAS, MAC, NAME = 1, 3, 5  # LldpPortIdSubtype
NAMED = (o.IF_NAME, o.IF_DESCR)
# In which columns a port's own identifier is looked for, by its subtype; what it is described by, in all of them.
WHERE = {ALIAS: (o.IF_ALIAS, *NAMED), NAME: (*NAMED, o.IF_ALIAS)}  # others as NAME
DESCRIBED = (o.IF_DESCR, o.IF_NAME, o.IF_ALIAS)


class LocalPorts:
    """lldpLocPortNum -> ifIndexes: by what the port calls itself, else by number.

    IEEE 802.1AB wants the number to be the bridge port, and many agents use the ifIndex. Where more than one interface fits,
    all are named: a neighbour too many refuses an action, one too few would allow it.
    """

    def __init__(self, walk: Walk) -> None:
        self._bridge = bridge_ports(walk)
        self._names = names(walk)
        self._by_text = {column: _by_text(walk, column) for column in DESCRIBED}
        self._kinds = {i[-1]: kind for i, kind in walk.numbers(o.LLDP_LOCAL_KIND)}
        self._ids = {i[-1]: value for i, value in walk.column(o.LLDP_LOCAL_ID).items()}
        self._texts = {i[-1]: text for i, text in walk.texts(o.LLDP_LOCAL_ID)}
        self._described = {i[-1]: text for i, text in walk.texts(o.LLDP_LOCAL_DESCR)}
        self._by_mac = _by_mac(walk)

    def __call__(self, number: int) -> tuple[int, ...]:
        """ifIndexes; (0,) if nothing fits."""
        found, numbered = self._said(number), self._by_number(number)
        if len(found) > 1:
            found = (found & numbered) or found
        if found and self._is_assigned(number):
            found = found | numbered
        return tuple(sorted(found or numbered)) or (0,)

    def _said(self, number: int) -> set[int]:
        """By what the port calls itself; what it is described by decides between several."""
        kind = self._kinds.get(number)
        if kind == MAC:  # one MAC for all ports says nothing
            by_mac = self._by_mac.get(mac_of(self._ids.get(number, 0)) or "", set())
            found = by_mac if len(by_mac) == 1 else set()
        else:
            found = self._named(self._texts.get(number, ""), WHERE.get(kind or 0, WHERE[NAME]))
        if len(found) == 1:
            return found
        described = self._named(self._described.get(number, ""), DESCRIBED)
        return (found & described) or found or described

    def _is_assigned(self, number: int) -> bool:
        """The agent counts as it likes: a name, a port of the bridge or an ifIndex may be meant."""
        return self._kinds.get(number) not in WHERE and self._texts.get(number, "").isdigit()

    def _named(self, text: str, columns: tuple[Oid, ...]) -> set[int]:
        """Of the first column that has the text: somebody may have written one port's name into another's alias."""
        return next((found for column in columns if (found := self._by_text[column].get(text))), set())

    def _by_number(self, number: int) -> set[int]:
        found = {self._bridge[number]} if number in self._bridge else set()
        return found | ({number} if number in self._names else set())


def _by_text(walk: Walk, column: Oid) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for instance, text in walk.texts(column):
        if text:
            found[text].add(instance[-1])
    return found


def _by_mac(walk: Walk) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for instance, value in walk.column(o.IF_PHYSICAL).items():
        mac = mac_of(value)
        if mac:
            found[mac].add(instance[-1])
    return found
