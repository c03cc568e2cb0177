"""What the HTTP APIs of emulated switches have in common: HTTPS, basic authentication, one path, JSON in and out."""

from __future__ import annotations

import base64
import hmac
import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from controller.emulate.credentials import Credentials
from controller.emulate.faults import Dropped
from controller.emulate.httpsd import Answer, HttpsServer
from controller.emulate.state import SwitchState


class ApiServer(ABC):
    """Start it, talk to `port` with `certificate` trusted, stop it. A kind of switch says its path and answers `run`."""

    PATH: ClassVar[str]
    DENIED: ClassVar[Answer]  # what a wrong password is answered with

    def __init__(self, state: SwitchState, credentials: Credentials, host: str = "127.0.0.1", port: int = 0) -> None:
        self._state, self._credentials = state, credentials
        self._http = HttpsServer(self._answer, host, port)

    @property
    def port(self) -> int:
        """TCP port."""
        return self._http.port

    @property
    def certificate(self) -> str:
        """Its own, in PEM form."""
        return self._http.certificate

    def start(self) -> None:
        """Bind and serve."""
        self._http.start()

    def stop(self) -> None:
        """Close the listener."""
        self._state.faults.set("none")
        self._http.stop()

    @abstractmethod
    def run(self, request: Any) -> Any:
        """The answer to a request, both as JSON; Dropped where the switch falls silent."""

    def _answer(self, path: str, authorization: str, body: bytes) -> Answer | None:
        keys = self._credentials
        expected = base64.b64encode(f"{keys.username}:{keys.password}".encode()).decode()
        if not hmac.compare_digest(authorization, f"Basic {expected}"):
            return self.DENIED
        if path != self.PATH:
            return Answer(404, b"")
        boots = self._state.boots
        try:
            found = self.run(json.loads(body))
        except Dropped:
            return None
        # A switch that rebooted meanwhile answers nothing.
        return Answer(200, json.dumps(found).encode()) if boots == self._state.boots else None
