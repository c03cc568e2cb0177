"""A site of 500 switches on a clock that is passed in: who is read when, and what the dead ones cost the others."""

from collections import Counter

from controller.core.clock import ManualClock
from controller.core.errors import Unreachable
from controller.core.sites import Site, SwitchEntry, SwitchFile
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from controller.inventory import Inventory, InventoryConfig
from playbooks.plan import PortRef, PortState

SWITCHES, DEAD, MINUTES = 500, 20, 10
EVERY_S = 60


class Site500:
    """500 sources without machines, 20 of them dead; the seconds at which each was read."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.read_at: dict[str, list[float]] = {f"sw{n}": [] for n in range(SWITCHES)}
        entries = tuple(
            SwitchEntry(name=name, site="s", address=f"10.0.{n // 250}.{n % 250}")
            for n, name in enumerate(self.read_at)
        )
        file = SwitchFile(sites=(Site(name="s"),), switches=entries)
        sources = {name: Source(self, name, dead=n < DEAD) for n, name in enumerate(self.read_at)}
        self.inventory = Inventory(file, sources.__getitem__, InventoryConfig(poll_s=EVERY_S), self.clock)
        self.begun_s = self.clock.monotonic_s()

    def live(self) -> None:
        """Ten minutes, as the runtime's loop goes round: once a second."""
        for _ in range(MINUTES * 60):
            self.inventory.poll()
            self.clock.advance(1)

    def names(self, *, dead: bool) -> list[str]:
        """Names of the dead, or of the living."""
        return [name for n, name in enumerate(self.read_at) if (n < DEAD) == dead]


class Source:
    """One switch."""

    def __init__(self, site: Site500, name: str, *, dead: bool) -> None:
        self._site, self._name, self._dead = site, name, dead

    def ports(self) -> tuple[PortRow, ...]:
        """Asked first: here the reading is noted, and here a dead switch does not answer."""
        self._site.read_at[self._name].append(self._site.clock.monotonic_s() - self._site.begun_s)
        if self._dead:
            raise Unreachable("no answer")
        return ()

    def fdb(self) -> tuple[FdbRow, ...]:
        """Nobody."""
        return ()

    def arp(self) -> tuple[ArpRow, ...]:
        """Nobody."""
        return ()

    def neighbours(self) -> tuple[Neighbour, ...]:
        """Nobody."""
        return ()

    def port_state(self, port: PortRef) -> PortState:
        """Not asked here."""
        raise AssertionError(port)


def test_ten_minutes_of_500_switches() -> None:
    """After the first round the readings are spread: never a tenth of all in one second, and none left out for long. No switch
    is in step with the others, and a dead one is asked ever more rarely without anybody else losing a turn."""
    site = Site500()
    site.live()
    seconds = Counter(int(at_s) for times in site.read_at.values() for at_s in times)
    assert SWITCHES == seconds.pop(0)
    assert max(seconds.values()) < SWITCHES // 10
    for name in site.names(dead=False):
        gaps = [b - a for a, b in zip(site.read_at[name], site.read_at[name][1:], strict=False)]
        assert MINUTES - 1 <= len(gaps) <= MINUTES + 1
        assert max(gaps) <= EVERY_S * 1.05 + 1
        assert min(gaps[1:]) >= EVERY_S * 0.95 - 1
    assert 3 < len({tuple(times) for times in site.read_at.values()})
    assert {4, 5} >= {len(site.read_at[name]) for name in site.names(dead=True)}
    assert SWITCHES - DEAD == sum(not snapshot.error for snapshot in site.inventory.snapshots())
