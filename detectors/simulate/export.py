"""Packets and connections as an exporter reports them: sFlow at any sampling rate, or NetFlow-like records."""

from __future__ import annotations

from typing import Any

import numpy as np

from detectors.flow import ETHERTYPE_ARP, ETHERTYPE_IPV4, FlowBatch, Has, Version, empty

from .connection import ARP, ICMP, TCP, Connections, Outcome
from .site import NOWHERE, Site
from .wire import PSH_ACK, RST_ACK, SYN, UNREACHABLE, Packets

_FRAME = Has.IN_IF | Has.ADDRESSES | Has.SAMPLING | Has.SRC_MAC | Has.VLAN | Has.ETHERTYPE | Has.DATA_SOURCE
_COUNTED = Has.PACKETS | Has.BYTES | Has.PROTO
ACTIVE_MS, IDLE_MS = 60_000, 15_000  # time-outs of the flow cache that records come from


def sample(rng: np.random.Generator, found: Packets, rate: int) -> Packets:
    """What 1:rate sampling leaves: each packet by itself, with probability 1/rate. At 1:1 everything."""
    if rate <= 1:
        return found
    drawn = rng.binomial(found["packets"], 1 / rate)
    kept = found[drawn > 0]
    drawn = drawn[drawn > 0]
    kept["bytes"] = kept["bytes"] * drawn // kept["packets"]
    kept["packets"] = drawn
    return kept


def sflow(site: Site, found: Packets, rate: int) -> FlowBatch:
    """Rows of sampled packets, in order of time."""
    found = found[np.argsort(found["at_ms"], kind="stable")]
    batch = empty(len(found))
    arp = found["proto"] == ARP
    tcp, icmp = found["proto"] == TCP, found["proto"] == ICMP
    has = np.full(len(found), int(_FRAME | _COUNTED), dtype=np.uint64)
    has[arp] = int(_FRAME | Has.ARP | Has.PACKETS | Has.BYTES)
    has[tcp] |= np.uint64(Has.TCP_FLAGS | Has.PORTS)
    has[icmp] |= np.uint64(Has.ICMP)
    has[found["proto"] == 17] |= np.uint64(Has.PORTS)
    _fill(
        batch, has=has, version=int(Version.SFLOW5), received_ms=found["at_ms"], in_if=found["port"],
        exporter=site.agents[found["switch"]], agent=site.agents[found["switch"]], ds_index=found["port"],
        src_addr=site.address[found["src"]], dst_addr=site.address[found["dst"]], src_port=found["sport"],
        dst_port=found["dport"], proto=found["proto"], tcp_flags=found["flags"], packets=found["packets"],
        bytes=found["bytes"], sampling_rate=rate, src_mac=site.mac[found["mac_of"]],
        vlan=10 + np.maximum(site.network[found["mac_of"]], 0), ethertype=np.where(arp, ETHERTYPE_ARP, ETHERTYPE_IPV4),
        icmp_type=np.where(icmp, found["kind"], 0),
        icmp_code=np.where(icmp & (found["kind"] == UNREACHABLE), 3, 0), arp_op=np.where(arp, found["kind"], 0),
    )  # fmt: skip
    batch.columns["src_addr"][found["probe"], 12:] = 0
    return batch


def netflow(site: Site, found: Connections) -> FlowBatch:
    """Records of a flow cache at the access switch, one a direction: no ARP, no MAC, flags joined, sent when they time out.
    Long flows come once, when the active time-out or their end has passed."""
    found = found[(found["proto"] != ARP) & (site.switch[found["src"]] != NOWHERE)]
    back = found[(found["outcome"] < Outcome.SILENT) & (site.switch[found["dst"]] != NOWHERE)]
    rows = _records(site, found, "src", "dst", "out"), _records(site, back, "dst", "src", "in")
    joined = FlowBatch({name: np.concatenate([r.columns[name] for r in rows]) for name in rows[0].columns})
    return joined.take(np.argsort(joined["received_ms"], kind="stable"))


def _records(site: Site, found: Connections, near: str, far: str, column: str) -> FlowBatch:
    batch, forward = empty(len(found)), column == "out"
    tcp, icmp = found["proto"] == TCP, found["proto"] == ICMP
    spoken, refused = found["outcome"] == Outcome.ANSWERED, found["outcome"] == Outcome.REFUSED
    has = np.full(
        len(found), int(_COUNTED | Has.ADDRESSES | Has.PORTS | Has.IN_IF | Has.TIMES | Has.SAMPLING), np.uint64
    )
    has[tcp] |= np.uint64(Has.TCP_FLAGS)
    has[icmp] |= np.uint64(Has.ICMP)
    opening = SYN if forward else SYN | 0x10
    flags = np.where(spoken, opening | PSH_ACK | 0x01, np.where(refused & (not forward), RST_ACK, opening))
    lasts = np.where(spoken, np.maximum(found["lasts_ms"], 1), 1)
    first = found["at_ms"] + (0 if forward else 1)
    packets = np.where(spoken, found[f"{column}_packets"], 1)
    ports = ("sport", "dport") if forward else ("dport", "sport")
    _fill(
        batch, has=has, version=int(Version.V9), exporter=site.agents[site.switch[found[near]]],
        agent=site.agents[site.switch[found[near]]], received_ms=first + np.minimum(lasts + IDLE_MS, ACTIVE_MS),
        first_ms=first, last_ms=first + np.minimum(lasts, ACTIVE_MS), in_if=site.port[found[near]],
        src_addr=site.address[found[near]], dst_addr=site.address[found[far]], src_port=found[ports[0]],
        dst_port=found[ports[1]], proto=found["proto"], tcp_flags=np.where(tcp, flags, 0), packets=packets,
        bytes=np.where(spoken, np.maximum(found[f"{column}_bytes"], 40), 40), sampling_rate=1,
        icmp_type=np.where(icmp, 8 if forward else 0, 0),
    )  # fmt: skip
    return batch


def _fill(batch: FlowBatch, **columns: Any) -> None:
    for name, value in columns.items():
        batch.columns[name][...] = value
