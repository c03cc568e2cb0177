"""eAPI over HTTPS: POST /command-api, basic authentication, JSON-RPC 2.0 `runCmds`."""

from __future__ import annotations

from typing import Any

from controller.emulate.apiserver import ApiServer
from controller.emulate.candidates import Candidates
from controller.emulate.credentials import Credentials
from controller.emulate.dialects.eos import EosShell
from controller.emulate.httpsd import Answer
from controller.emulate.state import SwitchState

from .commands import Conversation, Failed


class EapiServer(ApiServer):
    """The API of Arista EOS."""

    PATH = "/command-api"
    DENIED = Answer(401, b"Unable to authenticate user: Bad username/password combination")

    def __init__(self, state: SwitchState, credentials: Credentials, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(state, credentials, host, port)
        self.candidates = Candidates(state, EosShell, credentials.enable)

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Commands in their order; the first that fails ends them."""
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
