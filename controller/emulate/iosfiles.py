"""The file system of an emulated IOS, and what its configuration archive does with files: differences, copying into the running
configuration, going back by a timer (Cisco IOS Configuration Fundamentals: Configuration Replace and Rollback)."""

from __future__ import annotations

import hashlib
import weakref

from .candidates import Candidates, configuration_of
from .credentials import USER
from .shell import Shell
from .state import SwitchState

SIZE, FREE = 122_185_728, 98_765_432
MERGE = "merge"
NO_SUCH_FILE = "%Error opening {path} (No such file or directory)\n"
_KNOWN: weakref.WeakKeyDictionary[SwitchState, IosFiles] = weakref.WeakKeyDictionary()


class IosFiles:
    """Of one switch; its shells share it."""

    def __init__(self, state: SwitchState, shell: type[Shell]) -> None:
        self._state = state
        self.flash: dict[str, bytes] = {}
        self.candidates = Candidates(state, shell, "")

    def listing(self, path: str) -> str:
        """dir: all of it, or one file."""
        name = name_of(path)
        if name and name not in self.flash:
            return NO_SUCH_FILE.format(path=path)
        rows = [
            f"   {place:2}  -rw- {len(data):9}   Mar 1 1993 00:01:22 +00:00  {found}"
            for place, (found, data) in enumerate(sorted(self.flash.items()), start=3)
            if not name or found == name
        ]
        return "\n".join([f"Directory of flash:/{name}", "", *rows, "", f"{SIZE} bytes total ({FREE} bytes free)", ""])

    def md5(self, path: str) -> str:
        """verify /md5."""
        data = self.flash.get(name_of(path))
        if data is None:
            return NO_SUCH_FILE.format(path=path)
        return f".Done!\nverify /md5 ({path}) = {hashlib.md5(data, usedforsecurity=False).hexdigest()}\n\n"

    def keep_running(self, path: str) -> str:
        """copy running-config FILE."""
        text = "\n".join([*configuration_of(self._state), "end", ""]).encode()
        self.flash[name_of(path)] = text
        return f"{len(text)} bytes copied in 0.5 secs\n"

    def empty(self, path: str) -> str:
        """copy null: FILE."""
        self.flash[name_of(path)] = b""
        return "0 bytes copied in 0.1 secs\n"

    def differences(self, path: str) -> str:
        """show archive config incremental-diffs FILE: lines that the running configuration does not have."""
        data = self.flash.get(name_of(path))
        if data is None:
            return NO_SUCH_FILE.format(path=path)
        self.candidates.open.pop(MERGE, None)
        unknown = [line for line in lines_of(data) if "%" in self.candidates.try_line(MERGE, line)]
        changed = incremental(configuration_of(self._state), configuration_of(self.candidates.candidate(MERGE).trial))
        self.candidates.open.pop(MERGE, None)
        if not changed + unknown:
            return "!List of Commands:\nend\n!No changes were found\n"
        return "\n".join(["!List of Commands:", *changed, *unknown, "end", ""])

    def merge(self, path: str, shell: Shell) -> str:
        """copy FILE running-config: every line is done, also those after one that is refused."""
        data = self.flash.get(name_of(path))
        if data is None:
            return NO_SUCH_FILE.format(path=path)
        shell.mode = "config"
        said = "".join(answer for line in lines_of(data) if "%" in (answer := shell.run(line)))
        return f"{said}{len(data)} bytes copied in 0.6 secs\n"

    def begin_timer(self, minutes: int) -> None:
        """configure terminal revert timer MINUTES."""
        self.candidates.wait(MERGE, minutes * 60)

    def timer(self) -> str:
        """show archive config rollback timer."""
        waiting = self.candidates.waiting
        if waiting is None:
            return "%No Rollback Confirmed Change pending\n"
        left = max(int(waiting.due_s - self._state.clock.monotonic_s()) // 60, 0)
        return (
            "Time configured(Local/GMT): 22:50:48 UTC Wed Mar 10 2021/22:50:48 UTC Wed Mar 10 2021\n"
            f"Timer type: absolute timer\nTimer value: {left} min\nUser: {USER}\n"
        )


def files_of(state: SwitchState, shell: type[Shell]) -> IosFiles:
    """The one of this switch."""
    found = _KNOWN.get(state)
    if found is None:
        found = _KNOWN[state] = IosFiles(state, shell)
    return found


def name_of(path: str) -> str:
    """`x` of `flash:/x`, `flash:x` and `x`."""
    return path.removeprefix("flash:").lstrip("/")


def lines_of(data: bytes) -> list[str]:
    """Lines of a configuration file."""
    return [
        line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip() and line.strip() != "end"
    ]


def incremental(before: list[str], after: list[str]) -> list[str]:
    """What would have to be typed, under its interface, to come from one to the other."""
    old, new = _sections(before), _sections(after)
    found = []
    for head, lines in new.items():
        gone = [f" no {line}" for line in old.get(head, []) if line not in lines]
        come = [f" {line}" for line in lines if line not in old.get(head, [])]
        if gone or come or head not in old:
            found += [head, *gone, *come]
    return found + [f"no {head}" for head in old if head not in new]


def _sections(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith(" "):
            found[next(reversed(found))].append(line.strip())
        else:
            found[line] = []
    return found
