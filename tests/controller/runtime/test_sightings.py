"""The endpoint inventory, from emulated switches into the store and out of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.clock import SystemClock
from controller.emulate.site import host_ip, host_mac
from controller.runtime.demoworld import DemoWorld
from controller.runtime.services import Services
from controller.runtime.sightings import SightingKeeper
from controller.store import endpoints


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Services of a small network, nothing started."""
    with DemoWorld(SystemClock(), root=tmp_path / "world") as world:
        assert world.services is not None
        world.services.world = world  # type: ignore[attr-defined]
        yield world.services


def test_every_machine_once_at_its_own_port(services: Services) -> None:
    """60 hosts, a phone and three guests on a hub: each at its edge port, none behind an uplink, with its address."""
    keeper = SightingKeeper(services.inventory, services.store, services.file)
    services.inventory.refresh()
    keeper.turn()
    with services.store.reading() as connection:
        found = {row["mac"]: row for row in endpoints.listed(connection)}
    assert 64 == len(found)
    assert not [row for row in found.values() if row["port"] == "up1"]
    one = found[host_mac(30)]
    assert ("sw2", "ge10", host_ip(30), "lab") == (one["switch"], one["port"], one["ip"], one["site"])


def test_tables_that_were_not_read_again_are_not_kept_again(services: Services) -> None:
    """A turn without news writes nothing."""
    keeper = SightingKeeper(services.inventory, services.store, services.file)
    services.inventory.refresh()
    keeper.turn()
    seen = keeper.counts.seen
    keeper.turn()
    assert (seen, 64) == (keeper.counts.seen, keeper.counts.changed)


def test_a_move_is_a_second_place(services: Services) -> None:
    """A machine that was plugged in elsewhere has both places in its history."""
    keeper = SightingKeeper(services.inventory, services.store, services.file)
    services.inventory.refresh()
    keeper.turn()
    sw1, sw2 = (services.world.switch(name).state for name in ("sw1", "sw2"))  # type: ignore[attr-defined]
    with sw1.lock, sw2.lock:
        sw1.ports["ge3"].macs.discard(host_mac(3))
        sw1.ports["up1"].macs.add(host_mac(3))
        sw2.ports["up1"].macs.discard(host_mac(3))
        sw2.ports["ge5"].macs.add(host_mac(3))
        sw1.version += 1
        sw2.version += 1
    services.inventory.refresh()
    keeper.turn()
    with services.store.reading() as connection:
        places = [(row["switch"], row["port"]) for row in endpoints.history(connection, host_mac(3))]
    assert [("sw2", "ge5"), ("sw1", "ge3")] == places
