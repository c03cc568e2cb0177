"""The endpoints' scores as columns, so that they can be kept across restarts.

A worker that begins anew reads flows of its look-back again. A part that was kept counts only once event time has reached the
moment it was said at: until then the flows that led to it are still to come, and say it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .alert import Response, RiskPart, Severity
from .correlation import Correlation


class KeptRisk:
    """Gives and takes what is held against everybody."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation

    def state(self) -> dict[str, Any]:
        """A row for each part: whose (address, twin), and the part. Those longest untouched first."""
        rows = [(key, part) for key, parts in self._correlation.ledger.items() for part in parts]
        texts = ("detector", "severity", "most")
        return {
            "src": np.frombuffer(b"".join(key[0] for key, _ in rows), np.uint8).reshape(-1, 16),
            "twin": np.array([key[1] for key, _ in rows], dtype=np.uint64),
            "points": np.array([part.points for _, part in rows], dtype=np.float64),
            "at_ms": np.array([part.at_ms for _, part in rows], dtype=np.int64),
            "known": np.array([part.known for _, part in rows], dtype=np.bool_),
            **{name: np.array([str(getattr(part, name)) for _, part in rows], dtype=np.str_) for name in texts},
        }

    def learn(self, state: Mapping[str, Any]) -> None:
        """Take such rows, as far as roles and exceptions of today leave them; KeyError or ValueError if they are none."""
        names = ("src", "twin", "detector", "points", "at_ms", "severity", "known", "most")
        if not np.all(np.isfinite(state["points"]) & (state["points"] >= 0)):
            raise ValueError("points are not numbers from 0 on")
        for src, twin, detector, points, at_ms, severity, known, most in zip(*(state[n] for n in names), strict=True):
            part = RiskPart(
                str(detector),
                float(points),
                int(at_ms),
                Severity(str(severity)),
                known=bool(known),
                most=Response(str(most)),
            )
            self._correlation.restore((src.tobytes(), int(twin)), part)
