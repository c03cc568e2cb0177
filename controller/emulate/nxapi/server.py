"""NX-API over HTTPS: POST /ins, basic authentication, a list of JSON-RPC calls `cli` and `cli_ascii`; the first error ends it."""

from __future__ import annotations

from typing import Any

from controller.emulate.apiserver import ApiServer
from controller.emulate.credentials import Credentials
from controller.emulate.dialects.nxos import NxosShell
from controller.emulate.httpsd import Answer
from controller.emulate.state import Configuration, SwitchState

from .shows import MODELS, running

SIGNS = ("%", "Invalid ", "ERROR", "Syntax error")
QUIET = ("terminal dont-ask", "no terminal dont-ask")


class Failed(Exception):
    """A command that is refused."""


class NxapiServer(ApiServer):
    """The API of Cisco NX-OS."""

    PATH = "/ins"
    DENIED = Answer(401, b"<html>401 Authorization Required</html>", "text/html")

    def __init__(self, state: SwitchState, credentials: Credentials, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(state, credentials, host, port)
        self.checkpoints: dict[str, Configuration] = {}

    def run(self, request: list[dict[str, Any]]) -> Any:
        """Calls in their order; the first error ends them."""
        shell = NxosShell(self._state, self._credentials.enable)
        shell.mode = "config"
        results: list[dict[str, Any]] = []
        for call in request:
            command, text = " ".join(call["params"]["cmd"].split()), call["method"] == "cli_ascii"
            try:
                result = self._one(shell, command, text=text)
                results.append({"jsonrpc": "2.0", "result": result, "id": call["id"]})
            except Failed as error:
                problem = {"code": -32602, "message": "Invalid params", "data": {"msg": str(error)}}
                results.append({"jsonrpc": "2.0", "error": problem, "id": call["id"]})
                break
        return results[0] if len(request) == 1 else results

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
