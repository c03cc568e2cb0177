"""What /metrics says, and that the page about it says the same."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from controller.core.histogram import Histogram
from controller.runtime import metricdoc
from controller.runtime.metrics import MOST_LABELS, render

ROOT = Path(__file__).parents[3]


@dataclass
class Counts:
    """Some."""

    trouble: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    by_name: dict[str, int] = field(default_factory=dict)
    plain: int = 3


def test_the_page_is_in_step() -> None:
    """docs/metrics.md is what the code gives: `python -m controller.runtime.metricdoc > docs/metrics.md`."""
    assert metricdoc.document() == (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_every_part_is_on_the_page() -> None:
    """Parts that are registered for /metrics are those the page is made of (metricdoc.PARTS)."""
    found: set[str] = set()
    for name in (
        "services.py",
        "detecting.py",
        "collecting.py",
        "learning.py",
        "anomaly.py",
        "policies.py",
        "../containment/engine.py",
    ):
        text = (ROOT / "controller" / "runtime" / name).read_text(encoding="utf-8")
        found |= set(re.findall(r'"(\w+)": lambda:', text)) | set(re.findall(r'counters\["(\w+)"\]', text))
    assert found == {*metricdoc.PARTS, *metricdoc.FAMILIES}


def test_labels_are_bounded() -> None:
    """Forged exporters never make more lines than the bound; what has no line of its own is counted together."""
    counts = Counts()
    for n in range(3 * MOST_LABELS):
        counts.trouble["truncated", n.to_bytes(16, "big")] += 2
        counts.by_name[str(n)] = 1
    lines = [line for line in render({"part": lambda: counts}).splitlines() if not line.startswith("#")]
    assert 2 * (MOST_LABELS + 1) + 1 == len(lines)
    assert f'cordon_part_trouble_total{{exporter="other",kind="truncated"}} {4.0 * MOST_LABELS}' in lines
    assert f'cordon_part_by_name_total{{name="other"}} {2.0 * MOST_LABELS}' in lines


def test_histogram() -> None:
    """Values one by one and many at once give the same."""
    one, many = Histogram((1, 10)), Histogram((1, 10))
    for value in (0.5, 1, 3, 30):
        one.add(value)
    many.add_within([2, 3], 4, 34.5)
    assert (one.counts, one.sum) == (many.counts, many.sum) == ([2, 1, 1], 34.5)
