"""Question and answer with a command line: a line out, its answer up to the next prompt in, pagers turned on the way.

No waiting by guess: the socket is waited on, and an answer is complete when the device's own prompt stands at its end.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Sequence
from typing import Protocol

from .reads import Manners, Reply

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][A-Za-z0-9]|[=>78cDEHM])")
NEW_LINE = re.compile(
    r"\x1b(?:\[\d*(?:;1?)?[Hf]|\[\d*L|E)"
)  # to the beginning of a line: screens of ProCurve have no other end
ERASED = r"(?: *(?:\x1b\[[0-?]*[ -/]*[@-~]|[\b]+|\r(?!\n)))*"  # how a pager wipes its own line, and no blank more
TAIL = 600  # characters at the end in which a prompt is looked for
MOST_CHARACTERS = 32_000_000
NUDGE_S = 2.0  # without a prompt after log-in: a console server, or a shell that waits for a key
QUIET_S = 0.3  # a prompt without an echo before it counts when nothing follows for so long
SILENT = {0: None, 7: None}  # some ring a bell after their prompt
ECHO_LETTERS = 10
LOG = (  # what a device has to say meanwhile: Cisco, Dell, VRP, Comware, EXOS, RouterOS, Junos, FASTPATH
    r"[^\r\n]*(?:%%?\d*[A-Z][A-Z0-9_]*[-/]|\b[A-Z0-9_]+/\d/[A-Z]|<(?:Info|Noti|Warn|Erro|Crit)\b|\becho: \w"
    r"|\bsyslogd@|^<\d{1,3}> ?[A-Z])[^\r\n]*"
)
PREFIX = 14  # of a device's name: some cut it in their prompts


class Channel(Protocol):
    """What is needed of a paramiko channel."""

    def recv(self, nbytes: int) -> bytes: ...

    def sendall(self, s: bytes) -> object: ...

    def settimeout(self, timeout: float | None) -> None: ...


class Dialog:
    """One shell on one channel. TimeoutError when the device is silent, EOFError when it hung up."""

    def __init__(self, channel: Channel, manners: Manners, timeout_s: float) -> None:
        self._channel, self._manners, self._timeout_s = channel, manners, timeout_s
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._more = re.compile(manners.more + r"[^\r\n]*\Z")
        self._wipe = re.compile(rf"{ERASED} *(?:{manners.more})(?:[^\r\n\x08\x1b]*)(?:\r(?!\n))?{ERASED}")
        self._prompt = _compiled(manners.prompt, f"(?P<name>{manners.name})")
        self._anyones, self._sure, self._interrupted = self._prompt, False, re.compile(r"(?!)(?P<spoken>)")
        self.name = ""
        self.prompt = ""

    def greet(self) -> str:
        """Read to the first prompt, answer what is asked at log-in, and learn the device's name."""
        try:
            text = self._read(self._prompt, self._manners.at_login, patience_s=NUDGE_S)
        except TimeoutError:
            self._channel.sendall(self._manners.newline.encode())
            text = self._read(self._prompt, self._manners.at_login)
        self._learn(text)
        return text

    def _learn(self, text: str) -> None:
        found = self._anyones.search(text[-TAIL:])
        self.name = found.group("name") if found else ""
        self._prompt = _compiled(self._manners.prompt, _cut(self.name))
        self._interrupted = re.compile(
            self._prompt.pattern[:-2] + rf"(?P<spoken>(?:[\r\n](?:{LOG})?)+)\Z", re.MULTILINE
        )
        self._note_prompt(text)

    def ask(self, line: str, replies: Sequence[Reply] = (), *, also: str | None = None, echoed: bool = True) -> str:
        """Type a line; what it prints, without echo and prompt. `also` = another end than the prompt (a password)."""
        self._channel.sendall((line + self._manners.newline).encode())
        wanted = self._prompt if also is None else re.compile(f"{self._prompt.pattern}|{also}")
        text = self._read(wanted, replies, after=line if echoed else "")
        if not self._sure and not wanted.search(text[-TAIL:]):
            self._learn(text)  # a line of the banner had looked like the prompt
            wanted = self._prompt
        self._sure = True
        self._note_prompt(text)
        return self._answer(text, line if echoed else "")

    def _read(
        self,
        wanted: re.Pattern[str],
        replies: Sequence[Reply],
        after: str | None = None,
        patience_s: float | None = None,
    ) -> str:
        """Everything up to an end that `wanted` matches, cleaned; `after` = a line whose echo must have come first."""
        deadline = time.monotonic() + min(patience_s or self._timeout_s, self._timeout_s)
        done, raw = "", ""
        while True:
            tail = _shown(raw[-TAIL:])
            found = wanted.search(tail)
            if found and (after is None or done or self._echoed(raw, after)):
                break
            end = len(tail) if found else self._end(tail) if after is not None and self._echoed(raw, after) else None
            left_s = deadline - time.monotonic()
            data = self._receive(left_s if end is None else min(QUIET_S, left_s))
            if data is None and end is not None:
                raw = raw[:-TAIL] + tail[:end]
                break
            if data is None:
                raise TimeoutError("no answer")
            raw += data
            if len(raw) > MOST_CHARACTERS:
                raise EOFError("the answer does not end")
            reply = self._reply(ANSI.sub("", raw[-TAIL:]), replies)
            if reply is not None:
                self._channel.sendall(reply.encode())
                done, raw = done + raw, ""
                deadline = time.monotonic() + self._timeout_s
        return self._clean(done + raw)

    def _end(self, tail: str) -> int | None:
        """Where an answer ends that seems to go on, if nothing follows: at the prompt before a message of the console, or, as
        long as the device's name is not sure, at any prompt."""
        spoken = self._interrupted.search(tail)
        if spoken:
            return spoken.start("spoken")
        return len(tail) if not self._sure and self._anyones.search(tail) else None

    def _reply(self, tail: str, replies: Sequence[Reply]) -> str | None:
        if self._more.search(tail):
            return " "
        found = next((r for r in replies if re.search(r.ask + r"\s*\Z", tail)), None)
        return None if found is None else found.say if found.say == " " else found.say + self._manners.newline

    def _receive(self, seconds: float) -> str | None:
        if seconds <= 0:
            return None
        self._channel.settimeout(seconds)
        try:
            data = self._channel.recv(65536)
        except TimeoutError:
            return None
        if not data:
            raise EOFError("the session ended")
        return self._decoder.decode(data).translate(SILENT)

    def _echoed(self, raw: str, line: str) -> bool:
        """The line was seen, and a line end after it; letters only, as wide lines scroll and odd characters are redrawn."""
        letters = _letters(line)[-ECHO_LETTERS:]
        place = _letters(raw).find(letters)
        return place >= 0 and ("\n" in raw or NEW_LINE.search(raw) is not None)

    def _clean(self, raw: str) -> str:
        text = _shown(self._wipe.sub("", raw)).replace("\r\n", "\n").replace("\r", "\n")
        while "\b" in text:
            shorter = re.sub(r"[^\b\n]\b|^\b", "", text)
            text = shorter if shorter != text else text.replace("\b", "")
        return text

    def _answer(self, text: str, line: str) -> str:
        body = self._prompt.sub("", text)
        lines = body.lstrip("\n").split("\n")
        if not line:
            return "\n".join(lines[1:])
        echo = next(
            (at for at, text in enumerate(lines) if _letters(text).endswith(_letters(line)[-ECHO_LETTERS:])), None
        )
        before = [text for text in lines[:echo] if text.strip() and not re.fullmatch(LOG, text)]
        own = [text for text in before if not self._prompt.search(text)]
        return body if echo is None or own else "\n".join(lines[echo + 1 :])

    def _note_prompt(self, text: str) -> None:
        found = self._prompt.search(text[-TAIL:])
        self.prompt = found.group().strip() if found else ""


def _compiled(prompt: str, name: str) -> re.Pattern[str]:
    return re.compile(r"(?:\A|(?<=[\r\n]))[ \t]*(?:" + prompt.replace("{name}", name) + r")[ \t]*\Z")


def _cut(name: str) -> str:
    """A pattern of the name, all of it or cut."""
    rest = rf"(?:{re.escape(name[PREFIX:])}|[^\s<>\[\]()#]*)" if len(name) > PREFIX else ""
    return re.escape(name[:PREFIX]) + rest


def _shown(text: str) -> str:
    return ANSI.sub("", NEW_LINE.sub("\n", text))


def _letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", ANSI.sub("", text))
