"""The fast decoder: whole batches by kernels; what they stop at is asked of the reference's parts, set by set. Same
interface, same answers as the reference: a test compares them on real and mutated datagrams."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.collector.datagram import Arrivals, Datagram, Decoded, Malformed, Notices, Row, arrivals_of
from controller.collector.flowset.reader import V9, head
from controller.collector.reference import ReferenceDecoder
from detectors.flow import FlowBatch, concatenate, from_rows

from . import batch as b
from .columns import BLOCK, Slabs, block
from .elements import SLOTS
from .plans import Plans
from .rows import AT, CURSOR, DIGEST, GIVEN, LOGGED, NEED, ROWS, SETS, D
from .templates import KnownTemplates

TROUBLE = (
    *("", "truncated", "bad-length", "truncated-sample", "unknown-address-type", "count-beyond-payload"),
    *("unknown-version", "bad-record", "bad-template", "unknown-set"),
)
LEAST_ROWS = 1024
TELL_MS = 1000


class KernelDecoder:
    """`reference` is asked what has no kernel, and keeps the templates. Compiled code is loaded, or made, when this is built:
    never at a first datagram. RuntimeError where it would be wrong."""

    @staticmethod
    def compiled() -> int:
        """How many forms the entry point was compiled in; more than one would mean waiting at some datagram."""
        return len(b.run.signatures)

    def __init__(self, reference: ReferenceDecoder) -> None:
        if sys.byteorder != "little":
            raise RuntimeError("the kernels are written for little-endian machines")
        self._reference = reference
        self._templates = KnownTemplates(reference.flowsets)
        self._plans, self._slabs = Plans(reference.templates), Slabs()
        limits = reference.templates.limits
        self._limits = np.array([limits.template_age_ms, limits.waiting_ms], dtype=np.int64)
        self._memory = (
            *block(),
            np.zeros((SLOTS, BLOCK + 1), dtype=np.int64),
            np.zeros(8, dtype=np.int64),
        )
        self._given = self._tell_ms = 0  # data sets given up that the store was not yet told of, and when it is next
        self._rows_an_octet = 1 / 40  # how much room to make at first; there is more for the asking
        self.decode([])

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded:
        """A whole batch; never raises for what is in it."""
        arrivals = arrivals_of(datagrams)
        run = _Run(arrivals, self._slabs, int(arrivals.octets * self._rows_an_octet))
        plans = self._plans
        while True:
            known = plans.table, plans.plans, plans.sessions, plans.rates, plans.log
            stopped = b.run(run.bulk, known, self._memory, run.out, run.cursor, self._limits)
            if run.cursor[
                LOGGED
            ]:  # before anything else is asked of the store: what it forgets is what was sent longest ago
                plans.tell_again(int(run.cursor[LOGGED]))
                run.cursor[LOGGED] = 0
            if stopped == b.ASK_SET:
                self._ask_set(arrivals, run)
            elif stopped == b.ASK_DATAGRAM:
                self._ask_datagram(arrivals, run)
            elif stopped == b.ASK_ROOM:
                run.more_room()
            else:
                break
        self._given += int(run.cursor[GIVEN])
        if self._given and (not len(arrivals) or arrivals.received_ms[-1] >= self._tell_ms):
            plans.tell()
            self._given, self._tell_ms = 0, int(arrivals.received_ms[-1]) + TELL_MS if len(arrivals) else 0
        decoded = run.decoded(arrivals)
        if len(arrivals):
            seen = len(decoded.batch) / max(arrivals.octets, 1)
            self._rows_an_octet = max(1.25 * seen, 0.9 * self._rows_an_octet)
        return decoded

    def _ask_set(self, arrivals: Arrivals, run: _Run) -> None:
        """A set the kernel cannot read: taken by the reference, or its template made known and the kernel tried again."""
        d, at = int(run.cursor[D]), int(run.cursor[AT])
        start, end = int(arrivals.starts[d]), int(arrivals.ends[d])
        size = int.from_bytes(arrivals.data[at + 2 : at + 4].tobytes(), "big")
        number = int.from_bytes(arrivals.data[at : at + 2].tobytes(), "big")
        exporter = arrivals.exporters[d].tobytes()
        prelude = arrivals.data[start : start + 20].tobytes()
        origin, _, declared = head(Datagram(prelude, exporter, int(arrivals.ports[d]), int(arrivals.received_ms[d])))
        whole = end if origin.session[1] == V9 else min(end, start + declared)
        body = arrivals.data[at + 4 : min(at + size, whole)]  # of a set that is cut off, what there is of it
        rows: list[Row] = []
        flowsets = self._reference.flowsets
        before, unread = flowsets.silent, flowsets.unread
        try:
            if number < 256:
                taken = self._templates.take(origin, number, body.tobytes(), rows)
                found = TROUBLE.index(taken.trouble)
                run.out[-1][d] = found or run.out[-1][d]
                self._plans.told(run.bulk[3][d], origin, (number, int(run.cursor[DIGEST])), (taken.templates, found))
            elif not self._data(origin, number, body, run.bulk[3][d], rows):
                return
        except Malformed as trouble:
            run.out[-1][d] = TROUBLE.index(trouble.kind)
        run.notices[d, 2] += flowsets.unread - unread
        run.notices[d, 3] += flowsets.silent - before
        run.insert(rows)
        run.cursor[AT] = at + size
        run.cursor[SETS] += 1

    def _data(self, origin: Any, number: int, body: NDArray[np.uint8], exporter: Any, rows: list[Row]) -> bool:
        """False: the kernel can read it now."""
        store = self._reference.templates
        template = store.find(origin, number)
        if template is not None and not template.scopes:
            self._plans.know(exporter, origin, number, template)
            return False
        if template is not None:
            self._reference.flowsets.take(origin, number, body.tobytes(), rows)
        else:
            self._reference.flowsets.unread += 1
            if not store.wait(origin, number, body.tobytes()):
                self._plans.know(exporter, origin, number, None)
        return True

    def _ask_datagram(self, arrivals: Arrivals, run: _Run) -> None:
        """One that is left to the reference as a whole."""
        d = int(run.cursor[D])
        slow = self._reference.decode([arrivals[d]])
        run.insert_batch(slow.batch)
        for kind, exporter in slow.trouble:
            assert exporter == arrivals.exporters[d].tobytes()
            run.out[-1][d] = TROUBLE.index(kind)
        run.cursor[D], run.cursor[AT] = d + 1, 0


class _Run:
    """What one batch is decoded into. Rows that do not come from the kernel are put between those that do, in order."""

    def __init__(self, arrivals: Arrivals, slabs: Slabs, rows: int) -> None:
        self._slabs = slabs
        count = len(arrivals)
        # Compiled code is made for one kind of array: a writeable one would be compiled for anew, in the middle of traffic.
        data = arrivals.data.view()
        data.flags.writeable = False
        exporters = np.ascontiguousarray(arrivals.exporters).view(np.int64).reshape(count, 2).view()
        exporters.flags.writeable = False
        self.bulk = (
            *(data, _fixed(arrivals.starts), _fixed(arrivals.ends), exporters),
            *(_fixed(arrivals.ports), _fixed(arrivals.received_ms)),
        )
        self.agents = np.zeros(2 * count, dtype=np.int64)  # two words each
        self.notices = np.zeros(
            (count, 4), dtype=np.int32
        )  # counters, discards; sets not read, records that are no rows
        self.trouble = np.zeros(count, dtype=np.uint8)
        self.cursor = np.zeros(CURSOR, dtype=np.int64)
        self._parts: list[tuple[FlowBatch, NDArray[np.int32]]] = []
        self._room(max(rows, LEAST_ROWS))

    def _room(self, rows: int) -> None:
        self._columns = self._slabs.columns(rows)
        self.cursor[ROWS] = 0
        self.out = self._columns.five, self._columns.dgram, self.agents, self.notices, self.trouble

    def _close_part(self) -> None:
        rows = int(self.cursor[ROWS])
        if rows or not self._parts:
            self._parts.append((self._columns.batch(rows), self._columns.dgram[:rows]))

    def more_room(self) -> None:
        """New columns, twice as long or as long as it takes; what was read stays."""
        self._close_part()
        self._room(max(2 * self._columns.rows, int(self.cursor[NEED])))

    def insert(self, rows: list[Row]) -> None:
        """Rows that the reference read, at this place."""
        if rows:
            self.insert_batch(from_rows(rows))

    def insert_batch(self, batch: FlowBatch) -> None:
        """The same, as columns."""
        self._close_part()
        self._parts.append((batch, np.full(len(batch), self.cursor[D], dtype=np.int32)))
        self._room(self._columns.rows)

    def decoded(self, arrivals: Arrivals) -> Decoded:
        """Everything, when all is read."""
        self._close_part()
        batches, dgrams = zip(*self._parts, strict=True)
        whole = batches[0] if len(batches) == 1 else concatenate(batches)
        dgram = dgrams[0] if len(dgrams) == 1 else np.concatenate(dgrams)
        decoded = Decoded(whole, dgram, Notices(self.notices[:, :2], self.agents.reshape(-1, 2)))
        for n in np.flatnonzero(self.trouble).tolist():
            decoded.trouble[TROUBLE[self.trouble[n]], arrivals.exporters[n].tobytes()] += 1
        unread = (self.notices[:, 2] > 0) | (self.trouble > 0)
        if unread.any() or self.notices[:, 3].any():
            decoded.silent = np.where(unread, np.int32(-1), self.notices[:, 3])
        return decoded


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
