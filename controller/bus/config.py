"""What the bus can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from controller.core.secrets import SecretRef
from controller.core.sites import Section


class BusTls(Section):
    """Kafka over TLS; the broker's certificate is always checked, its name too. Files are PEM, relative to the configuration."""

    # Who may have signed the broker's certificate; not set = whom this machine trusts.
    ca: Path | None = None
    # The client's own, where the broker asks for one; both or none.
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self


class BusSasl(Section):
    """Who Cordon is to Kafka."""

    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    username: str = Field(min_length=1)
    password: SecretRef


class BusConfig(Section):
    """Partitions and retention. The address is the setting `bus`: `embedded`, or `kafka://host:port[,host:port]`."""

    # Partitions of each topic: as many detection workers can share the load. Kafka topics that exist keep their number.
    partitions: int = Field(default=4, ge=1, le=1024)
    # Embedded: a segment is closed at this size, and whole segments are deleted beyond this size and age, counted.
    segment_bytes: int = Field(default=64 * 1024 * 1024, ge=4096, le=1 << 34)
    retention_bytes: int = Field(default=4 * 1024 * 1024 * 1024, ge=65536, le=1 << 44)
    retention_s: int = Field(default=7 * 24 * 3600, ge=60, le=3660 * 86_400)
    # Kafka: replicas of topics that Cordon creates.
    replication: int = Field(default=1, ge=1, le=15)
    # Kafka: how it is reached, and as whom; not set = in the clear, and as nobody.
    tls: BusTls | None = None
    sasl: BusSasl | None = None

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.sasl is not None and self.sasl.mechanism == "PLAIN" and self.tls is None:
            raise ValueError("sasl: PLAIN sends the password itself: it needs tls, or take SCRAM-SHA-512")
        return self
