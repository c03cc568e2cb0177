"""A sampled frame inside a record (IPFIX IE 315), compiled: the twin of `normal._section`."""

from __future__ import annotations

from typing import Any

from controller.collector.flowset.normal import ANY_OWN
from controller.collector.flowset.normal import ANY_PORT as PORT_BITS
from detectors.flow import OWN_SHIFT, Has

from . import columns as c
from .compiled import kernel
from .header import DST_MAC, ETHERTYPE, ICMP, PORTS, PROTO, SRC_MAC, TCP_FLAGS, VLAN, ethernet

__all__ = ["ANY_OWN", "section"]

ANY_PORT, SECTION = int(PORT_BITS), int(Has.SECTION)


@kernel
def section(data: Any, at: int, end: int, own: int, w: Any, a: Any, r: int) -> int:
    """A sampled frame writes what it has to the columns of row `r`, and what the record has of its `own` is put back."""
    src_mac, dst_mac, vlan, ethertype = w[c.SRC_MAC + r], w[c.DST_MAC + r], w[c.VLAN + r], w[c.ETHERTYPE + r]
    proto, tcp_flags, src_port, dst_port = w[c.PROTO + r], w[c.TCP_FLAGS + r], w[c.SRC_PORT + r], w[c.DST_PORT + r]
    icmp_type, icmp_code = w[c.ICMP_TYPE + r], w[c.ICMP_CODE + r]
    ethernet(data, at, end, w, a, r)
    if own & SRC_MAC:
        w[c.SRC_MAC + r] = src_mac
    if own & DST_MAC:
        w[c.DST_MAC + r] = dst_mac
    if own & VLAN:
        w[c.VLAN + r] = vlan
    if own & ETHERTYPE:
        w[c.ETHERTYPE + r] = ethertype
    if own & PROTO:
        w[c.PROTO + r] = proto
    if own & TCP_FLAGS:
        w[c.TCP_FLAGS + r] = tcp_flags
    if own & ANY_PORT:
        w[c.SRC_PORT + r], w[c.DST_PORT + r] = src_port, dst_port
        w[c.HAS + r] &= ~PORTS
    if own & ICMP:
        w[c.ICMP_TYPE + r], w[c.ICMP_CODE + r] = icmp_type, icmp_code
    return SECTION | own << OWN_SHIFT
