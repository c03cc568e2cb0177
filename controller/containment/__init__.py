"""The one door to a switch: guard, journal, apply, read back, expire, release, reconcile."""

from .config import ContainmentConfig
from .engine import Containment
from .parts import Parts
from .preview import Preview

__all__ = ["Containment", "ContainmentConfig", "Parts", "Preview"]
