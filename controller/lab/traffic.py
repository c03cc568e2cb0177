"""`python -m controller.lab.traffic NAMESPACE WHAT ...`: packets of attacks and look-alikes that no other program makes.

Harmless: connections are closed at once, log-ins use invented names, no payload does anything. It refuses to run anywhere but in
the lab namespace it is told.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from .namespace import assert_inside

MOST_PACKETS, MOST_S = 20_000, 120.0


def paced(rate: float, rounds: int, targets: Sequence[str]) -> Iterator[str]:
    """Targets, `rate` a second, `rounds` times over; never more than the caps."""
    begun, sent = time.monotonic(), 0
    sys.stdout.write(f"begun {time.time()}\n")
    sys.stdout.flush()
    for _ in range(rounds):
        for target in targets:
            wait_s = begun + sent / rate - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            if sent >= MOST_PACKETS or time.monotonic() - begun > MOST_S:
                return
            sent += 1
            yield target


def connect(port: int, rate: float, rounds: int, targets: Sequence[str]) -> None:
    """A connect that is dropped again a second later, whatever became of it."""
    open_: list[tuple[float, socket.socket]] = []
    for target in paced(rate, rounds, targets):
        open_.append((time.monotonic(), _connecting(target, port)))
        while open_ and time.monotonic() - open_[0][0] > 1.0:
            open_.pop(0)[1].close()
    for _, sock in open_:
        sock.close()


def arp(rate: float, rounds: int, targets: Sequence[str]) -> None:
    """ARP requests, as the kernel makes them: a datagram to an unused port of each address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        for target in paced(rate, rounds, targets):
            with contextlib.suppress(OSError):
                sock.sendto(b"x", (target, 9))


def ping(rate: float, rounds: int, targets: Sequence[str]) -> None:
    """ICMP echo requests."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
        sock.setblocking(False)
        for number, target in enumerate(paced(rate, rounds, targets)):
            head = struct.pack("!BBHHH", 8, 0, 0, 0x4C42, number & 0xFFFF)
            with contextlib.suppress(OSError):
                sock.sendto(struct.pack("!BBHHH", 8, 0, checksum(head), 0x4C42, number & 0xFFFF), (target, 0))


def spoof(ip: str, mac: str, rate: float, rounds: int, targets: Sequence[str]) -> None:
    """SYNs to port 445 as if another machine had sent them, with its address and MAC. Targets are IP/MAC."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(("eth0", 0))
        for number, target in enumerate(paced(rate, rounds, targets)):
            there, at = target.split("/")
            sock.send(syn_frame((mac, at), (ip, there), 40000 + number % 20000, 445))


def smb(rate: float, rounds: int, targets: Sequence[str]) -> None:
    """Log-ins with wrong passwords against an SMB server."""
    from impacket.smbconnection import SessionError, SMBConnection  # type: ignore[import-untyped] # noqa: PLC0415

    for number, target in enumerate(paced(rate, rounds * 10, targets)):
        with contextlib.suppress(OSError, SessionError, EOFError):
            session = SMBConnection(target, target, timeout=2)
            with contextlib.suppress(SessionError):
                session.login("nobody", f"guess{number}")
            session.close()


def poll(rate: float, rounds: int, targets: Sequence[str]) -> None:
    """What a monitoring server does: echo, TCP 22, and a datagram to UDP 161."""
    for _ in range(rounds):
        ping(rate, 1, targets)
        connect(22, rate, 1, targets)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for target in paced(rate, 1, targets):
                with contextlib.suppress(OSError):
                    sock.sendto(b"\x30\x00", (target, 161))


def bulk(octets: float, rounds: int, targets: Sequence[str]) -> None:
    """One fast stream of datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for target in paced(1, rounds, targets):
            for _ in range(int(octets) // 1400):
                with contextlib.suppress(OSError):
                    sock.sendto(bytes(1400), (target, 5001))


def office(rate: float, rounds: int, targets: Sequence[str]) -> None:
    """Short conversations with the same few machines."""
    for target in paced(rate, rounds, targets):
        ping(1000, 1, [target])
        _connecting(target, 80).close()


def syn_frame(macs: tuple[str, str], ips: tuple[str, str], from_port: int, port: int) -> bytes:
    """An Ethernet frame with a TCP SYN; MACs and addresses are source and destination."""
    addresses = b"".join(map(socket.inet_aton, ips))
    tcp = struct.pack("!HHIIBBHHH", from_port, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    tcp = tcp[:16] + struct.pack("!H", checksum(addresses + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), from_port, 0, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    source, target = (bytes.fromhex(mac.replace(":", "")) for mac in macs)
    return target + source + b"\x08\x00" + ip + tcp


def checksum(data: bytes) -> int:
    """Of the Internet (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


def _connecting(target: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.connect_ex((target, port))
    return sock


SIMPLE: dict[str, Callable[[float, int, Sequence[str]], None]] = {
    "arp": arp,
    "ping": ping,
    "smb": smb,
    "poll": poll,
    "bulk": bulk,
    "office": office,
}


def main(words: Sequence[str]) -> None:
    """NAMESPACE WHAT [of its own] RATE ROUNDS TARGET..."""
    namespace, what, *rest = words
    assert_inside(namespace)
    if what == "connect":
        connect(int(rest[0]), float(rest[1]), int(rest[2]), rest[3:])
    elif what == "spoof":
        spoof(rest[0], rest[1], float(rest[2]), int(rest[3]), rest[4:])
    else:
        SIMPLE[what](float(rest[0]), int(rest[1]), rest[2:])


if __name__ == "__main__":
    main(sys.argv[1:])
