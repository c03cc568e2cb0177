"""JSON-RPC to Open vSwitch over its Unix sockets: a transaction of the database, or a command of the daemon."""

from __future__ import annotations

import json
import socket
from typing import Any


class JsonRpc:
    """One connection, kept; opened again when it is gone. OSError if nobody is there."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._sock: socket.socket | None = None
        self._next = 0
        self._rest = ""

    def call(self, method: str, params: list[Any]) -> Any:
        """The result; ValueError if the other side says no."""
        try:
            return self._ask(method, params)
        except (OSError, EOFError):
            self._sock = None
            return self._ask(method, params)

    def _ask(self, method: str, params: list[Any]) -> Any:
        if self._sock is None:
            self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._sock.settimeout(5.0)
            self._sock.connect(self._path)
            self._rest = ""
        self._next += 1
        self._sock.sendall(json.dumps({"method": method, "params": params, "id": self._next}).encode())
        while True:
            message = self._message()
            if message.get("method") == "echo":  # the database asks whether we live
                answer = {"result": message["params"], "error": None, "id": message["id"]}
                self._sock.sendall(json.dumps(answer).encode())
            elif message.get("id") == self._next:
                if message.get("error"):
                    raise ValueError(str(message["error"]))
                return message["result"]

    def _message(self) -> dict[str, Any]:
        assert self._sock is not None  # noqa: S101 only called once it is open
        while True:
            try:
                found, end = json.JSONDecoder().raw_decode(self._rest)
            except ValueError:
                data = self._sock.recv(65536)
                if not data:
                    raise EOFError("the other side hung up") from None
                self._rest += data.decode()
                continue
            self._rest = self._rest[end:].lstrip()
            return dict(found)
