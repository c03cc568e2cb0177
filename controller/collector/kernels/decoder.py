"""The fast decoder: sFlow v5 and NetFlow v5 by kernels, everything else by the reference; rows in the order of their
datagrams either way. Same interface, same answers as the reference: a test compares them on real and mutated datagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from controller.collector.datagram import Datagram, Decoded, Decoder, Notice
from detectors.flow import FlowBatch, concatenate

from . import netflow5, sflow
from .columns import Scratch

SFLOW5, V5 = b"\x00\x00\x00\x05", b"\x00\x05"
OTHER, IS_SFLOW, IS_V5 = 0, 1, 2
TROUBLE = ("", "truncated", "bad-length", "truncated-sample", "unknown-address-type", "count-beyond-payload")
sflow_datagram, v5_datagram = sflow.datagram, netflow5.datagram


class KernelDecoder:
    """`rest` decodes what has no kernel. Compiled code is loaded, or made, when this is built: never at a first datagram."""

    def __init__(self, rest: Decoder) -> None:
        self._rest, self._scratch = rest, Scratch()
        self._run([])

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded:
        """A whole batch; never raises for what is in it."""
        kinds = [_kind(datagram.payload) for datagram in datagrams]
        if OTHER not in kinds:
            return self._run(datagrams)
        others = [n for n, kind in enumerate(kinds) if kind == OTHER]
        ours = [n for n, kind in enumerate(kinds) if kind != OTHER]
        slow = self._rest.decode([datagrams[n] for n in others])
        if not ours:
            return slow
        return _merged((self._run([datagrams[n] for n in ours]), ours), (slow, others))

    def _run(self, datagrams: Sequence[Datagram]) -> Decoded:
        payloads = [datagram.payload for datagram in datagrams]
        data = np.frombuffer(b"".join(payloads) or b"\0", dtype=np.uint8)
        ends = np.cumsum([len(payload) for payload in payloads], dtype=np.int64)
        kinds = np.array([_kind(payload) for payload in payloads], dtype=np.uint8)
        scratch = self._scratch
        scratch.ensure(len(data) // sflow.SMALLEST_SAMPLE + 1)
        agents = np.zeros((len(payloads), 16), dtype=np.uint8)
        notices = np.zeros((len(payloads), 2), dtype=np.int32)
        trouble = np.zeros(len(payloads), dtype=np.uint8)
        place = scratch.words, scratch.addresses, scratch.dgram
        rows = _batch(data, ends, kinds, *place, agents, notices, trouble)
        dgram = scratch.dgram[:rows]
        decoded = Decoded(_filled(scratch.batch(rows), dgram, datagrams), dgram.tolist())
        for n in np.flatnonzero(trouble).tolist():
            decoded.trouble[TROUBLE[trouble[n]], datagrams[n].exporter] += 1
        decoded.notices.extend(_notices(notices, agents))
        return decoded


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
        else:
            rows, trouble[d] = v5_datagram(data, at, ends[d], w, a, rows)
        dgram[before:rows] = d
        at = ends[d]
    return rows


def _kind(payload: bytes) -> int:
    if payload[:4] == SFLOW5:
        return IS_SFLOW
    return IS_V5 if payload[:2] == V5 else OTHER


def _filled(batch: FlowBatch, dgram: NDArray[Any], datagrams: Sequence[Datagram]) -> FlowBatch:
    """What is the same for all rows of a datagram: who sent it and when it came; NetFlow's agent is its exporter."""
    if not len(batch):
        return batch
    exporters = np.frombuffer(b"".join(d.exporter for d in datagrams), dtype=np.uint8).reshape(-1, 16)
    batch.columns["exporter"] = exporters[dgram]
    batch.columns["received_ms"] = np.array([d.received_ms for d in datagrams], dtype=np.int64)[dgram]
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


def _merged(*parts: tuple[Decoded, list[int]]) -> Decoded:
    """Parts of a batch back in the order of their datagrams."""
    dgram = np.concatenate([np.array(places, dtype=np.int64)[decoded.dgram] for decoded, places in parts])
    order = np.argsort(dgram, kind="stable")
    whole = Decoded(concatenate(decoded.batch for decoded, _ in parts).take(order), dgram[order].tolist())
    for decoded, places in parts:
        whole.trouble.update(decoded.trouble)
        whole.notices.extend(Notice(n.kind, places[n.dgram], n.agent) for n in decoded.notices)
    whole.notices.sort(key=lambda notice: notice.dgram)
    return whole
