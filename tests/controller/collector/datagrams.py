"""sFlow v5 and NetFlow v5 datagrams made by hand, octet by octet from the standards."""

import struct
from ipaddress import ip_address

from controller.collector.datagram import Datagram
from detectors.address import packed

AGENT = "192.0.2.1"


def datagram(payload: bytes, *, exporter: str = AGENT, port: int = 40000, at_ms: int = 1_700_000_000_000) -> Datagram:
    """As the collector gets it."""
    return Datagram(payload, packed(exporter), port, at_ms)


def frame(ethertype: int, payload: bytes, *, tags: tuple[int, ...] = (), src: str = "020000000001") -> bytes:
    """Ethernet with VLAN tags, the outer one first."""
    tagged = b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags)
    return bytes.fromhex("020000000002" + src) + tagged + struct.pack("!H", ethertype) + payload


def ipv4(payload: bytes, *, proto: int = 6, src: str = "10.0.0.1", dst: str = "10.0.0.2", fragment: int = 0) -> bytes:
    """IPv4 without options."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, fragment, 64, proto, 0)
    return head + ip_address(src).packed + ip_address(dst).packed + payload


def ipv6(payload: bytes, *, proto: int = 6, src: str = "2001:db8::1", dst: str = "2001:db8::2") -> bytes:
    """IPv6."""
    head = struct.pack("!IHBB", 0x60000000, len(payload), proto, 64)
    return head + ip_address(src).packed + ip_address(dst).packed + payload


def tcp(sport: int = 50000, dport: int = 445, flags: int = 2) -> bytes:
    """A TCP header."""
    return struct.pack("!HHIIBBHHH", sport, dport, 1, 0, 0x50, flags, 1024, 0, 0)


def arp(operation: int = 1, sender: str = "10.0.0.1", target: str = "10.0.0.9") -> bytes:
    """ARP for IPv4 over Ethernet (RFC 826)."""
    mac = bytes.fromhex("020000000001")
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    return head + mac + ip_address(sender).packed + bytes(6) + ip_address(target).packed


def opaque(data: bytes) -> bytes:
    """XDR opaque: length, octets, padding to four."""
    return struct.pack("!I", len(data)) + data + bytes(-len(data) % 4)


def raw_header(header: bytes, *, length: int | None = None, protocol: int = 1) -> bytes:
    """A sampled_header record (enterprise 0, format 1)."""
    body = struct.pack("!III", protocol, length or len(header), 4) + opaque(header)
    return struct.pack("!II", 1, len(body)) + body


def flow_sample(*records: bytes, rate: int = 1, in_if: int = 4, out_if: int = 5, source: int = 4) -> bytes:
    """A flow_sample (format 1)."""
    body = struct.pack("!IIIIIIII", 9, source, rate, 100, 0, in_if, out_if, len(records)) + b"".join(records)
    return struct.pack("!II", 1, len(body)) + body


def expanded_sample(
    *records: bytes, rate: int = 1, into: tuple[int, int] = (0, 4), out: tuple[int, int] = (0, 5)
) -> bytes:
    """A flow_sample_expanded (format 3)."""
    body = struct.pack("!IIIIIIIIIII", 9, 0, 4, rate, 100, 0, *into, *out, len(records)) + b"".join(records)
    return struct.pack("!II", 3, len(body)) + body


def sflow(*samples: bytes, agent: str = AGENT, sub_agent: int = 0, count: int | None = None) -> bytes:
    """An sFlow v5 datagram."""
    address = ip_address(agent)
    head = struct.pack("!II", 5, 1 if address.version == 4 else 2) + address.packed
    return head + struct.pack("!IIII", sub_agent, 1, 1000, len(samples) if count is None else count) + b"".join(samples)


def netflow5(*rows: bytes, sampling: int = 0, count: int | None = None) -> bytes:
    """A NetFlow v5 datagram: uptime 10 s, exported at second 1700000000."""
    number = len(rows) if count is None else count
    return struct.pack("!HHIIIIBBH", 5, number, 10_000, 1_700_000_000, 0, 1, 0, 7, sampling) + b"".join(rows)


def row5(
    *, first: int = 8_000, last: int = 9_000, in_if: int = 4, src: str = "10.0.0.1", dst: str = "10.0.0.2"
) -> bytes:
    """One v5 record."""
    ends = ip_address(src).packed + ip_address(dst).packed + bytes(4)
    counts = struct.pack("!HHIIII", in_if, 5, 3, 180, first, last)
    return ends + counts + struct.pack("!HHBBBBHHBBH", 50000, 445, 0, 2, 6, 0, 0, 0, 24, 24, 0)
