"""A shell on one device: opened when needed or ahead, kept, opened again when it died, every failure typed."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

from controller.core.errors import CommandRejected, CordonError, NotAllowed, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import SshAccess

from . import staging
from .dialog import Channel, Dialog
from .driver import Exchange
from .login import Line, Login
from .vendor import Vendor

T = TypeVar("T")
MAY_FAIL = "? "  # before a command whose refusal means that there is nothing to do: the read-back decides


class ShellSession:
    """Commands in, text out; one thread at a time, the others wait."""

    def __init__(self, name: str, address: str, access: SshAccess, vendor: Vendor) -> None:
        self._name, self._access, self._vendor = name, access, vendor
        self._login = Login(name, address, access)
        self._line: Line | None = None
        self._dialog: Dialog | None = None
        self._lock = threading.RLock()

    @property
    def device_name(self) -> str:
        """What the device calls itself in its prompt; empty before the first session."""
        return self._dialog.name if self._dialog else ""

    def ready(self) -> None:
        """Have a session: whoever acts next finds it open. One that is in use is left alone."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._line is not None and not self._alive():
                self.close()
            self._open()
        finally:
            self._lock.release()

    def show(self, command: str) -> str:
        """Output of a command in privileged mode; CommandRejected if the device says no."""
        answer = self._guarded(lambda dialog: dialog.ask(command), retry=True)
        refused = self._vendor.failure_in(answer, table=True)
        if refused:
            raise CommandRejected(refused, where=self._name, command=command)
        return answer

    def configure(self, commands: tuple[str, ...], *, confirm_later: bool = False) -> tuple[Exchange, ...]:
        """Send lines in configuration mode, one by one; stops at the first that is refused. Never sent twice.

        `confirm_later`: where the device can, it goes back by itself unless the change is confirmed.
        """
        config = self._vendor.session.config
        commit = config.commit_confirmed if confirm_later and config.commit_confirmed else config.commit
        done: list[Exchange] = []
        typed: list[str] = []
        lines = (*config.enter, *commands, *commit)
        try:
            self._guarded(lambda dialog: self._send(dialog, lines, done, typed), retry=False)
        except CordonError as error:
            error.details["exchanges"] = tuple(done)
            error.unsent = all(line in config.enter for line in typed)  # to enter configuration mode changes nothing
            raise
        return tuple(done)

    def close(self) -> None:
        """Hang up."""
        line, self._line, self._dialog = self._line, None, None
        if line is not None:
            # No polite `exit`: it waits for an answer that a hanging switch never gives. Hanging up on a dead
            # session fails in many ways, and none of them matters any more.
            with contextlib.suppress(Exception):
                line.paramiko_cleanup()
        self._login.close()

    def _send(self, dialog: Dialog, commands: tuple[str, ...], done: list[Exchange], typed: list[str]) -> None:
        """`typed`: what may have left, be it unanswered."""
        manners = self._vendor.session
        refused = None
        for command in commands:
            begun, before = time.perf_counter(), dialog.prompt
            if staging.is_needless(manners.config, command, before):
                continue
            typed.append(command)
            answer = dialog.ask(command.removeprefix(MAY_FAIL), manners.questions)
            done.append(Exchange(command, answer.strip(), round((time.perf_counter() - begun) * 1000, 1)))
            if staging.is_somebodys(manners.config, command, dialog.prompt):
                self.close()  # neither committed nor thrown away, which any way out of this view would ask for
                raise CommandRejected(staging.SOMEBODYS, where=self._name, command=command)
            refused = None if command.startswith(MAY_FAIL) else self._refusal(command, answer, before, dialog.prompt)
            refused = refused or staging.objection(manners.config, command, commands, dialog.prompt)
            if refused:
                break
        for line in (*(manners.config.abandon if refused else ()), *manners.config.leave):
            dialog.ask(line, manners.questions)
        if staging.is_inside(manners.config, dialog.prompt):
            self.close()  # what is not committed ends with the session
        if refused:
            raise CommandRejected(refused, where=self._name, command=done[-1].command)

    def _refusal(self, command: str, answer: str, before: str, after: str) -> str | None:
        """What says no. A line that enters a mode and leaves the prompt as it was entered none, and what follows would be done
        elsewhere; a commit that does not say that it was done was not."""
        config = self._vendor.session.config
        refused = self._vendor.failure_in(answer)
        if refused is None and re.search(config.moves, command) and before == after:
            return answer.strip() or f"the prompt is {after} as before"
        if refused or config.committed is None or command not in (*config.commit, *config.commit_confirmed):
            return refused
        return None if re.search(config.committed, answer) else answer.strip() or "it did not say that it committed"

    def _guarded(self, use: Callable[[Dialog], T], *, retry: bool) -> T:
        """Use the session with typed errors. Reads may be tried again on a new session; what changes things never is."""
        with self._lock:
            return self._used(use, retry=retry)

    def _used(self, use: Callable[[Dialog], T], *, retry: bool) -> T:
        if self._dialog is not None and not self._alive():
            self.close()  # the device hung up: said before anything is typed, that is no half-sent command
        fresh = self._dialog is None
        try:
            return use(self._open())
        except CordonError:
            raise
        except TimeoutError as error:
            self.close()
            raise Unreachable("did not answer a command in time", where=self._login.place()) from error
        except (OSError, EOFError, ValueError) as error:
            self.close()
            if retry and not fresh:
                return self._used(use, retry=False)
            raise Unreachable("the SSH session ended", where=self._login.place()) from error

    def _open(self) -> Dialog:
        if self._dialog is not None:
            return self._dialog
        manners = self._vendor.session
        try:
            self._line = self._login.open(device_type=self._vendor.netmiko, user_suffix=manners.user_suffix)
            dialog = Dialog(cast(Channel, self._line.remote_conn), manners, self._access.timeout_s)
            dialog.greet()
            self._become_privileged(dialog)
            for command in manners.pager_off:
                dialog.ask(command)  # one that is not understood does no harm: pagers are turned anyway
        except CordonError:
            self.close()
            raise
        except (OSError, EOFError, ValueError) as error:
            self.close()
            what = "logged in, but no prompt came" if isinstance(error, TimeoutError) else "the SSH session ended"
            raise Unreachable(what, where=self._login.place()) from error
        self._dialog = dialog
        return dialog

    def _become_privileged(self, dialog: Dialog) -> None:
        enable = self._vendor.session.enable
        if enable is None or not re.search(enable.when, dialog.prompt):
            return
        asked = dialog.ask(enable.command, also=enable.ask)
        if re.search(enable.ask, asked):
            where = f"switch {self._name}"
            secret = reveal(self._access.enable, where=where) if self._access.enable else ""
            dialog.ask(secret, also=enable.ask, echoed=False)
        if not dialog.prompt or re.search(enable.when, dialog.prompt):
            raise NotAllowed("the enable password was refused", where=self._login.place())

    def _alive(self) -> bool:
        transport = self._line.remote_conn_pre.get_transport() if self._line and self._line.remote_conn_pre else None
        return bool(transport and transport.is_active())
