"""What the feeds can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.secrets import SecretRef
from controller.core.sites import Section


class WebhookConfig(Section):
    """Signed block requests (Standard Webhooks)."""

    # `whsec_...` secrets that may sign; several while one is being replaced. Empty: every request is refused.
    secrets: tuple[SecretRef, ...] = ()
    # How far a request's timestamp may be from now, both ways.
    tolerance_s: int = Field(default=300, ge=1, le=3600)
    # Larger bodies are refused before they are read.
    most_bytes: int = Field(default=20_000, ge=256, le=1_000_000)
    # Requests that one source may make in a minute.
    per_minute: int = Field(default=60, ge=1, le=6000)
