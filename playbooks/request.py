"""A wish to contain something: from a detector's alert, a person, or a platform. All go through the same door."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from .model import Value
from .plan import Verb

MAX_DURATION_S = 30 * 24 * 3600


class Origin(StrEnum):
    """Who asks."""

    ALERT = "alert"
    PERSON = "person"
    PLATFORM = "platform"


class Target(Value):
    """Who: an address, a MAC, or a port by name. At least one; several must agree."""

    ip: str | None = None
    mac: str | None = None
    switch: str | None = None
    port: str | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Target:
        if not (self.ip or self.mac or (self.switch and self.port)):
            raise ValueError("a target needs an ip, a mac, or a switch and a port")
        if bool(self.switch) != bool(self.port):
            raise ValueError("switch and port go together")
        return self


class FlowEvidence(Value):
    """Where the accused flows entered: sFlow agent, ingress ifIndex, source MAC, and when that was last seen."""

    agent: str
    in_if: int
    src_mac: str | None = None
    vlan: int | None = None
    seen_ms: int


class Request(Value):
    """One containment request. `request_id` identifies it everywhere; `key` is the sender's idempotency key."""

    request_id: str
    key: str | None = None
    origin: Origin
    requested_by: str
    requested_ms: int
    site: str | None = None
    playbook: str
    verb: Verb
    target: Target
    reason: str = Field(min_length=1, max_length=500)
    duration_s: int | None = Field(default=None, ge=1, le=MAX_DURATION_S)
    alert_id: str | None = None
    severity: str | None = None
    response: str | None = None
    sampling_known: bool = True
    flow: FlowEvidence | None = None
