"""The form of a figure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any


def figure(name: str, runs: Sequence[float], unit: str, **more: Any) -> dict[str, Any]:
    """The median of its runs, in the form of every benchmark; null if there was nothing to measure."""
    value = round(statistics.median(runs), 4) if runs else None
    return {"name": name, "value": value, "unit": unit, "runs": [round(run, 4) for run in runs], **more}
