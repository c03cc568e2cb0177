"""NX-API over HTTPS: POST /ins, basic authentication, a list of JSON-RPC calls `cli` and `cli_ascii`; the first error ends it."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from controller.emulate.credentials import Credentials
from controller.emulate.dialects.nxos import NxosShell
from controller.emulate.faults import Dropped
from controller.emulate.httpsd import Answer, HttpsServer
from controller.emulate.state import Configuration, SwitchState

from .shows import MODELS, running

SIGNS = ("%", "Invalid ", "ERROR", "Syntax error")
QUIET = ("terminal dont-ask", "no terminal dont-ask")


class Failed(Exception):
    """A command that is refused."""


class NxapiServer:
    """Start it, talk to `port` with `certificate` trusted, stop it."""

    def __init__(self, state: SwitchState, credentials: Credentials, host: str = "127.0.0.1", port: int = 0) -> None:
        self._state, self._credentials = state, credentials
        self.checkpoints: dict[str, Configuration] = {}
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
            return Answer(401, b"<html>401 Authorization Required</html>", "text/html")
        if path != "/ins":
            return Answer(404, b"")
        boots = self._state.boots
        try:
            found = self._run(json.loads(body))
        except Dropped:
            return None
        # A switch that rebooted meanwhile answers nothing.
        return Answer(200, json.dumps(found).encode()) if boots == self._state.boots else None

    def _run(self, calls: list[dict[str, Any]]) -> Any:
        shell = NxosShell(self._state, self._credentials.enable)
        shell.mode = "config"
        results: list[dict[str, Any]] = []
        for call in calls:
            command, text = " ".join(call["params"]["cmd"].split()), call["method"] == "cli_ascii"
            try:
                result = self._one(shell, command, text=text)
                results.append({"jsonrpc": "2.0", "result": result, "id": call["id"]})
            except Failed as error:
                problem = {"code": -32602, "message": "Invalid params", "data": {"msg": str(error)}}
                results.append({"jsonrpc": "2.0", "error": problem, "id": call["id"]})
                break
        return results[0] if len(calls) == 1 else results

    def _one(self, shell: NxosShell, command: str, *, text: bool) -> dict[str, Any] | None:
        self._state.faults.before_read("ssh")
        words = command.split()
        if words[0] == "show":
            return {"msg": self._shown(command)} if text else {"body": self._model(command)}
        said = self._with_files(command, words)
        if said is not None:
            return {"msg": said} if text else None
        answer = shell.run(command)
        if _refused(answer):
            raise Failed(answer.strip())
        return {"msg": answer} if text else None

    def _with_files(self, command: str, words: list[str]) -> str | None:
        """Checkpoints and saving; None for a command that is neither."""
        if command in QUIET:
            return ""
        if words[:2] == ["checkpoint", "file"]:
            self.checkpoints[words[2]] = self._state.configuration()
            return "Done\n"
        if words[:3] == ["rollback", "running-config", "file"]:
            self._state.load(self.checkpoints[words[3]])
            return "Rollback completed successfully.\n"
        if words[:2] == ["copy", "run"]:
            self._state.save()
            return "Copy complete.\n"
        if words[0] != "dir":
            return None
        known = words[1] in self.checkpoints
        return f"  71803    Sep 06 14:13:33 2023  {words[1]}\n" if known else "No such file or directory\n"

    def _shown(self, command: str) -> str:
        if command in ("show running-config", "show running-config all"):
            return running(self._state)
        shell = NxosShell(self._state, self._credentials.enable)
        answer = shell.run(command)
        if _refused(answer):
            raise Failed(answer.strip())
        return answer

    def _model(self, command: str) -> dict[str, Any]:
        if command not in MODELS:
            raise Failed("structured output unsupported")
        return MODELS[command](self._state)


def _refused(answer: str) -> bool:
    return any(line.strip().startswith(SIGNS) for line in answer.splitlines())
