"""What exporters have said about themselves: templates, sampling rates, start times; and data that waits for a template.

Scope is (exporter address, version, domain, template id); two processes behind one address may use the same id for
different layouts, so the same UDP source port is asked first, then the newest of the address (RFC 7011 section 8.1 would
have them apart by transport session). Everything is bounded; what has to go is counted.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .template import Field, Template

Session = tuple[bytes, int, int]  # exporter, version, domain
Key = tuple[bytes, int, int, int]  # and template id
MOST_NAMED = 10_000
MOST_PORTS = 8  # layouts of one id kept apart by source port


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the store. Times in milliseconds of the receiver's clock."""

    templates: int = 200_000
    template_age_ms: int = 24 * 3_600_000
    sessions: int = 50_000
    samplers: int = 1024  # of one session
    waiting_octets: int = 8 * 1024 * 1024
    waiting_octets_each: int = 64 * 1024  # of one template: 128 that never get theirs do not push out each other's
    waiting_ms: int = 300_000  # and for so long the data of a template that did not come in time is given up unread


@dataclass(slots=True)
class StoreCounts:
    """What was learned, and what had to go. `changed`: of what was learned, what was new; `late`: sets that came before their
    template and were decoded after it; `undecodable`: sets given up, by exporter."""

    learned: int = 0
    changed: int = 0
    evicted: int = 0
    expired: int = 0
    late: int = 0
    undecodable: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class Origin:
    """Where a data set came from: what is needed to read it later."""

    session: Session
    port: int
    received_ms: int
    export_ms: int
    uptime_ms: int


@dataclass(slots=True)
class About:
    """What is known of one session: rates by sampler or selector id (None = all of it), and when it started."""

    rates: dict[int | None, int] = field(default_factory=dict)
    started_ms: int | None = None


class TemplateStore:
    """Not safe for several threads: it belongs to one decoder."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._templates: OrderedDict[Key, dict[int, tuple[Template, int]]] = OrderedDict()
        self._about: OrderedDict[Session, About] = OrderedDict()
        self._waiting: OrderedDict[Key, list[tuple[Origin, bytes]]] = OrderedDict()
        self._waiting_octets, self._waiting_each = 0, dict[Key, int]()
        self._hopeless: OrderedDict[Key, int] = OrderedDict()
        self.counts = StoreCounts()
        # Told to whoever keeps a copy: that of a template, or of what is known of a session, is no longer right.
        self.forget: Callable[[Key], None] = lambda key: None  # noqa: ARG005
        self.forget_session: Callable[[Session], None] = lambda session: None  # noqa: ARG005

    def __len__(self) -> int:
        return len(self._templates)

    def learn(self, origin: Origin, template: Template) -> list[tuple[Origin, bytes]]:
        """Keep a template, the newest definition wins; gives the data sets that waited for it."""
        key = (*origin.session, template.id)
        self.forget(key)
        self._hopeless.pop(key, None)
        if not template.fields:
            self._templates.pop(key, None)
            return []
        ports = self._templates.setdefault(key, {})
        self._templates.move_to_end(key)
        before = ports.pop(origin.port, None)
        self.counts.changed += before is None or before[0] != template
        ports[origin.port] = (template, origin.received_ms)
        if len(ports) > MOST_PORTS:
            del ports[next(iter(ports))]
        self.counts.learned += 1
        if len(self._templates) > self.limits.templates:
            gone, _ = self._templates.popitem(last=False)
            self.forget(gone)
            self.counts.evicted += 1
        waited = self._waiting.pop(key, [])
        self._waiting_each.pop(key, None)
        self._waiting_octets -= sum(len(data) for _, data in waited)
        self.counts.late += len(waited)
        return waited

    def find(self, origin: Origin, number: int) -> Template | None:
        """The template for a data set; None if it is not known, or was not sent again for too long."""
        key = (*origin.session, number)
        ports = self._templates.get(key)
        if not ports:
            return None
        own = ports.get(origin.port)
        template, learned_ms = own if own is not None else list(ports.values())[-1]
        if origin.received_ms - learned_ms > self.limits.template_age_ms:
            del self._templates[key]
            self.forget(key)
            self.counts.expired += 1
            return None
        return template

    def learned_ms(self, origin: Origin, number: int) -> int:
        """When the template that `find` gave was last sent."""
        ports = self._templates[(*origin.session, number)]
        return ports[origin.port][1] if origin.port in ports else list(ports.values())[-1][1]

    def keeps(self, origin: Origin, numbers: tuple[int, ...]) -> bool:
        """Whether all these are kept, and were sent last from this port."""
        kept = (self._templates.get((*origin.session, number)) for number in numbers)
        return all(ports and next(reversed(ports)) == origin.port for ports in kept)

    def again(self, origin: Origin, numbers: tuple[int, ...]) -> bool:
        """The same templates were sent again; False if one is not kept as it was, and has to be learned."""
        if not self.keeps(origin, numbers):
            return False
        for number in numbers:
            ports = self._templates[(*origin.session, number)]
            ports[origin.port] = (ports[origin.port][0], origin.received_ms)
            self._templates.move_to_end((*origin.session, number))
        self.counts.learned += len(numbers)
        return True

    def wait(self, origin: Origin, number: int, data: bytes) -> bool:
        """Keep a data set until its template comes; what no longer fits, or is too old, is given up and counted. False if it
        was given up, as others will be for the next `waiting_ms` unless the template comes: not worth asking again."""
        key, now_ms = (*origin.session, number), origin.received_ms
        self._give_up_old(now_ms)
        if now_ms - self._hopeless.get(key, -self.limits.waiting_ms - 1) <= self.limits.waiting_ms:
            self.give_up(origin.session[0], 1)
            return False
        queue = self._waiting.setdefault(key, [])
        self._waiting_each[key] = self._waiting_each.get(key, 0) + len(data)
        if self._waiting_each[key] > self.limits.waiting_octets_each:
            self.give_up(origin.session[0], 1)
            self._despair(key, now_ms)
            return False
        queue.append((origin, data))
        self._waiting_octets += len(data)
        while self._waiting_octets > self.limits.waiting_octets:
            oldest = next(iter(self._waiting))
            self._give_up(oldest)
            self._despair(oldest, now_ms)
        return True

    def hopeless_since(self, origin: Origin, number: int) -> int:
        """When data of this template was first given up unread."""
        return self._hopeless[(*origin.session, number)]

    def known_of(self, session: Session) -> About:
        """What is known of a session, to be read; of most that is nothing, and takes no room."""
        found = self._about.get(session)
        return About() if found is None else found

    def about(self, session: Session) -> About:
        """What is known of a session, to be added to."""
        found = self._about.get(session)
        if found is None:
            found = self._about[session] = About()
            if len(self._about) > self.limits.sessions:
                gone, _ = self._about.popitem(last=False)
                self.forget_session(gone)
        return found

    def sampler(self, session: Session, number: int | None, rate: int) -> None:
        """Remember a sampling rate."""
        rates = self.about(session).rates
        if rates.get(number) == rate or (number not in rates and len(rates) >= self.limits.samplers):
            return
        rates[number] = rate
        self.counts.changed += 1
        self.forget_session(session)

    def started(self, session: Session, started_ms: int) -> None:
        """Remember when a session's exporter started."""
        about = self.about(session)
        if about.started_ms == started_ms:
            return
        about.started_ms = started_ms
        self.counts.changed += 1
        self.forget_session(session)

    @property
    def waiting_octets(self) -> int:
        """What the data that waits for templates takes."""
        return self._waiting_octets

    def oldest_ms(self) -> int | None:
        """When the template was sent that was not sent again for longest; None if there is none. Safe from any thread."""
        try:
            ports = next(iter(self._templates.values()), {})
            return min((learned_ms for _, learned_ms in ports.values()), default=None)
        except RuntimeError:  # one was learned meanwhile
            return None

    def waiting(self) -> Mapping[Key, int]:
        """Data sets that wait, by key."""
        return {key: len(queue) for key, queue in self._waiting.items()}

    def dump(self) -> dict[str, Any]:
        """Templates, rates and start times as plain data; what waits is not kept."""
        templates = [
            [
                key[0].hex(),
                *key[1:],
                port,
                learned_ms,
                t.scopes,
                [[f.enterprise, f.element, f.length] for f in t.fields],
            ]
            for key, ports in self._templates.items()
            for port, (t, learned_ms) in ports.items()
        ]
        about = [
            [session[0].hex(), *session[1:], a.started_ms, list(a.rates.items())] for session, a in self._about.items()
        ]
        return {"version": 1, "templates": templates, "about": about}

    def load(self, data: Mapping[str, Any]) -> None:
        """Take in what `dump` gave; ValueError if it is something else."""
        if data.get("version") != 1:
            raise ValueError(f"templates of version {data.get('version')}")
        for exporter, version, domain, number, port, learned_ms, scopes, fields in data["templates"]:
            template = Template(int(number), tuple(Field(*map(int, f)) for f in fields), int(scopes))
            session = (bytes.fromhex(exporter), int(version), int(domain))
            self.learn(Origin(session, int(port), int(learned_ms), 0, 0), template)
        for exporter, version, domain, started_ms, rates in data["about"]:
            found = self.about((bytes.fromhex(exporter), int(version), int(domain)))
            found.started_ms = started_ms
            found.rates.update({number: int(rate) for number, rate in rates})

    def _give_up_old(self, now_ms: int) -> None:
        while self._waiting:
            key, queue = next(iter(self._waiting.items()))
            if queue and now_ms - queue[0][0].received_ms <= self.limits.waiting_ms:
                return
            self._give_up(key)

    def _give_up(self, key: Key) -> None:
        queue = self._waiting.pop(key)
        self._waiting_each.pop(key, None)
        self._waiting_octets -= sum(len(data) for _, data in queue)
        self.give_up(key[0], len(queue))

    def _despair(self, key: Key, now_ms: int) -> None:
        """An exporter whose template does not come, or cannot be read, must not cost more than one that is understood."""
        self._hopeless.setdefault(key, now_ms)
        if now_ms - self._hopeless[key] > self.limits.waiting_ms:
            self._hopeless[key] = now_ms
        if len(self._hopeless) > self.limits.templates:
            gone, _ = self._hopeless.popitem(last=False)
            self.forget(gone)  # its data is worth waiting for again

    def give_up(self, exporter: bytes, sets: int) -> None:
        """Source addresses can be forged: beyond so many exporters the rest is counted together, under the address ::."""
        counts = self.counts.undecodable
        counts[exporter if exporter in counts or len(counts) < MOST_NAMED else bytes(16)] += sets
