"""A tiny protobuf writer of the tests' own, and the FlowMessage fields that they set, by pb/flow.proto of goflow2 v2."""

from ipaddress import ip_address

NUMBER = {
    "type": 1, "sampling_rate": 3, "sequence_num": 4, "bytes": 9, "packets": 10, "in_if": 18, "out_if": 19, "proto": 20,
    "src_port": 21, "dst_port": 22, "tcp_flags": 26, "src_mac": 27, "dst_mac": 28, "vlan_id": 29, "etype": 30,
    "icmp_type": 31, "icmp_code": 32, "src_vlan": 33, "fragment_offset": 36, "observation_domain_id": 70,
    "time_received_ns": 110, "time_flow_start_ns": 111, "time_flow_end_ns": 112,
}  # fmt: skip
ADDRESS = {"src_addr": 6, "dst_addr": 7, "sampler_address": 11}
SFLOW, V5, V9, IPFIX = 1, 2, 3, 4
AT_NS = 1_700_000_000_123_000_000


def varint(value: int) -> bytes:
    """Seven bits an octet, the lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, kind: int, data: bytes) -> bytes:
    """A key and what follows it."""
    return varint(number << 3 | kind) + data


def body(**values: int | str) -> bytes:
    """A FlowMessage; zeros are left out, as proto3 does."""
    out = b""
    for name, value in values.items():
        if isinstance(value, str):
            raw = ip_address(value).packed
            out += field(ADDRESS[name], 2, varint(len(raw)) + raw)
        elif value:
            out += field(NUMBER[name], 0, varint(value))
    return out


def delimited(*bodies: bytes) -> bytes:
    """Messages one behind the other, each behind its length."""
    return b"".join(varint(len(b)) + b for b in bodies)


def flow(**changes: int | str) -> bytes:
    """A TCP SYN that a switch sampled, with changes."""
    values: dict[str, int | str] = {
        "type": SFLOW, "time_received_ns": AT_NS, "sampling_rate": 1, "sampler_address": "192.0.2.1", "bytes": 74,
        "packets": 1, "src_addr": "10.0.0.1", "dst_addr": "10.0.0.2", "etype": 0x0800, "proto": 6, "src_port": 50000,
        "dst_port": 445, "in_if": 4, "out_if": 5, "src_mac": 0x020000000001, "dst_mac": 0x020000000002, "tcp_flags": 2,
        "time_flow_start_ns": AT_NS, "time_flow_end_ns": AT_NS,
    }  # fmt: skip
    return body(**{**values, **changes})
