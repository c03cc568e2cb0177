"""Counters of the engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class EngineCounts:
    """What the engine did and what it had to forget."""

    rows: int = 0
    contacts: int = 0
    alerts: int = 0
    joined: int = 0
    corrected: int = 0
    unlisted: int = 0
    excepted: int = 0
    suspicious: int = 0
    forwarded: int = 0
    dark: int = 0  # contacts of which no answer could be seen, to addresses that nobody has
    further: int = 0  # contacts of sources whose alert asks for all there is already
    evicted_sources: int = 0
    evicted_contacts: int = 0
    evicted_risks: int = 0
    evicted_victims: int = 0
    evicted_failures: int = 0  # targets at which somebody failed
    evicted_habits: int = 0  # pairs whose slow connections were told and would be told again
    forgotten_contacts: int = 0
