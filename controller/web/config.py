"""What the web server can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.secrets import SecretRef
from controller.core.sites import Section


class WebConfig(Section):
    """The HTTP API. It speaks plain HTTP on loopback by default; give it a certificate, or put a proxy in front."""

    host: str = "127.0.0.1"
    port: int = Field(default=8443, ge=0, le=65535)
    # PEM files; both or none.
    certificate: str | None = None
    key: str | None = None
    # Bearer tokens that may read (GET). Empty: nobody may.
    tokens: tuple[SecretRef, ...] = ()
