"""What a detector is: a module or object with these functions. `registry.py` lists them; each has a file of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .alert import Response
from .catalog import Catalog
from .contact import Contact
from .finding import Crossing
from .source import Source


class Detector(Protocol):
    """Pure: everything it remembers of a source is kept in the Source, and goes with it."""

    @property
    def NAME(self) -> str:  # noqa: N802 a constant of a module
        """In alerts, in the catalog's texts and in exceptions."""
        ...

    def on_contact(self, catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:
        """A new first contact of a suspicious source."""
        ...

    def on_outcome(self, catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:
        """What became of it."""
        ...

    def on_burst(self, catalog: Catalog, source: Source, contact: Contact, now_ms: int) -> Iterable[Crossing]:
        """Connections to this contact came fast; see `source.bursts`."""
        ...

    def asks(self, catalog: Catalog, source: Source) -> Response:
        """What the evidence up to now asks for, if there is a finding at all."""
        ...
