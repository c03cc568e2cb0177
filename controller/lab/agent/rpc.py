"""JSON-RPC to Open vSwitch over its Unix sockets: a transaction of the database, or a command of the daemon."""

from __future__ import annotations

import json
import select
import socket
from typing import Any


class JsonRpc:
    """One connection, kept; opened again when it is gone. OSError if nobody is there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._sock: socket.socket | None = None
        self._next = 0
        self._rest = ""
        self.told: list[Any] = []  # parameters of notifications of a monitor, until somebody takes them
        self.opened = 0  # how often: what was watched on an earlier connection is watched no more

    @property
    def alive(self) -> bool:
        """Whether a connection is open, as far as is known."""
        return self._sock is not None

    def call(self, method: str, params: list[Any]) -> Any:
        """The result; ValueError if the other side says no."""
        try:
            return self._ask(method, params)
        except (OSError, EOFError):
            self.close()
            return self._ask(method, params)

    def listen(self) -> None:
        """Take what was told meanwhile, without waiting. A connection that is gone is opened by the next call."""
        while self._sock is not None and select.select([self._sock], [], [], 0)[0]:
            try:
                data = self._sock.recv(65536)
            except OSError:
                data = b""
            self._rest += data.decode()
            if not data:
                self.close()
        while (message := self._whole()) is not None:
            self._heard(message)

    def close(self) -> None:
        """Hang up."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _ask(self, method: str, params: list[Any]) -> Any:
        if self._sock is None:
            self._open()
        assert self._sock is not None  # noqa: S101 just opened
        self._next += 1
        self._sock.sendall(json.dumps({"method": method, "params": params, "id": self._next}).encode())
        while True:
            message = self._message()
            if message.get("method"):
                self._heard(message)
            elif message.get("id") == self._next:
                if message.get("error"):
                    raise ValueError(str(message["error"]))
                return message["result"]

    def _open(self) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(5.0)
        self._sock.connect(self._path)
        self._rest, self.told = "", []
        self.opened += 1

    def _heard(self, message: dict[str, Any]) -> None:
        """The database asks whether we live, or tells what changed."""
        if message.get("method") == "update":
            self.told.append(message["params"])
        elif message.get("method") == "echo" and self._sock is not None:
            answer = {"result": message["params"], "error": None, "id": message["id"]}
            self._sock.sendall(json.dumps(answer).encode())

    def _message(self) -> dict[str, Any]:
        assert self._sock is not None  # noqa: S101 only called once it is open
        while (found := self._whole()) is None:
            data = self._sock.recv(65536)
            if not data:
                raise EOFError("the other side hung up")
            self._rest += data.decode()
        return found

    def _whole(self) -> dict[str, Any] | None:
        """The next message that has come to its end."""
        try:
            found, end = json.JSONDecoder().raw_decode(self._rest)
        except ValueError:
            return None
        self._rest = self._rest[end:].lstrip()
        return dict(found)
