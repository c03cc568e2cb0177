"""What the inventory can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.sites import Section


class InventoryConfig(Section):
    """Polling and ages, in seconds."""

    # Tables of every switch are read this often, spread over the interval.
    poll_s: float = Field(default=30.0, gt=0, le=3600)
    # A location that may lead to an action is read anew unless its table is younger than this.
    reuse_s: float = Field(default=2.0, ge=0, le=30)
    # Tables older than this prove nothing, even if the switch does not answer any more.
    stale_s: float = Field(default=60.0, gt=0, le=300)
    # Interfaces and neighbours change by hand, not by themselves: how long a reading of them serves.
    ports_reuse_s: float = Field(default=60.0, ge=0, le=900)
    # More MACs than this on a port: no automatic action there.
    max_macs: int = Field(default=3, ge=1, le=48)
    # A MAC that answers for more addresses than this is a router or a proxy, not the endpoint.
    gateway_addresses: int = Field(default=8, ge=2, le=256)
    # Switches read at the same time.
    workers: int = Field(default=8, ge=1, le=64)
