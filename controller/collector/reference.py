"""The reference decoder: a batch of datagrams of any protocol to columns, in plain Python; oracle of any kernel.

The protocol is decided by the first bytes of the payload, never by the UDP port it came in on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detectors.flow import from_rows

from . import netflow5, sflow
from .datagram import Datagram, Decoded, Malformed, Notice, ReadDatagram, Row
from .flowset import FlowsetReader, TemplateStore

READERS: dict[int, ReadDatagram] = {1: netflow5.read_v1, 5: netflow5.read_v5}
SFLOW5 = b"\x00\x00\x00\x05"
TEMPLATED = (9, 10)


class ReferenceDecoder:
    """Decodes sFlow v5, NetFlow v1, v5 and v9, and IPFIX. Keeps templates, so it belongs to one thread."""

    def __init__(self, templates: TemplateStore | None = None) -> None:
        self._flowsets = FlowsetReader(templates)

    @property
    def flowsets(self) -> FlowsetReader:
        """The reader of v9 and IPFIX, for a decoder that reads some of it itself."""
        return self._flowsets

    @property
    def templates(self) -> TemplateStore:
        """What the exporters of v9 and IPFIX have said about themselves."""
        return self._flowsets.store

    def decode(self, datagrams: Sequence[Datagram]) -> Decoded:
        """Every datagram on its own: trouble with one never costs a row of another."""
        rows: list[Row] = []
        decoded, dgram = Decoded(from_rows(()), np.empty(0, dtype=np.int32)), list[int]()
        decoded.notices = notices = list[Notice]()
        flowsets, silent = self._flowsets, np.zeros(len(datagrams), dtype=np.int32)
        for index, datagram in enumerate(datagrams):
            before, unread = flowsets.silent, flowsets.unread
            try:
                self._reader_of(datagram.payload)(datagram, rows, notices, index)
            except Malformed as trouble:
                decoded.trouble[trouble.kind, datagram.exporter] += 1
                unread = -1
            silent[index] = flowsets.silent - before if flowsets.unread == unread else -1
            dgram.extend([index] * (len(rows) - len(dgram)))
        decoded.batch, decoded.dgram = from_rows(rows), np.array(dgram, dtype=np.int32)
        decoded.silent = silent if silent.any() else None
        return decoded

    def _reader_of(self, payload: bytes) -> ReadDatagram:
        if payload[:4] == SFLOW5:
            return sflow.read
        version = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 0
        reader = self._flowsets.read if version in TEMPLATED else READERS.get(version)
        if reader is None:
            raise Malformed("unknown-version")
        return reader
