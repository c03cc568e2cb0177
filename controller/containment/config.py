"""What the containment engine can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.sites import Section
from playbooks.guard import GuardLimits


class ContainmentConfig(Section):
    """Limits and times of containment. Seconds unless the name says otherwise."""

    # Numbers the guard compares with: MACs on a port, ages, budgets.
    limits: GuardLimits = GuardLimits()
    # How long to wait for the switch to show what was asked for; ifOperStatus is not waited for, it lags by seconds.
    verify_timeout_s: float = Field(default=5.0, gt=0)
    verify_poll_s: float = Field(default=0.1, gt=0)
    # A request that was not acted on by then lapses; so does one that waits for approval.
    request_ttl_s: int = Field(default=300, ge=1)
    approval_ttl_s: int = Field(default=3600, ge=1)
    # A platform's or person's request without a duration lasts this long.
    default_duration_s: int = Field(default=3600, ge=1)
    # How far back repeats count for escalation.
    escalation_memory_s: int = Field(default=7 * 24 * 3600, ge=0)
    # More automatic containments asked for than this in `bulk_window_s`: all automatic action stops.
    bulk_alerts: int = Field(default=20, ge=1)
    bulk_window_s: int = Field(default=60, ge=1)
    # A release that failed is tried again after this, doubled up to an hour.
    retry_s: float = Field(default=15.0, gt=0)
    # Devices worked on at the same time; one device is always worked on by one thread.
    workers: int = Field(default=8, ge=1, le=64)
    # How long this process may keep a containment to itself before another may take it over.
    lease_s: int = Field(default=120, ge=10)
