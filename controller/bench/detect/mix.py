"""What is fed to the detectors: a hundred thousand hosts at ten in the morning, and a sweep of a /16 by fifty.

The mix is that of the simulated hospital (docs/evaluation.md). Unsampled, with one row for all later packets of a connection, as
a flow cache has it: a quarter of the rows opens, answers or refuses a TCP connection, 38 % are UDP (names, telephony), 15 % ARP,
11 % pings of monitoring, a tenth TCP that goes on; two fifths are seen at uplinks. That is the dear end: nearly every row says
something. Sampled 1:64, each sampled packet is a row of its own, and most are voice, images and web traffic that goes by. One
hospital of 2,500 hosts is copied forty times with other addresses, MACs and switches, so that making rows costs little.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.address import packed
from detectors.flow import FlowBatch, Has, Version, concatenate, empty
from detectors.simulate.hospital import Hospital
from detectors.simulate.kinds import DEVELOPMENT_SEEDS
from detectors.simulate.rhythm import HOUR_MS, START_MS

COPIES_ACROSS, COPIES_DOWN = 5, 8  # second and third octet of the addresses: 8 networks, each below 16 * 256 addresses
COPIES = COPIES_ACROSS * COPIES_DOWN
DAY, HOUR = 1, 10
BASE_ROWS = 500  # of the one hospital in a batch; a batch has forty times as many
SWEEPERS, SWEEP_PER_S, MINUTE_MS = 50, 40, 60_000


class Morning:
    """Batches of one minute after the other."""

    def __init__(self, hosts: int, rate: int = 1) -> None:
        self.hospital = Hospital.of(max(hosts // COPIES, 60), DEVELOPMENT_SEEDS[0])
        rows = concatenate(self.hospital.batches(iter([(DAY, HOUR)]), rate=rate))
        self._base = one_by_one(rows) if rate > 1 else rows
        self._begins_ms = START_MS + (DAY * 24 + HOUR) * HOUR_MS

    def declared(self) -> dict[bytes, str]:
        """Monitoring servers and vulnerability scanners of all forty, declared as in the simulated hospital."""
        found = {}
        for address, role in self.hospital.site.declared().items():
            for copy in range(COPIES):
                moved = bytearray(address)
                moved[13] += 8 * (copy % COPIES_ACROSS)
                moved[14] += 16 * (copy // COPIES_ACROSS)
                found[bytes(moved)] = role
        return found

    def minute(self, number: int) -> Iterator[FlowBatch]:
        """Rows of the minute in order of time, at most 20,000 a batch."""
        at_ms = self._base["received_ms"]
        low, high = np.searchsorted(at_ms, [self._begins_ms + m * MINUTE_MS for m in (number, number + 1)])
        for start in range(int(low), int(high), BASE_ROWS):
            yield copied(self._base.take(np.arange(start, min(start + BASE_ROWS, int(high)))))


def one_by_one(rows: FlowBatch) -> FlowBatch:
    """A row for each sampled packet, as sFlow sends them; those of one connection spread over a minute."""
    count = rows["packets"].astype(np.int64)
    whole = rows.take(np.repeat(np.arange(len(rows)), count))
    many = np.repeat(count, count)
    whole.columns["bytes"] //= many.astype(np.uint64)
    whole.columns["packets"][:] = 1
    spread = np.random.default_rng(len(rows)).integers(0, MINUTE_MS, len(whole))
    whole.columns["received_ms"] += np.where(many > 1, spread, 0)
    return whole.take(np.argsort(whole["received_ms"], kind="stable"))


def copied(base: FlowBatch) -> FlowBatch:
    """Rows of one hospital as those of forty, in order of time."""
    rows = len(base)
    whole = FlowBatch({name: np.concatenate([column] * COPIES) for name, column in base.columns.items()})
    copy = np.repeat(np.arange(COPIES), rows)
    across, down = (8 * (copy % COPIES_ACROSS)).astype(np.uint8), (16 * (copy // COPIES_ACROSS)).astype(np.uint8)
    for name in ("src_addr", "dst_addr", "agent", "exporter"):
        address = whole.columns[name]
        inside = address[:, 12] == 10
        address[inside, 13] += across[inside]
        address[inside, 14] += down[inside]
    for name in ("src_mac", "dst_mac"):
        whole.columns[name] += copy.astype(np.uint64) << np.uint64(24)
    return whole.take(np.argsort(whole["received_ms"], kind="stable"))


def sources(batch: FlowBatch) -> NDArray[Any]:
    """Addresses that sent something, as 32-bit numbers."""
    inside = batch["src_addr"][batch["src_addr"][:, 12] == 10]
    return np.unique(np.ascontiguousarray(inside[:, 12:]).view(">u4"))


def sweep(minute: int, per_s: int = SWEEP_PER_S) -> FlowBatch:
    """One minute in which fifty hosts of one network each send so many SYNs a second to random addresses of a /16."""
    rng, count = np.random.default_rng([7, minute]), SWEEPERS * per_s * 60
    batch = empty(count)
    source = np.arange(count) % SWEEPERS
    target = rng.integers(0, 65_536, count)
    has = Has.IN_IF | Has.ADDRESSES | Has.PROTO | Has.SAMPLING | Has.SRC_MAC | Has.PORTS | Has.TCP_FLAGS
    columns: dict[str, Any] = {
        "has": int(has),
        "version": int(Version.SFLOW5),
        "received_ms": START_MS + minute * MINUTE_MS + np.sort(rng.integers(0, MINUTE_MS, count)),
        "in_if": 1 + source,
        "src_mac": 0x020000000001 + source,
        "sampling_rate": 1,
        "proto": 6,
        "tcp_flags": 2,
        "src_port": 40_000 + rng.integers(0, 20_000, count),
        "dst_port": 445,
    }
    for name, value in columns.items():
        batch.columns[name][...] = value
    for name, text in (
        ("src_addr", "10.50.0.0"),
        ("dst_addr", "10.60.0.0"),
        ("agent", "10.9.0.1"),
        ("exporter", "10.9.0.1"),
    ):
        batch.columns[name][...] = np.frombuffer(packed(text), dtype=np.uint8)
    batch.columns["src_addr"][:, 15] = 10 + source
    batch.columns["dst_addr"][:, 14], batch.columns["dst_addr"][:, 15] = target >> 8, target & 0xFF
    return batch
