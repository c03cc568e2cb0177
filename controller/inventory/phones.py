"""The MACs of IP phones, as they tell them themselves over LLDP and CDP."""

from __future__ import annotations

import re
from collections.abc import Iterable

from controller.core.tables import Neighbour
from playbooks.facts import NeighbourKind

# LLDP: the chassis, or (LLDP-MED, where the chassis is an address) the port, `0011.2233.4455` or `001122334455:P1`.
# CDP and Cisco's LLDP: a name such as SEP001122334455.
TOLD = re.compile(r"(?i)(?:SEP)?([0-9a-f]{2}(?:[:.-]?[0-9a-f]{2}){5})(?::P[0-9]+)?")


def phone_macs(neighbours: Iterable[Neighbour]) -> tuple[str, ...]:
    """MACs of the phones among them; none where a phone does not say."""
    phones = (n for n in neighbours if n.kind is NeighbourKind.PHONE)
    told = (TOLD.fullmatch(text.strip()) for n in phones for text in (n.chassis, n.port_id, n.system_name))
    return tuple(sorted({_mac(found[1]) for found in told if found}))


def _mac(text: str) -> str:
    digits = re.sub(r"[:.-]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
