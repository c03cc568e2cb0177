"""The compiled counting does what its plain twin does; windows end in event time, bounded, in any batches."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.address import packed
from detectors.anomaly import counting
from detectors.anomaly.features import WINDOW_MS
from detectors.anomaly.plain import PlainCounting, mixed
from detectors.anomaly.record import BUCKETS, KNOWN, RECORD
from tests.detectors import flows as f

from . import site

SMALL = st.integers(0, 6)
ROW = st.tuples(
    SMALL, SMALL, st.integers(1, 3), st.integers(0, 70_000), st.booleans(), st.booleans(), st.integers(0, 3)
)
SETS, NUMBERS = (
    ("peers", "heard", "ports"),
    ("rows", "age", "opens", "refused", "admin", "fresh", "packets_out", "bytes_in"),
)


def rows_of(drawn: list[tuple[Any, ...]]) -> tuple[counting.Rows, NDArray[np.uint8]]:
    """Drawn rows as columns, and whose turn it is."""
    hosts = np.array([[(0, a), (0, b)] for a, b, *_ in drawn], dtype=np.uint64).reshape(-1, 2, 2)
    column = [np.array(values) for values in zip(*(row[2:] for row in drawn), strict=True)] or [np.zeros(0)] * 5
    window, port, opens, refuses, turn = column
    one = np.ones(len(drawn), dtype=np.uint64)
    rows = counting.Rows(
        window.astype(np.int64), hosts[:, 0], hosts[:, 1], port.astype(np.int64), opens, refuses, opens, one * 3, one * 100,
        refuses.astype(np.uint64), one,
    )  # fmt: skip
    return rows, turn.astype(np.uint8)


def bits(words: NDArray[np.uint64]) -> set[int]:
    """Members of a bitmap."""
    return {64 * n + bit for n, word in enumerate(words.tolist()) for bit in range(64) if word >> bit & 1}


@settings(deadline=None, max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=80))
def test_compiled_as_plain(drawn: list[tuple[Any, ...]]) -> None:
    """Any rows: the same numbers, the same sets."""
    rows, turn = rows_of(drawn)
    plain = PlainCounting()
    plain.count(rows, turn)
    records, lost = np.zeros(256, dtype=RECORD), np.zeros(2, dtype=np.int64)
    counting.count(rows, turn, records, np.zeros(256, dtype=KNOWN), lost)
    found = {(int(r["window"]), (int(r["hi"]), int(r["lo"]))): r for r in records[records["window"] > 0]}
    assert set(plain.records) == set(found)
    assert [0, 0] == lost.tolist()
    for key, expected in plain.records.items():
        assert {name: expected[name] for name in NUMBERS} == {name: int(found[key][name]) for name in NUMBERS}
        assert {name: expected[name] for name in SETS} == {name: bits(found[key][name]) for name in SETS}
        assert expected["bucket"] == found[key]["bucket"].tolist()


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_the_hash_is_the_same(high: int, low: int) -> None:
    """Every bit of both words counts, in 64-bit arithmetic."""
    assert mixed(high, low) == int(counting.mixed(np.uint64(high), np.uint64(low)))


def test_known_peers_have_two_generations() -> None:
    """A machine with very many peers forgets the oldest, never all at once: no flood of new peers."""
    many = [(0, 1_000 + n % 900, 1 + n // 900, 0, False, False, 1) for n in range(1_800)]
    rows, turn = rows_of(many)
    records = np.zeros(64, dtype=RECORD)
    counting.count(rows, turn, records, np.zeros(64, dtype=KNOWN), np.zeros(2, dtype=np.int64))
    first, second = (int(records[records["window"] == n]["fresh"][0]) for n in (1, 2))
    assert first > 300 > second


def taken(rows: list[f.Row], size: int, every: int = 1) -> list[tuple[int, ...]]:
    """Records of rows in batches of one size."""
    looking = site.watching(every)
    found = []
    for start in range(0, len(rows), size):
        found += looking.take(f.batch_of(rows[start : start + size]))
    found += looking.flush()
    return [tuple(record[n] for n in ("window", "lo", *NUMBERS)) for part in found for record in part]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_batches_change_nothing(size: int) -> None:
    """Windows end by event time, not with the batch."""
    rows = [row for window in (0, 1, 4) for row in site.ordinary(window)[:150]]
    assert taken(rows, 100_000) == taken(rows, size)


def test_a_machine_has_its_turn_once_in_so_many_windows() -> None:
    """And each window has about as many machines."""
    rows = [row for window in range(8) for row in site.ordinary(window)]
    turns = [(window, host) for window, host, *_ in taken(rows, 5_000, every=4)]
    hosts = {host for _, host in turns}
    assert len(site.DESKS) + len(site.SERVERS) == len(hosts)
    assert all(2 == sum(host == other for _, other in turns) for host in hosts)


def test_a_row_that_is_too_late_is_counted_and_left_out() -> None:
    """Two seconds after its window's end nobody waits for it."""
    looking = site.watching()
    early, late = f.tcp(site.BEGIN_MS, 1, 2), f.tcp(site.BEGIN_MS + WINDOW_MS + 2_500, 1, 2)
    list(looking.take(f.batch_of([early, late, early])))
    assert (1, 2) == (looking.counts.late, looking.counts.windows)  # of two machines


def test_outside_machines_and_uplinks_are_not_counted() -> None:
    """Only inside machines have records, and only rows where they entered the network."""
    looking = site.Windows(
        site.Networks(site.INTERNAL), lambda _agent, port: "uplink" if port == 9 else "edge", every=1
    )
    outside = {**f.tcp(site.BEGIN_MS, 1, 2), "dst_addr": packed("203.0.113.9")}
    list(looking.take(f.batch_of([outside, f.tcp(site.BEGIN_MS, 3, 4, in_if=9)])))
    (records,) = looking.flush()
    assert [1] == records["rows"].tolist()


def test_machines_that_find_no_room_are_counted() -> None:
    """Forged addresses cannot fill the memory."""
    looking = site.watching(most=64)
    list(looking.take(f.batch_of([f.tcp(site.BEGIN_MS, n, n + 1) for n in range(1, 500)])))
    assert looking.counts.no_room > 300
    assert sum(len(part) for part in looking.flush()) <= 64


def test_a_record_does_not_grow() -> None:
    """Whatever a machine does: this is the cost of a window, and of what is known of a machine."""
    assert (RECORD.itemsize, KNOWN.itemsize) <= (320, 280)
    assert BUCKETS == RECORD["bucket"].shape[0]
