"""The one door to a switch: guard, journal, apply, read back, expire, release, reconcile."""

from .config import ContainmentConfig
from .engine import Containment, Preview
from .parts import Parts

__all__ = ["Containment", "ContainmentConfig", "Parts", "Preview"]
