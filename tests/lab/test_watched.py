"""The agent's memory of the database: what it was told is what it tells; a connection that is gone is watched anew."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.lab.agent.rpc import JsonRpc
from controller.lab.agent.watched import Watched

SOON_S = 20.0
COLUMNS = {"Port": ("name", "tag")}


class Database:
    """Answers `monitor` with what it holds then, and tells what it is made to tell."""

    def __init__(self, path: Path) -> None:
        self.rows: dict[str, Any] = {"u1": {"new": {"name": "ge1", "tag": 10}}}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._peer: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def tell(self, *changes: dict[str, Any]) -> None:
        """Notifications."""
        assert self._peer is not None
        for change in changes:
            self._send({"method": "update", "params": [None, {"Port": change}], "id": None})

    def hang_up(self) -> None:
        """The database restarts."""
        assert self._peer is not None
        self._peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """It is over."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(SOON_S)

    def _serve(self) -> None:
        with self._listener:
            while True:
                try:
                    peer, _ = self._listener.accept()
                except OSError:
                    break
                self._take(peer)
            if self._peer is not None:
                self._peer.close()

    def _take(self, peer: socket.socket) -> None:
        if self._peer is not None:
            self._peer.close()
        self._peer = peer
        question = json.loads(self._peer.recv(65536))
        self._send({"id": question["id"], "result": {"Port": self.rows}, "error": None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._peer is not None
        self._peer.sendall(json.dumps(message).encode())


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """At tmp_path/db."""
    found = Database(tmp_path / "db")
    yield found
    found.close()


@pytest.fixture
def rpc(tmp_path: Path, database: Database) -> Iterator[JsonRpc]:
    """To it."""
    with contextlib.closing(JsonRpc(str(tmp_path / "db"))) as found:
        yield found


def test_what_was_told_is_known_without_asking(rpc: JsonRpc, database: Database) -> None:
    """A change, a new row, one that is gone; nothing told, nothing changed."""
    watched = Watched(rpc, COLUMNS)
    assert watched.refresh()
    assert {"u1": {"name": "ge1", "tag": 10}} == watched.tables["Port"]
    assert not watched.refresh()
    database.tell({"u1": {"old": {"tag": 10}, "new": {"name": "ge1", "tag": 666}}}, {"u2": {"new": {"name": "ge2"}}})
    assert watched.refresh()
    assert {"u1": {"name": "ge1", "tag": 666}, "u2": {"name": "ge2"}} == watched.tables["Port"]
    database.tell({"u2": {"old": {"name": "ge2"}}})
    assert watched.refresh()
    assert ["u1"] == list(watched.tables["Port"])


def test_a_connection_that_is_gone(rpc: JsonRpc, database: Database) -> None:
    """What changed meanwhile is read: nothing of before is told as if it were so now."""
    watched = Watched(rpc, COLUMNS)
    watched.refresh()
    database.rows = {"u3": {"new": {"name": "ge3", "tag": 20}}}
    database.hang_up()
    assert watched.refresh()
    assert ["u3"] == list(watched.tables["Port"])
