"""What the collector can be told."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from controller.core.sites import Section


def _is_listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    ipaddress.ip_address(host.strip("[]"))
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("listen addresses look like 0.0.0.0:6343 or [::]:6343")
    return value


def _is_network(value: str) -> str:
    return str(ipaddress.ip_network(value, strict=False))


def _is_address(value: str) -> str:
    return str(ipaddress.ip_address(value))


class InterfaceRule(StrEnum):
    """What the interface numbers of an exporter are (docs/collecting.md). `auto`: found out from the switch's own tables."""

    AUTO = "auto"
    IFINDEX = "ifindex"
    BRIDGE_PORT = "bridge-port"
    OPENFLOW_PORT = "openflow-port"  # the same: mapped by dot1dBasePortIfIndex
    DATA_SOURCE = "data-source"
    NONE = "none"


Address = Annotated[str, AfterValidator(_is_address)]
RuleOfVersion = dict[Literal["1", "5", "9", "10", "sflow5"], InterfaceRule]


class CollectorConfig(Section):
    """Where to listen and how much to hold."""

    # UDP addresses; the protocol is told by the datagram, so any exporter may send to any of them.
    listen: tuple[Annotated[str, AfterValidator(_is_listen)], ...] = ("0.0.0.0:6343", "0.0.0.0:2055")
    # Prefixes of exporters that may send; empty = all. Others are counted and dropped.
    exporters: tuple[Annotated[str, AfterValidator(_is_network)], ...] = ()
    # Rows a second that one exporter may send; what is beyond is thinned, and the sampling rate of what is kept says so. 0 = no
    # limit. The second is for single exporters.
    rows_per_s: int = Field(default=0, ge=0, le=10_000_000)
    rows_per_s_of: dict[Address, Annotated[int, Field(ge=0, le=10_000_000)]] = Field(default_factory=dict)
    # An exporter that used to send and is not heard of for so long is told of; one that speaks rarely gets four times its usual
    # pause. 0 = never.
    silence_s: int = Field(default=300, ge=0, le=7 * 86_400)
    # What the interface numbers of an exporter are, by its address: one word for all it sends, or one for each version.
    interfaces: dict[Address, InterfaceRule | RuleOfVersion] = Field(default_factory=dict)
    # Let several processes listen on the same port; each has its own `name`, of which its template file is called.
    share_port: bool = False
    name: str = Field(default="collector", pattern="^[a-z0-9][a-z0-9-]{0,39}$")
    # Where this process shows its metrics if it has no web role, such as 127.0.0.1:9464; not set = nowhere.
    metrics_listen: Annotated[str, AfterValidator(_is_listen)] | None = None
    # Read the switches' tables to prove interface numbers, in a process that collects only.
    ask_switches: bool = True
    # Kernel buffer asked for, a socket. If the kernel grants less (net.core.rmem_max) it is logged and shown.
    receive_buffer_bytes: int = Field(default=4 * 1024 * 1024, ge=65536, le=1 << 30)
    # How long the receiver waits when it took less than a full bulk, so that the next call finds more; 0 = never. The second is
    # for times when datagrams come fast, and is shorter the faster they come: fewer, larger calls halve the CPU of receiving.
    coalesce_ms: int = Field(default=2, ge=0, le=50)
    coalesce_busy_ms: int = Field(default=20, ge=0, le=50)
    # How long a datagram may wait for company before it is decoded. More saves CPU, and delays every alert.
    flush_ms: int = Field(default=20, ge=0, le=5000)
    # The same while the last batch held fewer than `quiet_datagrams`: then every batch is small, and waiting only delays alerts.
    flush_quiet_ms: int = Field(default=2, ge=0, le=5000)
    quiet_datagrams: int = Field(default=6, ge=0, le=100_000)
    # The same while `busy_datagrams` and more come in `flush_ms`: waking up for each small batch costs more than the batch.
    flush_busy_ms: int = Field(default=60, ge=0, le=5000)
    busy_datagrams: int = Field(default=200, ge=1, le=100_000)
    # Datagrams decoded in one go at most, and datagrams that may wait for the decoder before they are dropped, counted.
    batch_datagrams: int = Field(default=4096, ge=1, le=65_536)
    queue_datagrams: int = Field(default=100_000, ge=1, le=1_000_000)

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """(host, port) of each listen address."""
        pairs = (value.rpartition(":") for value in self.listen)
        return tuple((host.strip("[]"), int(port)) for host, _, port in pairs)
