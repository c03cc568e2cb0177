"""One device through NAPALM: opened when needed, kept, every failure typed; a change is a candidate, its diff and a commit."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from controller.core.errors import CommandRejected, CordonError, Unreachable, Unsupported
from controller.switches.driver import Exchange
from controller.switches.vendor import Vendor

from .access import Access
from .failures import typed
from .pending import pending_of

T = TypeVar("T")
OPTIONAL = "? "  # a line whose refusal is no failure: a candidate cannot say which line it means


class NapalmSession:
    """One thread at a time, the others wait."""

    def __init__(self, name: str, access: Access, vendor: Vendor) -> None:
        self._name, self._access, self._vendor = name, access, vendor
        self._device: Any = None
        self._lock = threading.RLock()
        self.confirms = access.platform.confirms and access.settings.commit_confirm
        self._pending = pending_of(access.platform.driver, confirms=access.platform.confirms)

    def ready(self) -> None:
        """Have it open; one that is in use is left alone."""
        if self._lock.acquire(blocking=False):
            try:
                if self._device is not None and not self._alive():
                    self.close()
                self._guarded("open", lambda _: None, retry=False)
            finally:
                self._lock.release()

    def show(self, command: str) -> str:
        """Output of a command; CommandRejected if the device says no."""
        answer = str(self._guarded(command, lambda device: device.cli([command])[command], retry=True))
        refused = self._vendor.failure_in(answer, table=True)
        if refused:
            raise CommandRejected(refused, where=self._name, command=command, answer=refused)
        return answer

    def table(self, getter: str) -> Any:
        """What one of NAPALM's getters gives; Unsupported where the platform has none."""
        return self._guarded(getter, lambda device: getattr(device, getter)(), retry=True)

    def difference(self, commands: tuple[str, ...]) -> str:
        """What a candidate with these lines would change, by the device's own comparison. It is thrown away again."""
        return self._guarded("compare_config", lambda device: self._compared(device, commands), retry=False)

    def configure(self, commands: tuple[str, ...], *, confirm_later: bool = False) -> tuple[Exchange, ...]:
        """Load the lines, compare, commit. `confirm_later`: the device goes back by itself unless `confirm` follows.

        A candidate that the device refuses, or that cannot be committed, is discarded. Never sent twice.
        """
        done: list[Exchange] = []
        try:
            self._guarded("commit_config", lambda d: self._change(d, commands, confirm_later, done), retry=False)
        except CordonError as error:
            error.details["exchanges"] = tuple(done)
            raise
        return tuple(done)

    def confirm(self) -> None:
        """Keep the commit of ours that waits; nothing if none does."""
        self._guarded("confirm_commit", self._confirmed, retry=False)

    def drop(self) -> tuple[Exchange, ...]:
        """Have the device go back from the commit of ours that waits; nothing if none does."""
        done: list[Exchange] = []
        self._guarded("rollback", lambda device: self._dropped(device, done), retry=False)
        return tuple(done)

    def close(self) -> None:
        """Let go of it. Hanging up on a dead device fails in many ways, and none of them matters any more."""
        device, self._device = self._device, None
        if device is not None:
            with contextlib.suppress(Exception):
                device.close()
        self._access.close()

    def _alive(self) -> bool:
        try:
            return bool(self._device.is_alive()["is_alive"])
        except Exception:  # noqa: BLE001 a session that cannot be asked is none
            return False

    def _compared(self, device: Any, commands: tuple[str, ...]) -> str:
        self._loaded(device, commands)
        try:
            return str(device.compare_config())
        finally:
            device.discard_config()

    def _change(self, device: Any, commands: tuple[str, ...], confirm_later: bool, done: list[Exchange]) -> None:
        if self._pending.mine(device):
            self._noted(
                done, "confirm_commit", lambda: self._pending.confirm(device)
            )  # read back before this one began
        self._noted(done, "load_merge_candidate", lambda: self._loaded(device, commands))
        try:
            if not self._noted(done, "compare_config", device.compare_config):
                device.discard_config()  # all of it is so already
                return
            timer = {"revert_in": self._access.settings.revert_s} if confirm_later and self.confirms else {}
            text = f"commit_config(revert_in={timer['revert_in']})" if timer else "commit_config()"
            self._noted(done, text, lambda: device.commit_config(**timer))
            self._check(getattr(device, "heard", ""))
        except Exception as error:
            if not isinstance(typed(error, self._name, ""), Unreachable):
                self._noted(done, "discard_config", device.discard_config)
            raise
        self._pending.committed(device)

    def _check(self, heard: str) -> None:
        """Where a commit prints what it does: a refusal in it. What was not refused is done, and is undone by the undo."""
        refused = self._vendor.failure_in(heard)
        if refused:
            raise CommandRejected(refused, where=self._name, command="commit_config", answer=refused)

    def _loaded(self, device: Any, commands: tuple[str, ...]) -> None:
        self._pending.begin(device)
        device.load_merge_candidate(config=candidate_of(commands))

    def _confirmed(self, device: Any) -> None:
        if self._pending.mine(device):
            self._pending.confirm(device)
            self._pending.committed(device)

    def _dropped(self, device: Any, done: list[Exchange]) -> None:
        if self._pending.mine(device):
            self._noted(done, "rollback", lambda: self._pending.drop(device))
            self._pending.committed(device)

    def _noted(self, done: list[Exchange], what: str, act: Callable[[], Any]) -> str:
        begun = time.perf_counter()
        answer = str(act() or "").strip()
        done.append(Exchange(what, answer, round((time.perf_counter() - begun) * 1000, 1)))
        return answer

    def _guarded(self, what: str, use: Callable[[Any], T], *, retry: bool) -> T:
        """Use the device with typed errors. Reads may be tried again on a new session; what changes things never is."""
        with self._lock:
            fresh, opened = self._device is None, False
            try:
                if self._device is None:
                    self._device = self._access.driver()
                opened = True
                return use(self._device)
            except NotImplementedError as error:
                raise Unsupported(f"NAPALM has no {what} here", where=self._name) from error
            except Exception as error:  # noqa: BLE001 whatever the libraries below raise is typed here
                found = typed(error, self._name, what)
                found.unsent |= not opened
                if isinstance(found, Unreachable) or self._device is None:
                    self.close()
                    if retry and not fresh:
                        return self._guarded(what, use, retry=False)
                raise found from (None if found is error else error)


def candidate_of(commands: tuple[str, ...]) -> str:
    """Lines as they stand in a configuration: those of an interface indented below it, as comparisons go by that."""
    lines: list[str] = []
    for command in commands:
        inside = bool(lines) and lines[0].startswith("interface ") and not command.startswith("interface ")
        lines.append(("  " if inside else "") + command.removeprefix(OPTIONAL))
    return "\n".join(lines) + "\n"
