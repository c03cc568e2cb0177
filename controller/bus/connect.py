"""The bus of an address: `embedded`, or `kafka://host:port[,host:port]`."""

from __future__ import annotations

import os
from pathlib import Path

from controller.core.clock import Clock
from controller.core.errors import ConfigError

from .config import BusConfig
from .port import Bus

EMBEDDED = "embedded"
SCHEME = "kafka://"


def open_bus(address: str, data_dir: Path, clock: Clock, config: BusConfig) -> Bus:
    """The bus, not yet used; ConfigError for an address that is none, or a data_dir that cannot hold the embedded one."""
    servers = brokers_of(address)
    if not servers:
        from .embedded import EmbeddedBus  # noqa: PLC0415

        return EmbeddedBus(_made(data_dir / "bus"), config, clock)
    from .kafka import KafkaBus  # noqa: PLC0415 kafka-python is heavy

    return KafkaBus([f"{host}:{port}" for host, port in servers], config, clock)


def greet(address: str, clock: Clock, config: BusConfig) -> None:
    """Whether the bus would let us in; the embedded one does. Typed errors if not. Nothing is made, nothing is kept."""
    if servers := brokers_of(address):
        from .kafka import KafkaBus  # noqa: PLC0415

        KafkaBus([f"{host}:{port}" for host, port in servers], config, clock).greet()


def _made(folder: Path) -> Path:
    """The folder, now: a service that found out at the first message would have taken flows that it cannot keep."""
    do = "name a folder that Cordon may write to"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be made: {error.strerror}", where=f"data_dir {folder}", do=do) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError("cannot be written to", where=f"data_dir {folder}", do=do)
    return folder


def brokers_of(address: str) -> list[tuple[str, int]]:
    """Host and port of each broker; none for the embedded bus. ConfigError for an address that is none."""
    if address == EMBEDDED:
        return []
    servers = [part.rpartition(":") for part in address.removeprefix(SCHEME).split(",") if part]
    if not address.startswith(SCHEME) or not servers or not all(host and port.isdigit() for host, _, port in servers):
        raise ConfigError("is no bus address", where="bus", do="embedded, or kafka://host:port[,host:port]")
    return [(host, int(port)) for host, _, port in servers]
