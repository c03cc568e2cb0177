"""Which MAC is the phone's own: it is not blocked by itself when the PC behind it attacks under its name."""

import pytest

from controller.core.tables import Neighbour
from controller.inventory.phones import phone_macs
from playbooks.facts import NeighbourKind

PHONE = "00:11:22:aa:bb:cc"


@pytest.mark.parametrize(
    "told",
    [
        {"chassis": PHONE},
        {"chassis": "10.0.0.7", "port_id": "001122AABBCC:P1"},
        {"port_id": "0011.22aa.bbcc"},
        {"system_name": "SEP001122AABBCC"},
    ],
)
def test_a_phone_says_its_mac(told: dict[str, str]) -> None:
    """By LLDP's chassis or port, or by the name that CDP carries; of a phone only."""
    values = {"ifindex": 1, "system_name": "", "port_id": "", **told}
    assert (PHONE,) == phone_macs([Neighbour(kind=NeighbourKind.PHONE, **values)])  # type: ignore[arg-type]
    assert () == phone_macs([Neighbour(kind=NeighbourKind.OTHER, **values)])  # type: ignore[arg-type]


def test_a_phone_that_does_not_say() -> None:
    """A name and a port that are no MAC give none."""
    assert () == phone_macs([Neighbour(1, "phone-20", "port1", NeighbourKind.PHONE)])
