"""How Kafka is reached, and as whom: TLS and SASL in kafka-python's words (RFC 5802 for SCRAM, RFC 4616 for PLAIN)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from controller.core.errors import ConfigError
from controller.core.secrets import reveal

from .closedtls import ClosedTls
from .config import BusConfig, BusTls

T = TypeVar("T")


def security(config: BusConfig) -> dict[str, Any]:
    """Settings of a client. ConfigError if a file or the password cannot be had; the password is read anew each time."""
    if config.tls is None and config.sasl is None:
        return {}
    found: dict[str, Any] = {
        "security_protocol": f"{'SASL_' if config.sasl else ''}{'SSL' if config.tls else 'PLAINTEXT'}"
    }
    if config.tls is not None:
        found["ssl_context"] = context(config.tls)
    if config.sasl is not None:
        found |= {
            "sasl_mechanism": config.sasl.mechanism,
            "sasl_plain_username": config.sasl.username,
            "sasl_plain_password": reveal(config.sasl.password, where="bus_options.sasl.password"),
        }
    return found


def context(tls: BusTls) -> ssl.SSLContext:
    """Certificate and name of the broker are checked. ConfigError names the file that is missing or is none."""
    found = ssl.create_default_context()
    if tls.ca is not None:
        found = _with(tls.ca, "ca", lambda: ssl.create_default_context(cafile=tls.ca))
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.sslsocket_class = ClosedTls
    if tls.certificate is not None and tls.key is not None:
        # An encrypted key would be asked for at a terminal that a service does not have.
        pair = tls.certificate, tls.key
        _with(pair[0], "certificate", lambda: found.load_cert_chain(*pair, password=lambda: ""))
    return found


def _with(path: Path, key: str, load: Callable[[], T]) -> T:
    try:
        return load()
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        said = getattr(error, "strerror", None) or str(error)
        where = f"bus_options.tls.{key}"
        raise ConfigError(
            f"{path} cannot be used: {said}", where=where, do="a PEM file that Cordon may read"
        ) from error
