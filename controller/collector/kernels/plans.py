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
OPS_A_TEMPLATE, MOST_RATES = 20, 1_000_000  # so many for each template that the store may have, or all is forgotten too
K0, K1, K2, K3, PLAN, SESSION, SINCE_MS, GIVEN_UP = range(8)
EMPTY, FORGOTTEN, HOPELESS = 0, -1, -2  # in PLAN; a plan's number + 1 otherwise
VERSION, DOMAIN, EXPORT_MS, UPTIME_MS, STARTED_MS, RATES, RATE_COUNT, RATE = range(8)  # of `origin`, as kernels get it
STARTED, OF_RATES, RATES_COUNT, RATE_OF_ALL = range(4)  # of a session
IPFIX = 10
# A plan has ops, and a head: first op, ops, octets of the shortest record; and if every record is of one size, that size
# (else 0), the weighed slots it has, how many ops go straight to a column, how many to a weighed slot, and what the former
# make known.
HEAD = 8


def signed(value: int) -> int:
    """64 bits as int64 holds them."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


class Plans:
    """Arrays for the kernel, kept in step with a store. Belongs to one decoder."""

    def __init__(self, store: TemplateStore) -> None:
        self._store = store
        store.forget, store.forget_session = self.forget, self.forget_session
        self.resets = 0
        self._clear(SMALL)

    def know(self, exporter: NDArray[np.int64], origin: Origin, number: int, template: Template | None) -> None:
        """Remember which plan a data set of this sender has; None = none, and it is not worth asking for a while."""
        if 2 * self._entries >= len(self.table):
            self._clear(2 * len(self.table) if len(self.table) < MOST else SMALL)
        elif self._used_ops > OPS_A_TEMPLATE * self._store.limits.templates or self._used_rates > MOST_RATES:
            self._clear(len(self.table))
        key = (*origin.session, number)
        plan = HOPELESS if template is None else self._plan(template) + 1
        since = (self._store.hopeless_since if template is None else self._store.learned_ms)(origin, number)
        k2 = key_of(origin.session[1], origin.session[2], number)
        place = find(self.table, exporter[0], exporter[1], k2, origin.port)
        self._entries += int(self.table[place, PLAN] == EMPTY)
        self.table[place] = (*exporter, k2, origin.port, plan, self._session(origin.session), since, 0)
        self._places.setdefault(key, set()).add(int(place))

    def forget(self, key: Key) -> None:
        """A template is new, gone, or no longer the newest."""
        for place in self._places.pop(key, ()):
            self.table[place, PLAN] = FORGOTTEN

    def forget_session(self, session: Session) -> None:
        """A sampling rate or a start time is new."""
        number = self._session_numbers.get(session)
        if number is not None:
            self._fill(number, session)

    def tell_given_up(self) -> None:
        """Tell the store, by exporter, of the data sets that the kernel did not read for want of a template."""
        for place in np.flatnonzero(self.table[:, GIVEN_UP]).tolist():
            self._store.give_up(self.table[place, :2].tobytes(), int(self.table[place, GIVEN_UP]))
            self.table[place, GIVEN_UP] = 0

    def _clear(self, size: int) -> None:
        if hasattr(self, "table"):
            self.tell_given_up()
            self.resets += 1
        self.table = np.zeros((size, 8), dtype=np.int64)
        self._entries = 0
        self._places: dict[Key, set[int]] = {}
        self._numbers: dict[Template, int] = {}
        self.heads = np.zeros((64, HEAD), dtype=np.int64)
        self.ops = np.zeros((1024, 4), dtype=np.int64)
        self._used_ops = 0
        self._session_numbers: dict[Session, int] = {}
        self.sessions = np.zeros((64, 4), dtype=np.int64)
        self.rates = np.zeros((64, 2), dtype=np.int64)
        self._used_rates = 0

    def _plan(self, template: Template) -> int:
        number = self._numbers.get(template)
        if number is None:
            number = self._numbers[template] = len(self._numbers)
            ops, fixed = steps(template)
            self.ops = _grown(self.ops, self._used_ops + len(ops))
            if ops:  # a template may hold nothing that matters
                self.ops[self._used_ops : self._used_ops + len(ops)] = ops
            self.heads = _grown(self.heads, number + 1)
            self.heads[number] = self._used_ops, len(ops), template.shortest, *fixed
            self._used_ops += len(ops)
        return number

    def _session(self, session: Session) -> int:
        number = self._session_numbers.get(session)
        if number is None:
            number = self._session_numbers[session] = len(self._session_numbers)
            self.sessions = _grown(self.sessions, number + 1)
            self._fill(number, session)
        return number

    def _fill(self, number: int, session: Session) -> None:
        about = self._store.about(session)
        named = [(signed(key), rate & 0xFFFF_FFFF) for key, rate in about.rates.items() if key is not None]
        first = int(self.sessions[number, OF_RATES])
        if len(named) != self.sessions[number, RATES_COUNT]:  # their old place is lost until the next clearing
            first, self._used_rates = self._used_rates, self._used_rates + len(named)
            self.rates = _grown(self.rates, self._used_rates)
        if named:
            self.rates[first : first + len(named)] = named
        whole = about.rates.get(None)
        started = -1 if about.started_ms is None else min(about.started_ms, 1 << 62)
        self.sessions[number] = started, first, len(named), -1 if whole is None else whole & 0xFFFF_FFFF


Step = tuple[int, int, int, int]
VARYING = (0, 0, 0, 0, 0)


def steps(template: Template) -> tuple[list[Step], tuple[int, ...]]:
    """What to read of a record, and the rest of its plan's head.

    Of records that are all of one size: (place, shift, column, mask) for numbers that go to a column, then (place, shift, slot,
    mask) for those that are weighed, then (place, length, slot, 0) for those whose place is kept. Else (octets to skip, length,
    slot, 0) for each field that matters or whose length is in the record; then the tail is skipped too.
    """
    if all(field.length != VARIABLE for field in template.fields):
        return _fixed(template)
    found: list[Step] = []
    skip = 0
    for field in template.fields:
        slot = SLOT_OF.get((field.enterprise, field.element), -1)
        if field.length != VARIABLE and (slot < 0 or field.length == 0):
            skip += field.length
        else:
            found.append((skip, field.length, slot, 0))
            skip = 0
    return [*found, (skip, 0, -1, 0)] if skip else found, VARYING


def _fixed(template: Template) -> tuple[list[Step], tuple[int, ...]]:
    direct, weighed, placed = list[Step](), list[Step](), list[Step]()
    place = slots = known = 0
    for field in template.fields:
        slot, octets = SLOT_OF.get((field.enterprise, field.element), -1), min(field.length, 8)
        shift, mask = 64 - 8 * octets, -1 if octets == 8 else (1 << 8 * octets) - 1
        if slot >= PLACED and octets:
            placed.append((place, field.length, slot, 0))
        elif slot >= DIRECT and octets:
            weighed.append((place, shift, slot, mask))
        elif slot >= 0 and octets:
            direct.append((place, shift, COLUMN[slot], mask & MASK[slot]))
            known |= BIT[slot]
        slots |= 1 << slot if slot >= DIRECT and octets else 0
        place += field.length
    return [*direct, *weighed, *placed], (template.shortest, slots, len(direct), len(weighed), known)


def _grown(array: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    if rows <= len(array):
        return array
    larger = np.zeros((max(rows, 2 * len(array)), array.shape[1]), dtype=np.int64)
    larger[: len(array)] = array
    return larger


@kernel
def key_of(version: int, domain: int, number: int) -> int:
    """Version, domain and template id in one word."""
    return (int(version == IPFIX) << 48) | (domain << 16) | number


@kernel
def find(table: Any, k0: int, k1: int, k2: int, k3: int) -> int:
    """The place of a key, or the free place where it would go. The table is never more than half full."""
    last = len(table) - 1
    place = (k0 * 31 + k1) * 0x1E37_79B9_7F4A_7C15 + k2 * 0x3C6E_F372_FE94_F82B + k3 * 0x2545_F491_4F6C_DD1D
    place = (place ^ (place >> 29)) & last
    while table[place, PLAN] != EMPTY:
        same = table[place, K0] == k0 and table[place, K1] == k1
        if same and table[place, K2] == k2 and table[place, K3] == k3:
            return place
        place = (place + 1) & last
    return place
