"""The bus of an address: `embedded`, or `kafka://host:port[,host:port]`."""

from __future__ import annotations

from pathlib import Path

from controller.core.clock import Clock
from controller.core.errors import ConfigError

from .config import BusConfig
from .port import Bus

EMBEDDED = "embedded"
SCHEME = "kafka://"


def open_bus(address: str, data_dir: Path, clock: Clock, config: BusConfig) -> Bus:
    """The bus, not yet used; ConfigError for an address that is none."""
    servers = brokers_of(address)
    if not servers:
        from .embedded import EmbeddedBus  # noqa: PLC0415

        return EmbeddedBus(data_dir / "bus", config, clock)
    from .kafka import KafkaBus  # noqa: PLC0415 kafka-python is heavy

    return KafkaBus([f"{host}:{port}" for host, port in servers], config, clock)


def brokers_of(address: str) -> list[tuple[str, int]]:
    """Host and port of each broker; none for the embedded bus. ConfigError for an address that is none."""
    if address == EMBEDDED:
        return []
    servers = [part.rpartition(":") for part in address.removeprefix(SCHEME).split(",") if part]
    if not address.startswith(SCHEME) or not servers or not all(host and port.isdigit() for host, _, port in servers):
        raise ConfigError("is no bus address", where="bus", do="embedded, or kafka://host:port[,host:port]")
    return [(host, int(port)) for host, _, port in servers]
