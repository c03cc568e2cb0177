"""LLDP's local port numbers, led back to interfaces."""

from __future__ import annotations

from collections import defaultdict

from . import objects as o
from .arp import mac_of
from .ports import bridge_ports, names
from .walk import Walk

MAC, LOCAL = 3, 7  # LldpPortIdSubtype


class LocalPorts:
    """lldpLocPortNum -> ifIndexes: by what the port calls itself, else by number.

    IEEE 802.1AB wants the number to be the bridge port, and many agents use the ifIndex. Where only the number is there and
    both fit, both are named: a neighbour too many refuses an action, one too few would allow it.
    """

    def __init__(self, walk: Walk) -> None:
        self._bridge = bridge_ports(walk)
        self._names = names(walk)
        self._by_text = _by_text(walk)
        self._kinds = {i[-1]: kind for i, kind in walk.numbers(o.LLDP_LOCAL_KIND)}
        self._ids = {i[-1]: value for i, value in walk.column(o.LLDP_LOCAL_ID).items()}
        self._texts = [
            {i[-1]: text for i, text in walk.texts(column)} for column in (o.LLDP_LOCAL_ID, o.LLDP_LOCAL_DESCR)
        ]
        self._by_mac = _by_mac(walk)

    def __call__(self, number: int) -> tuple[int, ...]:
        """ifIndexes; (0,) if nothing fits."""
        if self._kinds.get(number) == MAC:
            found = self._by_mac.get(mac_of(self._ids.get(number, 0)) or "", set())
            if len(found) == 1:
                return tuple(found)
        for texts in self._texts:
            found = self._by_text.get(texts.get(number, ""), set())
            if len(found) == 1:
                return tuple(found)
        return self._by_number(number) or (0,)

    def _by_number(self, number: int) -> tuple[int, ...]:
        found = {self._bridge[number]} if number in self._bridge else set()
        if number in self._names:
            found.add(number)
        return tuple(sorted(found))


def _by_text(walk: Walk) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for column in (o.IF_NAME, o.IF_DESCR, o.IF_ALIAS):
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
