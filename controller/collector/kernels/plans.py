"""What the flowset kernel knows of the template store: plans of templates, found by who sent a data set, and sessions.

It is a cache: what is not in it is asked of the store, and what changes there is forgotten here. All of it is arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.collector.flowset.store import Key, Origin, Session, TemplateStore
from controller.collector.flowset.template import VARIABLE, Template

from .compiled import kernel
from .elements import BIT, COLUMN, DIRECT, MASK, PLACED, SLOT_OF

SMALL, MOST = 1 << 10, 1 << 19  # places of the table at the start, and at most: then all is forgotten and asked again
# So many for each template that the store may have, and so many rates, or all is forgotten too.
WORDS_A_TEMPLATE, MOST_RATES = 28, 1_000_000
# Of a place. K3 is the source port of data, and of a set of templates a digest of it and of the port. COUNT: data sets not read
# for want of a template since the store was told.
K0, K1, K2, K3, PLAN, SESSION, SINCE_MS, COUNT = range(8)
# In PLAN: where the plan begins + 1; or one of these; or TOLD - trouble, of a set of templates that was taken before.
EMPTY, FORGOTTEN, HOPELESS, TOLD = 0, -1, -2, -16
VERSION, DOMAIN, EXPORT_MS, UPTIME_MS, STARTED_MS, RATES, RATE_COUNT, RATE = range(8)  # of `origin`, as kernels get it
STARTED, OF_RATES, RATES_COUNT, RATE_OF_ALL, EPOCH = range(5)  # of a session; EPOCH changes with every template of it
SESSION_WIDTH, LINE = 8, 8  # words; what is read together lies in one cache line
IPFIX = 10
# A plan is a head and its ops, a word each. The head: ops, octets of the shortest record; and if every record is of one size,
# that size (else 0), the weighed slots it has, how many ops go straight to a column, how many to a weighed slot, and what the
# former make known.
OPS, SHORTEST, SIZE, SLOTS, TO_COLUMN, TO_SLOT, KNOWN = range(7)
HEAD = 8
LOG = 4096  # sets of templates that were sent again, noted until the store is told
LONGEST = 0xFFFF  # octets: a longer record fits no message
EPOCHS = (1 << 30) - 1


def signed(value: int) -> int:
    """64 bits as int64 holds them."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


class Plans:
    """Arrays for the kernel, kept in step with a store. Belongs to one decoder."""

    table: NDArray[np.int64]
    _places: dict[Key, set[int]]
    _told: dict[int, tuple[Session, int, tuple[int, ...]]]  # by place: session, source port, ids of a set of templates

    def __init__(self, store: TemplateStore) -> None:
        self._store = store
        store.forget, store.forget_session = self.forget, self.forget_session
        self.log = np.zeros((LOG, 2), dtype=np.int64)  # place and time of sets of templates that were sent again
        self.resets = 0
        self._clear(SMALL)

    def know(self, exporter: NDArray[np.int64], origin: Origin, number: int, template: Template | None) -> None:
        """Remember which plan a data set of this sender has; None = none, and it is not worth asking for a while."""
        self._make_room()
        plan = HOPELESS if template is None else self._plan(template) + 1
        since = (self._store.hopeless_since if template is None else self._store.learned_ms)(origin, number)
        place = self._keep(exporter, origin, (number, origin.port), (plan, self._session(origin.session), since))
        self._places.setdefault((*origin.session, number), set()).add(place)

    def told(
        self, exporter: NDArray[np.int64], origin: Origin, digest: tuple[int, int], said: tuple[tuple[int, ...], int]
    ) -> None:
        """Remember a set of templates that the store has taken. `digest` = set id and digest, `said` = ids of the templates and
        trouble in it. It need not be read again until a template of its session changes; unless the store did not keep them."""
        if not self._store.keeps(origin, said[0]):
            return
        self._make_room()
        session = self._session(origin.session)
        sign = session | int(self.sessions[session, EPOCH]) << 32
        place = self._keep(exporter, origin, digest, (TOLD - said[1], sign, origin.received_ms))
        self._told[place] = origin.session, origin.port, said[0]

    def tell_again(self, count: int) -> None:
        """Tell the store of the sets that the kernel found sent again, in their order."""
        for place, received_ms in self.log[:count].tolist():
            session, port, numbers = self._told[place]
            self._store.again(Origin(session, port, received_ms, 0, 0), numbers)

    def _keep(
        self, exporter: NDArray[np.int64], origin: Origin, key: tuple[int, int], what: tuple[int, int, int]
    ) -> int:
        k2 = key_of(origin.session[1], origin.session[2], key[0])
        place = int(find(self.table, exporter[0], exporter[1], k2, key[1]))
        self._entries += int(self.table[place, PLAN] == EMPTY)
        self.table[place] = (*exporter, k2, key[1], *what, self.table[place, COUNT])
        return place

    def forget(self, key: Key) -> None:
        """A template is new, gone, or no longer the newest."""
        for place in self._places.pop(key, ()):
            self.table[place, PLAN] = FORGOTTEN
        session = self._session_numbers.get(key[:3])
        if session is not None:
            self.sessions[session, EPOCH] = (self.sessions[session, EPOCH] + 1) & EPOCHS

    def forget_session(self, session: Session) -> None:
        """A sampling rate or a start time is new."""
        number = self._session_numbers.get(session)
        if number is not None:
            self._fill(number, session)

    def tell(self) -> None:
        """Tell the store, by exporter, of the data sets that the kernel did not read for want of a template."""
        for place in np.flatnonzero(self.table[:, COUNT]).tolist():
            self._store.give_up(self.table[place, :2].tobytes(), int(self.table[place, COUNT]))
            self.table[place, COUNT] = 0

    def _make_room(self) -> None:
        if 2 * self._entries >= len(self.table):
            if len(self.table) < MOST:
                self._grow()
            else:
                self._clear(SMALL)
        elif self._used > WORDS_A_TEMPLATE * self._store.limits.templates or self._used_rates > MOST_RATES:
            self._clear(len(self.table))

    def _grow(self) -> None:
        """A table twice as large, or as large if much of this one is forgotten; what is known stays."""
        before = self.table
        known = np.flatnonzero((before[:, PLAN] != EMPTY) & (before[:, PLAN] != FORGOTTEN)).tolist()
        self.tell()
        self.table = np.zeros((2 * len(before) if 4 * len(known) > len(before) else len(before), 8), dtype=np.int64)
        moved = dict[int, int]()
        for place in known:
            moved[place] = int(find(self.table, *before[place, : K3 + 1]))
            self.table[moved[place]] = before[place]
        kept = {key: {moved[place] for place in places if place in moved} for key, places in self._places.items()}
        self._places, self._entries = {key: places for key, places in kept.items() if places}, len(known)
        self._told = {moved[place]: what for place, what in self._told.items() if place in moved}

    def _clear(self, size: int) -> None:
        if hasattr(self, "table"):
            self.tell()
            self.resets += 1
        self.table = np.zeros((size, 8), dtype=np.int64)
        self._entries = 0
        self._places, self._told = {}, {}
        self._numbers: dict[Template, int] = {}
        self.plans = np.zeros(1024, dtype=np.int64)
        self._used = 0
        self._session_numbers: dict[Session, int] = {}
        self.sessions = np.zeros((64, SESSION_WIDTH), dtype=np.int64)
        self.rates = np.zeros((64, 2), dtype=np.int64)
        self._used_rates = 0

    def _plan(self, template: Template) -> int:
        place = self._numbers.get(template)
        if place is None:
            place = self._numbers[template] = self._used
            words = plan(template)
            self._used += -(-len(words) // LINE) * LINE
            self.plans = _grown(self.plans, self._used)
            self.plans[place : place + len(words)] = words
        return place

    def _session(self, session: Session) -> int:
        number = self._session_numbers.get(session)
        if number is None:
            number = self._session_numbers[session] = len(self._session_numbers)
            self.sessions = _grown(self.sessions, number + 1)
            self._fill(number, session)
        return number

    def _fill(self, number: int, session: Session) -> None:
        about = self._store.known_of(session)
        named = [(signed(key), rate & 0xFFFF_FFFF) for key, rate in about.rates.items() if key is not None]
        first = int(self.sessions[number, OF_RATES])
        if len(named) != self.sessions[number, RATES_COUNT]:  # their old place is lost until the next clearing
            first, self._used_rates = self._used_rates, self._used_rates + len(named)
            self.rates = _grown(self.rates, self._used_rates)
        if named:
            self.rates[first : first + len(named)] = named
        whole = about.rates.get(None)
        started = -1 if about.started_ms is None else min(about.started_ms, 1 << 62)
        self.sessions[number, :EPOCH] = started, first, len(named), -1 if whole is None else whole & 0xFFFF_FFFF


def op(place: int, length: int, slot: int, bits: int = 1) -> int:
    """Where a field is, how long or how far to shift it, where it goes and how many bits of it: 16, 16, 16 and 7 bits, for a plan
    is read by each datagram and those of thousands of exporters are in no cache."""
    return place | length << 16 | slot << 32 | (bits - 1) << 48


def plan(template: Template) -> list[int]:
    """What to read of a record: the words of a plan.

    Of records that are all of one size: (place, shift, column, bits) for numbers that go to a column, then (place, shift, slot,
    bits) for those that are weighed, then (place, length, slot) for those whose place is kept. Else (octets to skip, length,
    slot + 1 or 0 for none) for each field that matters or whose length is in the record; then the tail is skipped too.
    """
    if template.shortest > LONGEST:
        return [0, template.shortest, 0, 0, 0, 0, 0, 0]
    if all(field.length != VARIABLE for field in template.fields):
        return _fixed(template)
    ops: list[int] = []
    skip = 0
    for field in template.fields:
        slot = SLOT_OF.get((field.enterprise, field.element), -1)
        if field.length != VARIABLE and (slot < 0 or field.length == 0):
            skip += field.length
        else:
            ops.append(op(skip, field.length, slot + 1))
            skip = 0
    ops += [op(skip, 0, 0)] if skip else []
    return [len(ops), template.shortest, 0, 0, 0, 0, 0, 0, *ops]


def _fixed(template: Template) -> list[int]:
    direct, weighed, placed = list[int](), list[int](), list[int]()
    place = slots = known = 0
    for field in template.fields:
        slot, octets = SLOT_OF.get((field.enterprise, field.element), -1), min(field.length, 8)
        if slot >= PLACED and octets:
            placed.append(op(place, field.length, slot))
        elif slot >= DIRECT and octets:
            weighed.append(op(place, 64 - 8 * octets, slot, 8 * octets))
        elif slot >= 0 and octets:
            direct.append(op(place, 64 - 8 * octets, COLUMN[slot], min(8 * octets, MASK[slot].bit_length())))
            known |= BIT[slot]
        slots |= 1 << slot if slot >= DIRECT and octets else 0
        place += field.length
    ops, size = [*direct, *weighed, *placed], template.shortest
    return [len(ops), size, size, slots, len(direct), len(weighed), known, 0, *ops]


def _grown(array: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    if rows <= len(array):
        return array
    larger = np.zeros((max(rows, 2 * len(array)), *array.shape[1:]), dtype=np.int64)
    larger[: len(array)] = array
    return larger


@kernel
def key_of(version: int, domain: int, number: int) -> int:
    """Version, domain and template id in one word."""
    return (int(version == IPFIX) << 48) | (domain << 16) | number


@kernel
def slot_of(last: int, k0: int, k1: int, k2: int, k3: int) -> int:
    """Where a key is looked for first, in a table whose last place is `last`."""
    place = (k0 * 31 + k1) * 0x1E37_79B9_7F4A_7C15 + k2 * 0x3C6E_F372_FE94_F82B + k3 * 0x2545_F491_4F6C_DD1D
    return int((place ^ (place >> 29)) & last)


@kernel
def find(table: Any, k0: int, k1: int, k2: int, k3: int) -> int:
    """The place of a key, or the free place where it would go. The table is never more than half full."""
    last = len(table) - 1
    place = slot_of(last, k0, k1, k2, k3)
    while table[place, PLAN] != EMPTY:
        same = table[place, K0] == k0 and table[place, K1] == k1
        if same and table[place, K2] == k2 and table[place, K3] == k3:
            return int(place)
        place = (place + 1) & last
    return int(place)
