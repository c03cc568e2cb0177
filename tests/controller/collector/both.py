"""Both decoders on the same datagrams: what they say must be the same, and is given as records."""

from collections import Counter
from typing import Any

import numpy as np

from controller.collector import ReferenceDecoder
from controller.collector.datagram import Decoded
from controller.collector.kernels import KernelDecoder
from controller.collector.records import records

from . import datagrams as d


def decode(*payloads: bytes) -> list[dict[str, Any]]:
    """Records of datagrams that came one after the other."""
    found = [d.datagram(payload) for payload in payloads]
    want, got = ReferenceDecoder().decode(found), KernelDecoder(ReferenceDecoder()).decode(found)
    assert_same(want, got)
    return list(records(want))


def trouble(*payloads: bytes) -> dict[str, int]:
    """Trouble by kind."""
    decode(*payloads)
    decoded = ReferenceDecoder().decode([d.datagram(payload) for payload in payloads])
    return {kind: number for (kind, _), number in decoded.trouble.items()}


def assert_same(want: Decoded, got: Decoded) -> None:
    """Every column, the datagram of each row, the trouble and the notices."""
    assert want.dgram.tolist() == got.dgram.tolist()
    for name, column in want.batch.columns.items():
        np.testing.assert_array_equal(column, got.batch[name], err_msg=name)
        assert column.dtype == got.batch[name].dtype, name
    assert want.trouble == got.trouble
    assert told(want) == told(got)
    assert silent(want) == silent(got)


def silent(decoded: Decoded) -> list[int]:
    """Records of each datagram that gave no row; nothing where there are none."""
    return [] if decoded.silent is None else decoded.silent.tolist()


def told(decoded: Decoded) -> Counter[tuple[str, int, bytes]]:
    """Notices as a multiset."""
    return Counter((n.kind, n.dgram, n.agent) for n in decoded.notices)
