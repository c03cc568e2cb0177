"""Both decoders on the same datagrams: what they say must be the same, and is given as records."""

from typing import Any

import numpy as np

from controller.collector import ReferenceDecoder
from controller.collector.kernels import KernelDecoder
from controller.collector.records import records

from . import datagrams as d


def decode(*payloads: bytes) -> list[dict[str, Any]]:
    """Records of datagrams that came one after the other."""
    found = [d.datagram(payload) for payload in payloads]
    want, got = ReferenceDecoder().decode(found), KernelDecoder(ReferenceDecoder()).decode(found)
    for name, column in want.batch.columns.items():
        np.testing.assert_array_equal(column, got.batch[name], err_msg=name)
    assert want.trouble == got.trouble
    assert want.dgram.tolist() == got.dgram.tolist()
    return list(records(want))


def trouble(*payloads: bytes) -> dict[str, int]:
    """Trouble by kind."""
    decode(*payloads)
    decoded = ReferenceDecoder().decode([d.datagram(payload) for payload in payloads])
    return {kind: number for (kind, _), number in decoded.trouble.items()}
