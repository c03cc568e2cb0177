"""eAPI over HTTPS: POST /command-api, basic authentication, JSON-RPC 2.0 `runCmds`."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from controller.emulate.candidates import Candidates
from controller.emulate.credentials import Credentials
from controller.emulate.dialects.eos import EosShell
from controller.emulate.faults import Dropped
from controller.emulate.httpsd import Answer, HttpsServer
from controller.emulate.state import SwitchState

from .commands import Conversation, Failed


class EapiServer:
    """Start it, talk to `port` with `certificate` trusted, stop it."""

    def __init__(self, state: SwitchState, credentials: Credentials, host: str = "127.0.0.1", port: int = 0) -> None:
        self._state, self._credentials = state, credentials
        self.candidates = Candidates(state, EosShell, credentials.enable)
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

    def _answer(self, path: str, authorization: str, body: bytes) -> Answer | None:
        keys = self._credentials
        expected = base64.b64encode(f"{keys.username}:{keys.password}".encode()).decode()
        if not hmac.compare_digest(authorization, f"Basic {expected}"):
            return Answer(401, b"Unable to authenticate user: Bad username/password combination")
        if path != "/command-api":
            return Answer(404, b"")
        boots = self._state.boots
        try:
            found = self._run(json.loads(body))
        except Dropped:
            return None
        # A switch that rebooted meanwhile answers nothing.
        return Answer(200, json.dumps(found).encode()) if boots == self._state.boots else None

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        self.candidates.tick()
        asked = request["params"]
        talk = Conversation(self._state, self.candidates, self._credentials.enable, text=asked.get("format") == "text")
        results: list[dict[str, Any]] = []
        for place, command in enumerate(asked["cmds"], start=1):
            line, typed = (command["cmd"], command.get("input", "")) if isinstance(command, dict) else (command, "")
            try:
                results.append(talk.run(line, typed))
            except Failed as error:
                message = f"CLI command {place} of {len(asked['cmds'])} '{line}' failed: {error.what.partition(':')[0]}"
                data = [*results, {"errors": [error.what]}]
                return {
                    "jsonrpc": "2.0",
                    "id": request["id"],
                    "error": {"code": error.code, "message": message, "data": data},
                }
        return {"jsonrpc": "2.0", "id": request["id"], "result": results}
