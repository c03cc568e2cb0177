"""A small site: desks that talk to a few servers, window after window, and one that some day does something else."""

import random
from collections.abc import Iterator

import numpy as np

from detectors.address import INTERNAL, Networks
from detectors.anomaly.features import WINDOW_MS
from detectors.anomaly.model import AnomalyModel
from detectors.anomaly.record import RECORD
from detectors.anomaly.train import Clean, train
from detectors.anomaly.windows import Windows
from detectors.flow import FlowBatch
from tests.detectors import flows as f

DESKS, SERVERS = range(1, 16), range(200, 206)
FIRST = f.START_MS // WINDOW_MS + 1  # the first whole window after the tests' time zero
BEGIN_MS = FIRST * WINDOW_MS - f.START_MS


def edge(_agent: bytes, _port: int) -> str:
    """No port is an uplink."""
    return "edge"


def ordinary(window: int, seed: int = 1) -> list[f.Row]:
    """A window of all desks: names, web and files at servers that answer."""
    chance = random.Random(seed * 10_000 + window)
    rows: list[f.Row] = []
    for desk in DESKS:
        for _ in range(chance.randint(12, 30)):
            at_ms = BEGIN_MS + window * WINDOW_MS + chance.randrange(WINDOW_MS - 10)
            server, port = chance.choice(SERVERS), chance.choice((53, 80, 443, 443, 445))
            more = {"bytes": chance.randint(200, 4_000), "packets": chance.randint(2, 9)}
            rows += f.answered(at_ms, desk, server, dport=port, sport=chance.randint(40_000, 60_000), **more)
    return sorted(rows, key=lambda row: row["received_ms"])


def quiet_scan(window: int, host: int = 1, targets: int = 60) -> list[f.Row]:
    """A desk that asks many neighbours for administration, slowly."""
    start, pace = BEGIN_MS + window * WINDOW_MS, WINDOW_MS // (targets + 1)
    return [f.tcp(start + n * pace, host, 20 + n, dport=(22, 3389, 5985)[n % 3]) for n in range(targets)]


def batches(windows: range, seed: int = 1) -> Iterator[FlowBatch]:
    """Ordinary windows, a batch each."""
    return (f.batch_of(ordinary(window, seed)) for window in windows)


def watching(every: int = 1, **options: int) -> Windows:
    """Windows of this site."""
    return Windows(Networks(INTERNAL), edge, every=every, **options)


def trained(windows: range = range(40), every: int = 1) -> AnomalyModel:
    """A model of ordinary windows."""
    looking = watching(every)
    found = [np.zeros(0, dtype=RECORD)]
    for batch in batches(windows):
        found += looking.take(batch)
    return train(Clean(np.concatenate([*found, *looking.flush()]), every))
