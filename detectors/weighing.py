"""What the evidence against an endpoint asks for, and what of it goes into its score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import spread
from .alert import Finding, Response, stronger
from .catalog import Catalog
from .episode import severity_of
from .leniency import Leniency
from .registry import DETECTORS
from .risk import RiskLedger
from .source import Source
from .spread import SourceKey


class Weighing:
    """Asked by Correlation at every finding."""

    def __init__(self, catalog: Catalog, leniency: Leniency, ledger: RiskLedger[SourceKey]) -> None:
        self._catalog, self._leniency, self._ledger = catalog, leniency, ledger

    def asks(self, source: Source, findings: Iterable[Finding], at_ms: int) -> dict[str, Response]:
        """What each detector's own evidence asks for, as far as the host's role and exceptions leave it. Of an episode's
        `findings` the strongest counts, whatever came after it."""
        asked: dict[str, Response] = {}
        spreads = [found for found in findings if found.detector == spread.NAME and found.sampling_known]
        if spreads:  # named first of what asks for the same: it says most
            # Clients are reached by scans all day, and their servers are away now and then: three failures are worth a look, not
            # a port. That it was reached makes fewer failures enough (proving.py); what they prove is the same for all.
            strong = source.is_proven and not all(found.weak for found in spreads)
            asked[spread.NAME] = Response.AUTO if strong else Response.RECOMMEND
        asked |= {d.NAME: d.asks(self._catalog, source) for d in DETECTORS}
        return {name: self._leniency.soften(source.address, name, response, at_ms) for name, response in asked.items()}

    def score(
        self, key: SourceKey, source: Source, fresh: Sequence[Finding], asked: Mapping[str, Response], at_ms: int
    ) -> None:
        """Parts of what was just found, and of what the evidence has become strong enough for."""
        for found in fresh:
            most = self._leniency.most(source.address, found.detector, at_ms)
            severity = severity_of(Response.RECOMMEND)
            self._ledger.add(key, found.detector, severity, at_ms, known=found.sampling_known, most=most)
        for name, response in asked.items():
            if stronger(response, Response.RECOMMEND):  # only what was seen by exporters of known sampling gets so far
                # `response` is within what the host's role leaves; points never ask for more than the evidence behind them.
                self._ledger.add(key, name, severity_of(response), at_ms, known=True, most=response)
