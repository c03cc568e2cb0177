"""Which number is the port? Interface numbers of rows made ifIndexes, and marked where that is proven.

Exporters fill the same field with an ifIndex, a bridge or OpenFlow port, a number of their own, or nothing, and some name the
port only in the data source. A setting says which, or the switch's own tables do: the port where a row's source MAC (or the
MAC of its source address) is learned is where the row came in. What is not proven is left as it came, and not believed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from detectors.flow import NO_INTERFACE, Direction, FlowBatch, Has, InterfaceFormat, Version

from . import heads as h
from .portbook import PortBook

RuleOf = Callable[[bytes, int], "Does"]  # address of a device, the kind of heads.head -> what to do
SEEN, IF, BRIDGE, LOW, HIGH = range(5)  # of the votes of a stream: rows looked at, that agree, least and greatest port
ENOUGH, AGREE, RIVAL, NEVER = 20, 0.98, 0.9, 0.05
LOOK_AT, FADE = 256, 2000  # rows of a batch that vote, and votes after which old ones count half
PROVEN, REWRITTEN = np.uint64(Has.PORT_PROVEN), np.uint64(Has.PORT_PROVEN | Has.PORT_REWRITTEN)
NOWHERE = np.uint64(~int(Has.IN_IF | Has.OUT_IF) & (1 << 64) - 1)
UNKNOWN_SWITCH = np.uint64(0xFFFF_FFFF)


class Does(IntEnum):
    """What is done with the numbers of a stream. FIND_OUT: nothing until its rows have voted."""

    FIND_OUT = 0
    IS_IFINDEX = 1
    IS_BRIDGE_PORT = 2
    IN_DATA_SOURCE = 3
    MEANS_NOTHING = 4
    IS_BOTH = 5  # ifIndex and bridge port were the same in all that was seen: proven where they are


class InterfaceNumbers:
    """Rewrites the columns of a batch in place. Belongs to the decoding thread; `book` may be replaced from any.

    Counts: rows marked as proven, rows rewritten, rows whose number is no port of the switch.
    """

    def __init__(self, rule_of: RuleOf) -> None:
        self._rule_of = rule_of
        self.book: PortBook | None = None
        self.proven = self.rewritten = self.no_port = 0
        self.begin()

    def begin(self) -> None:
        """Streams were numbered anew."""
        self.does = np.zeros(0, dtype=np.int8)
        self._told = np.zeros(0, dtype=np.int8)
        self._votes = np.zeros((0, 5), dtype=np.int64)
        self._numbers = np.zeros(0, dtype=np.uint64)
        self._numbered_by: PortBook | None = None

    def __call__(
        self,
        batch: FlowBatch,
        stream: NDArray[np.int32],
        device: NDArray[np.int32],
        names: tuple[list[bytes], NDArray[np.int64]],
    ) -> None:
        """`stream` of each row (-1: not known), `device` of each stream; `names`: address of each device, kind of each stream."""
        addresses, kinds = names
        self._grow(device, addresses, kinds)
        book = self.book
        if book is None and not self.does.any():
            return
        switches = self._switches(book, addresses)
        if book is not None:
            rows = np.arange(0, len(batch), max(len(batch) // LOOK_AT, 1))
            rows = rows[stream[rows] >= 0]
            self._vote(book, batch, rows, stream[rows], switches[device[stream[rows]]])
        done = self._done(stream, kinds)
        for what in () if done is None else np.unique(done[done > 0]).tolist():
            rows = np.flatnonzero((done == what) & batch.carries(Has.IN_IF))
            self._apply(Does(what), book, batch, rows, switches[device[stream[rows]]])
        if book is not None:
            self._by_data_source(book, batch, stream, (done, switches, device))

    def _done(self, stream: NDArray[np.int32], kinds: NDArray[np.int64]) -> NDArray[np.int8] | None:
        """What is done to each row; None: nothing to any. sFlow is taken as ifIndexes anyway: nothing is done to it for being
        found to be so."""
        is_fine = (self.does == Does.IS_IFINDEX) | (self.does == Does.IS_BOTH)
        does = np.where((kinds == h.SFLOW) & is_fine, np.int8(0), self.does)
        return np.where(stream >= 0, does[stream], np.int8(0)) if does.any() else None

    def _by_data_source(
        self,
        book: PortBook,
        batch: FlowBatch,
        stream: NDArray[np.int32],
        known: tuple[NDArray[np.int8] | None, NDArray[np.uint64], NDArray[np.int32]],
    ) -> None:
        """sFlow agents that leave the input empty and sample in both directions: the source's own port is the data source."""
        done, switches, device = known
        numbers = batch["in_if"]
        rows = np.flatnonzero((numbers == 0) | (numbers == NO_INTERFACE))
        rows = rows[(batch["version"][rows] == Version.SFLOW5) & (stream[rows] >= 0)]
        rows = rows if done is None else rows[done[rows] == 0]
        if not len(rows):
            return
        truth = _truth(book, batch, rows, switches[device[stream[rows]]])
        port = np.where((batch["ds_class"][rows] == 0) & (batch["ds_index"][rows] == truth), truth, 0)
        batch["in_if_format"][rows[port > 0]] = InterfaceFormat.IFINDEX
        self._mark(Does.FIND_OUT, batch, rows, batch["in_if"][rows], port)

    def _switches(self, book: PortBook | None, addresses: list[bytes]) -> NDArray[np.uint64]:
        """The switch of each device, as the book numbers them."""
        if book is not self._numbered_by or len(addresses) != len(self._numbers):
            known = {} if book is None else book.switches
            self._numbers = np.array([known.get(a, int(UNKNOWN_SWITCH)) for a in addresses], dtype=np.uint64)
            self._numbered_by = book
        return self._numbers

    def _grow(self, device: NDArray[np.int32], addresses: list[bytes], kinds: NDArray[np.int64]) -> None:
        first = len(self.does)
        if len(device) == first:
            return
        new = [self._rule_of(addresses[device[n]], int(kinds[n])) for n in range(first, len(device))]
        self._told = np.concatenate([self._told, np.array(new, dtype=np.int8)])
        self.does = np.concatenate([self.does, np.array(new, dtype=np.int8)])
        self._votes = np.concatenate([self._votes, np.zeros((len(new), 5), dtype=np.int64)])
        self._votes[first:, LOW] = np.iinfo(np.int64).max

    def _vote(
        self,
        book: PortBook,
        batch: FlowBatch,
        rows: NDArray[np.int64],
        stream: NDArray[np.int32],
        switch: NDArray[np.uint64],
    ) -> None:
        """Compare the numbers of some rows with where their sources are learned."""
        has, numbers = batch["has"][rows], batch["in_if"][rows]
        asked = (self._told[stream] == Does.FIND_OUT) & (has & np.uint64(Has.IN_IF) > 0) & (numbers != 0)
        asked &= (numbers != NO_INTERFACE) & (batch["in_if_format"][rows] == InterfaceFormat.IFINDEX)
        rows, stream, switch, numbers = rows[asked], stream[asked], switch[asked], numbers[asked]
        truth = _truth(book, batch, rows, switch)
        known = truth > 0
        stream, truth, numbers = stream[known], truth[known], numbers[known]
        votes = self._votes
        np.add.at(votes[:, SEEN], stream, 1)
        np.add.at(votes[:, IF], stream, numbers == truth)
        np.add.at(votes[:, BRIDGE], stream, book.of_bridge_port(switch[known], numbers) == truth)
        np.minimum.at(votes[:, LOW], stream, truth)
        np.maximum.at(votes[:, HIGH], stream, truth)
        for n in sorted(set(stream.tolist())):  # a few rows, of fewer streams
            self.does[n] = verdict(*votes[n].tolist())
            if votes[n, SEEN] > FADE:
                votes[n, : BRIDGE + 1] //= 2

    def _apply(
        self, does: Does, book: PortBook | None, batch: FlowBatch, rows: NDArray[np.int64], switch: NDArray[np.uint64]
    ) -> None:
        """Do it to these rows."""
        if does is Does.MEANS_NOTHING:
            batch["has"][rows] &= NOWHERE
            return
        plain = batch["in_if_format"][rows] == InterfaceFormat.IFINDEX
        plain &= ~(batch.carries(Has.DIRECTION)[rows] & (batch["direction"][rows] == Direction.EGRESS))
        rows, switch = rows[plain], switch[plain]
        numbers = batch["in_if"][rows]
        truth = np.zeros(len(rows), dtype=np.int64) if book is None else _truth(book, batch, rows, switch)
        if does is Does.IN_DATA_SOURCE:
            named = batch.carries(Has.DATA_SOURCE)[rows] & (batch["ds_class"][rows] == 0)
            port = np.where(
                named & (batch["ds_index"][rows] == truth), truth, 0
            )  # either direction: only the source proves it
        elif does is Does.IS_BRIDGE_PORT:
            port = np.zeros(len(rows), dtype=np.int64) if book is None else book.of_bridge_port(switch, numbers)
            self._rewrite_out(book, batch, rows, switch)
        else:
            port = self._as_they_are(does, book, switch, numbers)
        port = np.where((truth > 0) & (port != truth), 0, port)
        self._mark(does, batch, rows, numbers, port)

    @staticmethod
    def _as_they_are(
        does: Does, book: PortBook | None, switch: NDArray[np.uint64], numbers: NDArray[np.uint32]
    ) -> NDArray[np.int64]:
        port = np.where(numbers == NO_INTERFACE, 0, numbers).astype(np.int64)
        if book is not None:
            port = np.where((switch != UNKNOWN_SWITCH) & ~book.is_port(switch, numbers), 0, port)
        if does is Does.IS_BOTH:
            same = np.zeros(len(port)) if book is None else book.of_bridge_port(switch, numbers)
            port = np.where(same == port, port, 0)
        return port

    def _mark(
        self,
        does: Does,
        batch: FlowBatch,
        rows: NDArray[np.int64],
        numbers: NDArray[np.uint32],
        port: NDArray[np.int64],
    ) -> None:
        """Rows with a proven port get it; a number that is known to be something else, and is no port, is taken away."""
        fine = port > 0
        changed = fine & (port != numbers)
        batch["in_if"][rows[changed]] = port[changed]
        batch["has"][rows[fine]] |= PROVEN
        batch["has"][rows[changed]] |= REWRITTEN
        self.proven += int(fine.sum())
        self.rewritten += int(changed.sum())
        if does in (Does.IS_BRIDGE_PORT, Does.IN_DATA_SOURCE):
            lost = rows[~fine]
            batch["has"][lost] &= np.uint64(~int(Has.IN_IF) & (1 << 64) - 1)
            self.no_port += len(lost)

    @staticmethod
    def _rewrite_out(
        book: PortBook | None, batch: FlowBatch, rows: NDArray[np.int64], switch: NDArray[np.uint64]
    ) -> None:
        plain = batch["out_if_format"][rows] == InterfaceFormat.IFINDEX
        rows, switch = rows[plain], switch[plain]
        port = (
            np.zeros(len(rows), dtype=np.int64) if book is None else book.of_bridge_port(switch, batch["out_if"][rows])
        )
        batch["out_if"][rows] = port
        batch["has"][rows[port == 0]] &= np.uint64(~int(Has.OUT_IF) & (1 << 64) - 1)


def verdict(seen: int, as_ifindex: int, as_bridge_port: int, low: int, high: int) -> Does:
    """What the votes of a stream say. Sources on two ports at least: on one alone any number may be right by chance."""
    if seen < ENOUGH or low == high:
        return Does.FIND_OUT
    if as_ifindex >= AGREE * seen:
        return Does.IS_BOTH if as_bridge_port >= RIVAL * seen else Does.IS_IFINDEX
    if as_bridge_port >= AGREE * seen and as_ifindex < RIVAL * seen:
        return Does.IS_BRIDGE_PORT
    if as_ifindex <= NEVER * seen and as_bridge_port <= NEVER * seen:
        return Does.MEANS_NOTHING
    return Does.FIND_OUT


def _truth(book: PortBook, batch: FlowBatch, rows: NDArray[np.int64], switch: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where the source of each row is learned on its switch; 0 = not known there."""
    by_mac = np.where(batch.carries(Has.SRC_MAC)[rows], book.of_mac(switch, batch["src_mac"][rows]), 0)
    by_address = book.of_address(switch, batch["src_addr"][rows])
    return np.where(batch.carries(Has.SRC_MAC)[rows], by_mac, by_address)
