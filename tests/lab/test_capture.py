"""What is kept of what passes by the collector."""

import struct

import pytest

from controller.lab.capture import is_export


def frame(proto: int, port: int, *, options: int = 0) -> bytes:
    """An Ethernet frame with IPv4 and the begin of UDP or TCP."""
    ip = struct.pack("!BBHHHBBH8s", 0x45 + options, 0, 0, 0, 0, 64, proto, 0, bytes(8)) + bytes(4 * options)
    return bytes(12) + b"\x08\x00" + ip + struct.pack("!HHHH", 50_000, port, 8, 0)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (frame(17, 6343), True),
        (frame(17, 4739, options=2), True),
        (frame(17, 161), False),
        (frame(6, 6343), False),
        (frame(17, 6343)[:36], False),
    ],
    ids=["sflow", "ip-options", "snmp", "tcp", "cut"],
)
def test_export_datagrams(what: bytes, expected: bool) -> None:
    """UDP to one of the collector's ports, wherever the UDP header begins."""
    assert expected is is_export(what)
