"""The bus of an address: `embedded`, or `kafka://host:port[,host:port]`."""

from __future__ import annotations

from pathlib import Path

from controller.core.clock import Clock
from controller.core.errors import ConfigError

from .config import BusConfig
from .port import Bus


def open_bus(address: str, data_dir: Path, clock: Clock, config: BusConfig) -> Bus:
    """The bus, not yet used; ConfigError for an address that is none."""
    if address == "embedded":
        from .embedded import EmbeddedBus  # noqa: PLC0415

        return EmbeddedBus(data_dir / "bus", config, clock)
    servers = [part for part in address.removeprefix("kafka://").split(",") if part]
    if address.startswith("kafka://") and servers and all(":" in server for server in servers):
        from .kafka import KafkaBus  # noqa: PLC0415 kafka-python is heavy

        return KafkaBus(servers, config)
    raise ConfigError("is no bus address", where="bus", do="embedded, or kafka://host:port[,host:port]")
