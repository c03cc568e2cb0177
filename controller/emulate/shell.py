"""What every emulated command line has: modes, keywords that may be cut short, questions, a pager; a dialect is a subclass.

Dialects are written from manuals and transcripts, never from the vendor files that they are to test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from .faults import Refused
from .state import EmulatedPort, SwitchState

Command = Callable[["Shell", list[str]], str]
Grammar = Mapping[str, Mapping[str, Command]]
QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"?|(\S+)')
PLAIN = re.compile(r"()(\S+)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line, and where it begins there."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """What the device wants to know before it goes on; `hidden`: without echo."""

    text: str
    answered: Callable[[str], str]
    hidden: bool = False


class Shell:
    """One session's place in the command line."""

    grammar: ClassVar[Grammar] = {}
    first_mode = "exec"
    banner = ""
    greeting: Question | None = None  # before the first prompt
    more = " --More-- "
    wipe = "\b" * 10 + " " * 10 + "\b" * 10
    more_takes = b" \r\n"
    quotes = False  # words may stand in double quotes
    pipes = False  # `| include TEXT`
    readers: tuple[str, ...] = ("show",)
    invalid = "% Invalid input"
    incomplete = "% Incomplete command"
    ambiguous = "% Ambiguous command"
    refused = "% Command rejected: the switch is busy"
    shorts: ClassVar[Mapping[str, str]] = {}  # short -> long beginnings of interface names
    page = 24

    def __init__(self, state: SwitchState, enable_password: str) -> None:
        self.state, self.enable_password = state, enable_password
        self.mode = self.first_mode
        self.port: EmulatedPort | None = None
        self.vlan = 0
        self.length = self.page
        self.closed = False
        self.question = self.greeting

    @staticmethod
    def port_name(place: int) -> str:
        """What the port at `place` (1 to 24) is called."""
        return f"GigabitEthernet0/{place}"

    @classmethod
    def take_file(cls, state: SwitchState, path: str, data: bytes) -> bool:  # noqa: ARG003
        """A file that came over SCP; False where there is nowhere to put it."""
        return False

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        return self.question.text if self.question else self.mode_prompt()

    @property
    def hides(self) -> bool:
        """Whether what is typed now is echoed."""
        return self.question is not None and self.question.hidden

    def mode_prompt(self) -> str:
        """The prompt of the mode."""
        raise NotImplementedError

    def run(self, line: str) -> str:
        """What a line of input prints."""
        if self.question is not None:
            asked, self.question = self.question, None
            return self._tried(lambda: asked.answered(line))
        line, _, filters = line.partition(" | ") if self.pipes else (line, "", "")
        words = words_of(line, quotes=self.quotes)
        if not words:
            return ""
        if words[0].text in self.readers:
            self.state.faults.before_read("ssh")
        answer = self._dispatch(words, line)
        return filtered(answer, filters) if filters else answer

    def find_port(self, name: str) -> EmulatedPort | None:
        """The port that a name means: in any case, with blanks, in its short form, or cut short."""
        wanted = name.lower().replace(" ", "")
        begin = re.match(r"[a-z-]*", wanted)
        word = begin.group() if begin else ""
        words = {word, self.shorts.get(word, word).lower()}
        for port in self.state.ports.values():
            own = re.match(r"[a-z-]*", port.name.lower().replace(" ", ""))
            head = own.group() if own else ""
            rest = port.name.lower().replace(" ", "")[len(head) :]
            if rest == wanted[len(word) :] and any(head.startswith(w) for w in words) and bool(word) == bool(head):
                return port
        return None

    def no_such_port(self, name: str, /) -> str:
        """What a name that is no port's is answered with."""
        return self.complain(self.invalid, name)

    def complain(self, text: str, line: str) -> str:
        """An error about a line of input."""
        return text.format(line=line) + "\n"

    def ask(self, text: str, yes: Callable[[], str], *, says: str = "y") -> str:
        """Have a question answered before something happens."""
        self.question = Question(text, lambda answer: yes() if answer.strip().lower()[:1] == says else "")
        return ""

    def ask_password(self) -> str:
        """Ask for the enable password; the dialect's `privileged` mode follows."""
        self.question = Question("Password: ", self._privilege, hidden=True)
        return ""

    def _privilege(self, answer: str) -> str:
        if answer != self.enable_password:
            return "% Access denied\n"
        self.mode = "privileged"
        return ""

    def _dispatch(self, words: list[Word], line: str) -> str:
        commands = self.grammar[self.mode]
        found, incomplete = [], False
        for pattern, command in commands.items():
            parts = pattern.split()
            values = match(parts, words, line)
            if values is not None:
                found.append((pattern, values, command))
            incomplete = incomplete or match(parts[: len(words)], words, line) is not None
        exact = [f for f in found if f[0].split()[0] == words[0].text.lower()] or found
        if len({f[0].split()[0] for f in exact}) > 1:
            return self.complain(self.ambiguous, line)
        if not exact:
            return self.complain(self.incomplete if incomplete else self.invalid, line)
        # The pattern with the fewest placeholders and the most words says most precisely what was meant.
        _, values, command = min(exact, key=lambda f: (f[0].count("<"), -len(f[0].split())))
        return self._tried(lambda: command(self, values))

    def _tried(self, action: Callable[[], str]) -> str:
        try:
            return action()
        except Refused:
            return self.refused + "\n"


def words_of(line: str, *, quotes: bool) -> list[Word]:
    """Words with their places; in quotes, a backslash takes the next character as it is."""
    words = []
    for found in (QUOTED if quotes else PLAIN).finditer(line):
        bare = found.group(2) is not None
        text = found.group(2) if bare else re.sub(r"\\(.)", r"\1", found.group(1))
        words.append(Word(text, found.start()))
    return words


def match(pattern: list[str], words: list[Word], line: str) -> list[str] | None:
    """Values of the placeholders if every word is (the beginning of) its keyword; None if not. `<...>` takes all the rest."""
    values: list[str] = []
    for index, part in enumerate(pattern):
        if part == "<...>":
            return [*values, line[words[index].start :]] if words[index:] else None
        if index >= len(words):
            return None
        if part.startswith("<"):
            values.append(words[index].text)
        elif not part.startswith(words[index].text.lower()):
            return None
    return values if len(words) == len(pattern) else None


def filtered(text: str, filters: str) -> str:
    """What `| include TEXT`, `| match TEXT`, `| exclude TEXT` and `| no-more` leave of it."""
    verb, _, wanted = filters.strip().partition(" ")
    wanted = wanted.strip().strip('"')
    lines = text.splitlines(keepends=True)
    if "include".startswith(verb) or "match".startswith(verb):
        return "".join(line for line in lines if re.search(wanted, line))
    return "".join(line for line in lines if not re.search(wanted, line)) if "exclude".startswith(verb) else text
