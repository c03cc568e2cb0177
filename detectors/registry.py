"""The detectors that look at contacts, in the order in which they are asked. A new one is a file and a line here."""

from __future__ import annotations

from . import bruteforce, portscan, spread, sweep
from .detector import Detector

DETECTORS: tuple[Detector, ...] = (sweep, portscan, bruteforce)
ON_CONTACTS = frozenset((*(detector.NAME for detector in DETECTORS), spread.NAME))  # and what their findings join to
