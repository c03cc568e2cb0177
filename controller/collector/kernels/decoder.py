"""The fast decoder: sFlow v5 and NetFlow v5 by kernels, everything else by the reference; rows in the order of their
datagrams either way. Same interface, same answers as the reference: a test compares them on real and mutated datagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from controller.collector.datagram import Arrivals, Datagram, Decoded, Decoder, Notice, arrivals_of
from detectors.flow import FlowBatch, concatenate

from . import netflow5, sflow
from .columns import Scratch
from .octets import u16, u32

OTHER, IS_SFLOW, IS_V5 = 0, 1, 2
TROUBLE = ("", "truncated", "bad-length", "truncated-sample", "unknown-address-type", "count-beyond-payload")
sflow_datagram, v5_datagram = sflow.datagram, netflow5.datagram


class KernelDecoder:
    """`rest` decodes what has no kernel. Compiled code is loaded, or made, when this is built: never at a first datagram."""

    @staticmethod
    def compiled() -> int:
        """How many forms the entry points were compiled in; more than one each would mean waiting at some datagram."""
        return len(_batch.signatures) + len(classify.signatures)

    def __init__(self, rest: Decoder) -> None:
        self._rest, self._scratch = rest, Scratch()
        self.decode([])

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded:
        """A whole batch; never raises for what is in it."""
        arrivals = arrivals_of(datagrams)
        # Compiled code is made for one kind of array: a writeable one would be compiled for anew, in the middle of traffic.
        data = arrivals.data.view()
        data.flags.writeable = False
        kinds = np.zeros(len(arrivals), dtype=np.uint8)
        classify(data, arrivals.ends, kinds)
        fast = self._run(arrivals, data, kinds)
        others = np.flatnonzero(kinds == OTHER).tolist()
        if not others:
            return fast
        slow = self._rest.decode([arrivals[n] for n in others])
        return _merged(fast, slow, others)

    def _run(self, arrivals: Arrivals, data: NDArray[Any], kinds: NDArray[Any]) -> Decoded:
        count, scratch = len(arrivals), self._scratch
        scratch.ensure(len(data) // sflow.SMALLEST_SAMPLE + 1)
        agents = np.zeros((count, 16), dtype=np.uint8)
        notices = np.zeros((count, 2), dtype=np.int32)
        trouble = np.zeros(count, dtype=np.uint8)
        place = scratch.words, scratch.addresses, scratch.dgram
        rows = _batch(data, arrivals.ends, kinds, *place, agents, notices, trouble)
        dgram = scratch.dgram[:rows]
        decoded = Decoded(_filled(scratch.batch(rows), dgram, arrivals), dgram.tolist())
        for n in np.flatnonzero(trouble).tolist():
            decoded.trouble[TROUBLE[trouble[n]], arrivals.exporters[n].tobytes()] += 1
        decoded.notices.extend(_notices(notices, agents))
        return decoded


@njit(cache=True, nogil=True)
def classify(data: Any, ends: Any, kinds: Any) -> None:
    """The protocol of each datagram, by its first octets and never by its port."""
    at = 0
    for d in range(len(ends)):
        size = ends[d] - at
        if size >= 4 and u32(data, at) == 5:
            kinds[d] = IS_SFLOW
        elif size >= 2 and u16(data, at) == 5:
            kinds[d] = IS_V5
        else:
            kinds[d] = OTHER
        at = ends[d]


@njit(cache=True, nogil=True)
def _batch(
    data: Any, ends: Any, kinds: Any, w: Any, a: Any, dgram: Any, agents: Any, notices: Any, trouble: Any
) -> int:
    """Every datagram of the buffer; gives the number of rows. The receive thread runs on meanwhile (nogil)."""
    rows, at = 0, 0
    for d in range(len(ends)):
        before = rows
        if kinds[d] == IS_SFLOW:
            rows, trouble[d] = sflow_datagram(data, at, ends[d], w, a, rows, agents, notices, d)
        elif kinds[d] == IS_V5:
            rows, trouble[d] = v5_datagram(data, at, ends[d], w, a, rows)
        dgram[before:rows] = d
        at = ends[d]
    return rows


def _filled(batch: FlowBatch, dgram: NDArray[Any], arrivals: Arrivals) -> FlowBatch:
    """What is the same for all rows of a datagram: who sent it and when it came; NetFlow's agent is its exporter."""
    batch.columns["exporter"] = arrivals.exporters[dgram]
    batch.columns["received_ms"] = arrivals.received_ms[dgram]
    of_netflow = batch["version"] == netflow5.VERSION
    batch.columns["agent"][of_netflow] = batch.columns["exporter"][of_netflow]
    return batch


def _notices(counts: NDArray[Any], agents: NDArray[Any]) -> list[Notice]:
    found = []
    for n in np.flatnonzero(counts.any(axis=1)).tolist():
        agent = agents[n].tobytes()
        for place, kind in enumerate(("counter_sample", "discard_event")):
            found += [Notice(kind, n, agent)] * int(counts[n, place])
    return found


def _merged(fast: Decoded, slow: Decoded, others: list[int]) -> Decoded:
    """Both parts of a batch in the order of their datagrams; `others[n]` is the place of the slow part's datagram n."""
    places = np.array(others, dtype=np.int64)[np.array(slow.dgram, dtype=np.int64)]
    dgram = np.concatenate([np.array(fast.dgram, dtype=np.int64), places])
    order = np.argsort(dgram, kind="stable")
    whole = Decoded(concatenate([fast.batch, slow.batch]).take(order), dgram[order].tolist())
    whole.trouble = fast.trouble + slow.trouble
    whole.notices = fast.notices + [Notice(n.kind, others[n.dgram], n.agent) for n in slow.notices]
    return whole
