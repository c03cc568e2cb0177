"""Sources whose open episode already asks for all there is, in plain Python: their further contacts are only counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .contact import KINDS, Contact
from .event import Hint, Kind, Verb
from .plainparts import Event, via
from .state import BoundedTable
from .victims import PlainVictims, SourceKey
from .watch import NEVER, TELL_MS, Going, WatchSettings


@dataclass(slots=True)
class Acting:
    """An acting source. `since_ms`: what it opened later is not told, nor what comes back."""

    episode: Going
    since_ms: int
    where: Any = None  # where it came in, as told last
    has_mac: bool = False  # its MAC was told
    told_ms: int = -NEVER


class ActingSources:
    """All of them, and whom they reached."""

    def __init__(self, settings: WatchSettings) -> None:
        self._quiet_ms = settings.quiet_ms
        self._acting: BoundedTable[SourceKey, Acting] = BoundedTable(settings.most_acting)
        self._went_on: dict[SourceKey, None] = {}
        self.victims = PlainVictims(settings.most_victims, settings.memory_ms)
        self.wake_ms = NEVER
        self.further = 0

    def hold(self, key: SourceKey, episode: Going, now_ms: int) -> None:
        """From now on this source acts."""
        self._acting.ensure(key, lambda: Acting(episode, now_ms)).episode = episode

    def release(self, key: SourceKey) -> None:
        """The watch forgot this source."""
        self._acting.pop(key)

    def went_on(self) -> list[SourceKey]:
        """Those that did since this was asked last."""
        found = list(self._went_on)
        self._went_on.clear()
        return found

    def hides(self, key: SourceKey, opened_ms: int) -> bool:
        """What comes back to a contact of then is not told."""
        acting = self._acting.peek(key)
        return acting is not None and opened_ms > acting.since_ms

    def counts(self, key: SourceKey, row: Mapping[str, Any], event: Event) -> bool:
        """A further contact is only counted; otherwise it is to be told, as any other."""
        acting, at_ms = self._acting.peek(key), event["at_ms"]
        if acting is None:
            return False
        if at_ms - acting.episode.last_ms > self._quiet_ms:
            self.release(key)
            return False
        where, elsewhere = via(row), False
        if where is not None and where != acting.where:
            elsewhere = at_ms - acting.told_ms >= TELL_MS
        if elsewhere or (event["mac"] and not acting.has_mac):
            acting.where, acting.told_ms = where or acting.where, at_ms
            acting.has_mac = acting.has_mac or bool(event["mac"])
            return False
        acting.episode.go_on(at_ms)
        self._went_on[key] = None
        self.further += 1
        return True

    def reaches(self, key: SourceKey, event: Event, target: bytes) -> bool:
        """Note whom a further contact reached; True if it was no victim before."""
        service = (KINDS[Kind(event["kind"])], event["port"], target)
        return self.victims.note(key, Contact(service, event["at_ms"], outside=bool(event["outside"])))

    def waits(self, now_ms: int) -> bool:
        """Something waits for a time that has come."""
        return now_ms >= self.wake_ms


def on(event: Event) -> Event:
    """The event that says so."""
    return {**event, "verb": int(Verb.ON), "hint": int(Hint.NONE), "outside": 0}
