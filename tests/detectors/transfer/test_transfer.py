"""transfer: much from one to many, against its own past; the right direction; compiled and plain agree."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from controller.runtime.catalog import load_catalog
from controller.runtime.replay import captures_of
from detectors.address import INTERNAL, Networks
from detectors.alert import Response
from detectors.flow import FlowBatch, Has, concatenate
from detectors.notice import Notice, notice_id
from detectors.observers import Learning, transfer
from detectors.transfer.fast import FastPushes
from detectors.transfer.observer import Transfer
from detectors.transfer.plain import PlainPushes
from tests.detectors import flows as f

MINUTE, DAY = 60_000, 86_400_000
T = 8 * DAY  # learning is over
SETTINGS = load_catalog().transfer.pushes


def data(at_ms: int, src: int, dst: int, octets: int = 2_000_000, *, dport: int = 445, **more: int) -> f.Row:
    """What a client sent to a service, in one record."""
    made = f.tcp(at_ms, src, dst, dport=dport, flags=0x18, packets=octets // 1400, bytes=octets, **more)
    return made | {"has": made["has"] | int(Has.BYTES | Has.PACKETS)}


def learned(rows: Iterable[f.Row] = (), **options: object) -> Transfer:
    """One that has learned for its whole time, from these rows among others."""
    to = transfer(load_catalog(), Networks(INTERNAL), Learning(**options), slow=True)  # type: ignore[arg-type]
    assert [] == said(to, [data(0, 900, 901), *rows])
    return to


def said(to: Transfer, rows: Iterable[f.Row], batch: int = 500) -> list[Notice]:
    """Notices of rows."""
    kept = list(rows)
    return [n for at in range(0, len(kept), batch) for n in to.take(f.batch_of(kept[at : at + batch]))]


def copies(at_ms: int, peers: int, src: int = 1, first: int = 10) -> list[f.Row]:
    """A tool to so many machines, one every twenty seconds."""
    return [data(at_ms + n * 20_000, src, first + n) for n in range(peers)]


def test_a_tool_to_many_machines() -> None:
    """The fourth within ten minutes; the machines are named, the technique is lateral tool transfer, nobody acts."""
    (found,) = said(learned(), copies(T, 9))
    assert ("T1570", 4, 4.0, Response.NONE) == (
        found.finding.technique, found.finding.threshold, found.finding.value, found.response
    )  # fmt: skip
    assert tuple(f.ip_of(10 + n) for n in range(4)) == found.finding.targets


def test_slower_than_the_window() -> None:
    """One machine in ten minutes is somebody's work."""
    assert [] == said(learned(), [data(T + n * 11 * MINUTE, 1, 10 + n) for n in range(9)])


def test_little_is_no_copy() -> None:
    """Log-ons and policies of many clients."""
    assert [] == said(learned(), [data(T + n, 1, 10 + n, 60_000) for n in range(30)])


def test_a_file_server_that_is_read_from() -> None:
    """What it sends goes to its clients' ports."""
    rows = [data(T + n * 1000, 1, 10 + n, 50_000_000, sport=445, dport=50_000 + n) for n in range(30)]
    assert [] == said(learned(), rows)


def test_a_backup_that_fetches() -> None:
    """It opens the connections, and the files come to it."""
    rows = [data(T + n * 1000, 10 + n, 1, 500_000_000, sport=445, dport=50_000 + n) for n in range(30)]
    assert [] == said(learned(), rows)


def test_many_clients_of_one_server() -> None:
    """Everybody saves to the file server."""
    assert [] == said(learned(), [data(T + n * 1000, 10 + n, 1) for n in range(30)])


def test_print_jobs_and_images_are_no_tools() -> None:
    """Raw printing, IPP and DICOM are not looked at."""
    rows = [data(T + n * 1000, 1, 10 + n, dport=port) for port in (9100, 631, 515, 104, 11112) for n in range(9)]
    assert [] == said(learned(), rows)


def test_usual_peers_do_not_count() -> None:
    """A server that hands updates to the same machines every day."""
    daily = [row for day in range(4) for row in copies(day * DAY + MINUTE, 3)]
    to = learned(daily)
    assert [] == said(to, [*copies(T, 3), *copies(T + 2 * MINUTE, 3, first=50)])
    assert 1 == len(said(to, copies(T + DAY, 9, first=100)))


def test_a_host_that_always_had_many_needs_more() -> None:
    """Six new ones at a time while it was learned: thirteen afterwards."""
    to = learned(row for day in range(3) for row in copies(day * DAY + MINUTE, 6, first=10 + 10 * day))
    assert [] == said(to, copies(T, 12, first=100))
    (found,) = said(to, copies(T + DAY, 14, first=200))
    assert 13 == found.finding.threshold


def test_declared_backup_servers() -> None:
    """Left alone."""
    to = learned(host_roles={f.packed(f.ip_of(1)): "backup"})
    assert [] == said(to, copies(T, 9))
    assert 9 == to.counts.excepted


def test_samples_are_multiplied_and_must_be_several() -> None:
    """At 1:1024 one packet stands for a megabyte, and proves no copy."""
    one = [data(T + n, 1, 10 + n, 1400, rate=1024) for n in range(9)]
    assert [] == said(learned(), one)
    assert 1 == len(
        said(learned(), [data(T + n * 9 + k, 1, 10 + n, 1400, rate=1024) for n in range(9) for k in range(4)])
    )


def test_the_same_packets_at_another_exporter_count_once() -> None:
    """Half a megabyte seen twice is half a megabyte."""
    rows = [data(T + n, 1, 10 + n, 600_000, in_if=port) for n in range(9) for port in (3, 9)]
    assert [] == said(learned(), rows)


def test_nothing_is_said_while_learning() -> None:
    """And a recording without a baseline says it as low."""
    assert [] == said(learned(), copies(DAY, 9))
    told = Learning(learn_ms=0, report_unlearned=True)
    assert ["low"] == [str(n.severity) for n in said(transfer(load_catalog(), Networks(INTERNAL), told), copies(0, 9))]


def test_what_was_learned_survives_a_restart() -> None:
    """Peers, how many at a time, and when learning began."""
    before = learned(row for day in range(4) for row in copies(day * DAY + MINUTE, 6))
    after = transfer(load_catalog(), Networks(INTERNAL), slow=True)
    after.learn({name: column.copy() for name, column in before.state().items()})
    for to in (before, after):
        assert [] == said(to, [*copies(T, 6), *copies(T + 3 * MINUTE, 6, first=100)])


def test_same_ids_whatever_the_batches_and_a_little_out_of_order() -> None:
    """Twice, in batches of 5, and with one row in a hundred late."""
    rng, rows = np.random.default_rng(5), []
    for n in range(900):
        rows.append(
            data(T + n * 7_000, int(rng.integers(1, 9)), int(rng.integers(10, 250)), int(rng.integers(1, 3)) * 900_000)
        )
    expected = {notice_id(n) for n in said(learned(), rows)}
    assert expected
    assert expected == {notice_id(n) for n in said(learned(), rows, batch=5)}
    late = [row["received_ms"] + (500 if rng.random() < 0.01 else 0) for row in rows]
    assert expected == {notice_id(n) for n in said(learned(), [rows[at] for at in np.argsort(late, kind="stable")])}


def test_compiled_as_plain_on_dice() -> None:
    """Sizes, ports, rates and exporters at random."""
    rng = np.random.default_rng(11)
    rows = [
        data(n * 900, *map(int, rng.integers(1, 8, 2)), int(rng.integers(0, 900_000)), dport=int(rng.choice([445, 22, 80, 3389])),
             sport=int(rng.choice([50_000, 445, 1024, 40])), rate=(1, 64, None)[rng.integers(3)], in_if=int(rng.integers(1, 4)))
        for n in range(6_000)
    ]  # fmt: skip
    assert_same(f.batch_of(rows))


@pytest.mark.parametrize("name", ["lm_snippets", "apt29_day1", "rita_proxy_7h_benign"])
def test_compiled_as_plain_on_labelled_flows(data_dir: Path, name: str) -> None:
    """The same from tables."""
    for batches in captures_of(data_dir / "detect" / f"{name}.csv.gz"):
        assert_same(concatenate(batches))


def assert_same(batch: FlowBatch) -> None:
    """Both tables hand over the same pushes, and count the same."""
    plain, fast = PlainPushes(SETTINGS, Networks(INTERNAL)), FastPushes(SETTINGS, Networks(INTERNAL))
    assert list(plain.take(batch)) == list(fast.take(batch))
    assert plain.counts == fast.counts
