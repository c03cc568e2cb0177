"""What the containment engine can be told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from controller.core.sites import Section
from playbooks.guard import GuardLimits
from playbooks.request import MAX_DURATION_S


class ContainmentConfig(Section):
    """Limits and times of containment. Seconds unless the name says otherwise."""

    # Numbers the guard compares with: MACs on a port, ages, budgets.
    limits: GuardLimits = GuardLimits()
    # How long to wait for the switch to show what was asked for; ifOperStatus is not waited for, it lags by seconds.
    verify_timeout_s: float = Field(default=5.0, gt=0, le=60)
    # The pause between two read-backs; the first ones follow sooner.
    verify_poll_s: float = Field(default=0.1, gt=0, le=10)
    # How often a command is sent whose session ended or that was not answered: only after the switch showed, for
    # `resend_after_s`, that it has no effect yet. A command that the switch refused is never repeated.
    send_attempts: int = Field(default=2, ge=1, le=5)
    resend_after_s: float = Field(default=0.5, ge=0, le=10)
    # A reading of the port that is younger than this need not be repeated before the command leaves.
    reread_s: float = Field(default=1.0, ge=0, le=5)
    # A request that was not acted on by then lapses; so does one that waits for approval.
    request_ttl_s: int = Field(default=300, ge=1, le=3600)
    approval_ttl_s: int = Field(default=3600, ge=1, le=3 * 86_400)
    # A platform's or person's request without a duration lasts this long.
    default_duration_s: int = Field(default=3600, ge=1, le=MAX_DURATION_S)
    # How far back repeats count for escalation.
    escalation_memory_s: int = Field(default=7 * 24 * 3600, ge=0, le=366 * 86_400)
    # How long a bounced port stays down.
    bounce_s: int = Field(default=5, ge=1, le=60)
    # More automatic containments asked for than this in `bulk_window_s`: all automatic action stops, until a person clears it.
    bulk_alerts: int = Field(default=20, ge=1, le=5000)
    bulk_window_s: int = Field(default=60, ge=10, le=3600)
    # The switch came up without what was done (running configuration only): do it again if the guard still allows it, or end.
    after_reboot: Literal["reapply", "end"] = "reapply"
    # Something is protected while it is contained: put its release before a person, or release it at once.
    on_protection: Literal["propose", "release"] = "propose"
    # Who to call; stands in the port's description while it is contained, where the driver can write one.
    describe: bool = True
    contact: str = Field(default="", max_length=24)
    # A release that failed is tried again after this, doubled up to an hour.
    retry_s: float = Field(default=15.0, gt=0, le=3600)
    # Requests whose switch is not known yet that are worked on at the same time; every switch has a thread of its own.
    workers: int = Field(default=8, ge=1, le=64)
    # How long this process may keep a containment to itself before another may take it over.
    lease_s: int = Field(default=120, ge=10, le=3600)
