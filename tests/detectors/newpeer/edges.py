"""Small administration by hand: pairs that meet on a service, and the observer with nothing but the shipped thresholds."""

from collections.abc import Iterable
from typing import Any

from controller.runtime.catalog import load_catalog
from detectors.address import INTERNAL, Networks
from detectors.alert import Severity
from detectors.newpeer.observer import NewPeer
from detectors.notice import Notice
from detectors.observers import Learning, newpeer
from tests.detectors import flows as f

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LEARN_MS = 7 * DAY


def observer(**options: Any) -> NewPeer:
    """As the live service has it, with everything shown."""
    told = Learning(**{"show": Severity.INFO, **options})
    return newpeer(load_catalog(), Networks(INTERNAL), told, slow=True)


def notices(to: NewPeer, rows: Iterable[f.Row], *, batch: int = 500) -> list[Notice]:
    """What it says of rows, in order of time."""
    kept = sorted(rows, key=lambda row: row["received_ms"])
    found: list[Notice] = []
    for start in range(0, len(kept), batch):
        found.extend(to.take(f.batch_of(kept[start : start + batch])))
    return found


def learned(rows: Iterable[f.Row] = (), **options: Any) -> NewPeer:
    """One that has learned for its whole time, from these rows among others."""
    to = observer(**options)
    first = f.answered(0, 900, 901, dport=22)
    assert [] == notices(to, [*first, *rows])
    return to


def said(found: Iterable[Notice]) -> list[tuple[str, str, str]]:
    """Sentence, severity and target of each."""
    return [(n.text, str(n.severity), n.finding.targets[0]) for n in found]
