"""The detectors that look at contacts, in the order in which they are asked. A new one is a file and a line here."""

from __future__ import annotations

from . import bruteforce, portscan, sweep
from .detector import Detector

DETECTORS: tuple[Detector, ...] = (sweep, portscan, bruteforce)
