"""The receiving side of `scp -t PATH` for one file, as rcp(1) has it: `C0644 SIZE NAME`, the octets, a zero octet."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import paramiko

from .state import SwitchState

LARGEST = 1 << 20
OK = b"\x00"
Take = Callable[[SwitchState, str, bytes], bool]


def receive(channel: paramiko.Channel, command: str, take: Take, state: SwitchState) -> None:
    """Take one file; anything else that is sent ends the session."""
    channel.settimeout(10)
    path = shlex.split(command)[-1]
    channel.sendall(OK)
    line = _line(channel)
    while line[:1] == b"T":  # times of the file
        channel.sendall(OK)
        line = _line(channel)
    kind, size, *_ = line.split()
    if not kind.startswith(b"C") or int(size) > LARGEST:
        return
    channel.sendall(OK)
    data = _exactly(channel, int(size) + 1)[:-1]
    taken = take(state, path, data)
    channel.sendall(OK if taken else b"\x01scp: no such device\n")
    channel.send_exit_status(0 if taken else 1)
    while channel.recv(1024):
        pass


def _line(channel: paramiko.Channel) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += _exactly(channel, 1)
    return line


def _exactly(channel: paramiko.Channel, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = channel.recv(count - len(data))
        if not part:
            raise EOFError("the sender hung up")
        data += part
    return data
