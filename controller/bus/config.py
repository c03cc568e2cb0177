"""What the bus can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.sites import Section


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
