"""One eAPI request: its commands one by one, in the modes they lead to, until one fails."""

from __future__ import annotations

import re
from typing import Any

from controller.emulate.candidates import Candidates
from controller.emulate.dialects.eos import EosShell
from controller.emulate.state import SwitchState

from .shows import MODELS, sessions

BEGIN = re.compile(r"configure session (\S+)$")
COMMIT = re.compile(r"configure session (\S+) commit(?: timer (\d\d):(\d\d):(\d\d))?$")
ABORT = re.compile(r"configure session (\S+) abort$")
DIFFS = re.compile(r"show session-config named (\S+) diffs$")
MOST_SESSIONS = 5  # EOS: configure session ... pending sessions, by default


class Failed(Exception):
    """A command that failed; `code` as in the manual's table of eAPI errors."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code, self.what = code, what


class Conversation:
    """The modes of one request: EOS forgets them with its answer."""

    def __init__(self, state: SwitchState, candidates: Candidates, enable: str, *, text: bool) -> None:
        self._state, self._candidates, self._enable, self._text = state, candidates, enable, text
        self._shell = EosShell(state, enable)
        self._shell.mode = "user"
        self._session: str | None = None

    def run(self, command: str, typed: str) -> dict[str, Any]:
        """Its result; Failed if it is refused. `typed` answers what it asks, as a password."""
        line = " ".join(command.split())
        if line == "enable":
            if typed != self._enable:
                raise Failed(1002, "invalid command: % Access denied")
            self._shell.mode = "privileged"
            return {}
        self._state.faults.before_read("ssh")
        if self._session is not None:
            return self._in_session(line)
        if line.startswith("show "):
            return self._shown(line)
        if self._shell.mode != "privileged":
            raise Failed(1002, "invalid command: % Invalid input (privileged mode required)")
        return self._done(line)

    def _shown(self, line: str) -> dict[str, Any]:
        diffs = DIFFS.match(line)
        if diffs:
            head = f"--- system:/running-config\n+++ session:/{diffs[1]}-session-config\n"
            return {"output": head + self._candidates.difference(diffs[1]) + "\n"}
        if line in ("show configuration sessions", "show configuration sessions detail"):
            return sessions(self._candidates, self._state.uptime_ms() / 1000, self._state.clock.monotonic_s())
        if not self._text:
            model = MODELS.get(line)
            if model is None:
                raise Failed(1003, "could not run command: unconverted command")
            return model(self._state)
        answer = self._shell.run(line)
        if answer.startswith("%"):
            raise Failed(1002, f"invalid command: {answer.strip()}")
        return {"output": answer}

    def _done(self, line: str) -> dict[str, Any]:
        begun, commit, abort = BEGIN.match(line), COMMIT.match(line), ABORT.match(line)
        if commit:
            self._commit(commit)
        elif abort:
            self._candidates.abort(abort[1])
        elif begun:
            if len(self._candidates.open) >= MOST_SESSIONS and begun[1] not in self._candidates.open:
                raise Failed(1000, "could not run command: Maximum number of pending sessions has been reached")
            self._session = begun[1]
            self._candidates.candidate(begun[1])
        elif line == "write memory":
            self._state.save()
        elif not line.startswith("copy startup-config "):
            raise Failed(1002, "invalid command: % Invalid input")
        return {"output": ""} if self._text else {}

    def _commit(self, found: re.Match[str]) -> None:
        name, waiting = found[1], self._candidates.waiting
        if waiting is not None and waiting.name == name:
            self._candidates.confirm()
            return
        if name not in self._candidates.open:
            raise Failed(1000, f"could not run command: session {name} does not exist")
        timer_s = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4]) if found[2] else None
        answer = self._candidates.commit(name, timer_s)
        if answer:
            raise Failed(1000, f"could not run command: {answer.strip()}")

    def _in_session(self, line: str) -> dict[str, Any]:
        assert self._session is not None  # noqa: S101
        if line == "end":
            self._session = None
            return {}
        answer = self._candidates.try_line(self._session, line)
        if "%" in answer:
            raise Failed(1002, f"invalid command: {answer.strip()}")
        return {}
