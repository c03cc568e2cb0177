"""An SSH session with one device (netmiko): opened when needed, kept, opened again when it died, every failure typed."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from netmiko import ConnectHandler
from netmiko.exceptions import (
    ConfigInvalidException,
    NetmikoAuthenticationException,
    NetmikoBaseException,
    NetmikoTimeoutException,
    ReadTimeout,
)
from paramiko.ssh_exception import SSHException

from controller.core.errors import CommandRejected, ConfigError, CordonError, NotAllowed, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import SshAccess

from .driver import Exchange
from .vendor import Vendor

T = TypeVar("T")


class ShellSession:
    """Commands in, text out. Not safe for several threads at once; who uses it serialises."""

    def __init__(self, name: str, address: str, access: SshAccess, vendor: Vendor) -> None:
        self._name, self._address, self._access, self._vendor = name, address, access, vendor
        self._connection: Any = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def show(self, command: str) -> str:
        """Output of a command in privileged mode; CommandRejected if the device says no."""
        answer = self._guarded(lambda c: c.send_command(command, read_timeout=self._access.timeout_s), retry=True)
        refused = self._vendor.failure_in(answer)
        if refused:
            raise CommandRejected(refused, where=self._name, command=command)
        return str(answer)

    def configure(self, commands: tuple[str, ...]) -> tuple[Exchange, ...]:
        """Send lines in configuration mode, one by one; stops at the first that is refused. Never sent twice."""
        done: list[Exchange] = []
        try:
            self._guarded(lambda c: self._send(c, commands, done), retry=False)
        except CordonError as error:
            error.details["exchanges"] = tuple(done)
            raise
        return tuple(done)

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # No polite `exit`: it waits for an answer that a hanging switch never gives. Hanging up on a dead
            # session fails in many ways, and none of them matters any more.
            with contextlib.suppress(Exception):
                connection.remote_conn_pre.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _send(self, connection: Any, commands: tuple[str, ...], done: list[Exchange]) -> None:
        connection.config_mode()
        refused = None
        for command in commands:
            begun = time.perf_counter()
            answer = connection.send_command(
                command, expect_string=_prompt(connection), read_timeout=self._access.timeout_s, cmd_verify=False
            )
            done.append(Exchange(command, answer.strip(), round((time.perf_counter() - begun) * 1000, 1)))
            refused = self._vendor.failure_in(answer)
            if refused:
                break
        connection.exit_config_mode()
        if refused:
            raise CommandRejected(refused, where=self._name, command=commands[len(done) - 1])

    def _guarded(self, use: Callable[[Any], T], *, retry: bool) -> T:
        """Use the session with typed errors. Reads may be tried again on a new session; what changes things never is."""
        fresh = self._connection is None
        try:
            return use(self._open())
        except CordonError:
            raise
        except ReadTimeout as error:
            self.close()
            raise self._silent("did not answer a command in time") from error
        except (NetmikoBaseException, ConfigInvalidException, SSHException, OSError, EOFError, ValueError) as error:
            self.close()
            if retry and not fresh:
                return self._guarded(use, retry=False)
            raise self._silent(f"the SSH session ended: {type(error).__name__}") from error

    def _open(self) -> Any:
        if self._connection is not None:
            return self._connection
        try:
            self._connection = ConnectHandler(**self._parameters())
            self._connection.enable()
        except NetmikoAuthenticationException as error:
            self.close()
            raise NotAllowed("the switch refused the user name or password", where=self._place()) from error
        except NetmikoTimeoutException as error:
            self.close()
            raise self._not_opened(error, "no SSH answer") from error
        except SSHException as error:
            self.close()
            raise self._not_opened(error, f"SSH: {error}") from error
        except ValueError as error:  # netmiko: enable failed
            self.close()
            raise NotAllowed("the enable password was refused", where=self._place()) from error
        return self._connection

    def _parameters(self) -> dict[str, Any]:
        access, where = self._access, f"switch {self._name}"
        parameters: dict[str, Any] = {
            "device_type": self._vendor.netmiko,
            "host": self._address,
            "port": access.port,
            "username": access.username,
            "ssh_strict": True,
            "system_host_keys": False,
            "alt_host_keys": True,
            "alt_key_file": str(self._known_hosts()),
            "conn_timeout": access.timeout_s,
            "auth_timeout": access.timeout_s,
            "banner_timeout": access.timeout_s,
            "fast_cli": True,
            "use_keys": access.key_file is not None,
            "allow_agent": False,
        }
        if access.key_file is not None:
            parameters["key_file"] = str(access.key_file)
        if access.password:
            parameters["password"] = reveal(access.password, where=where)
        if access.enable:
            parameters["secret"] = reveal(access.enable, where=where)
        return parameters

    def _known_hosts(self) -> Path:
        if self._access.known_hosts is not None:
            return self._access.known_hosts
        if self._access.host_key is None:
            raise ConfigError("has neither ssh.known_hosts nor ssh.host_key", where=f"switch {self._name}")
        self._folder = tempfile.TemporaryDirectory(prefix="cordon-ssh-")
        path = Path(self._folder.name) / "known_hosts"
        place = self._address if self._access.port == 22 else f"[{self._address}]:{self._access.port}"
        path.write_text(f"{place} {self._access.host_key}\n", encoding="utf-8")
        return path

    def _not_opened(self, error: Exception, what: str) -> CordonError:
        text = str(error).lower()
        if "known_hosts" in text or "host key" in text:
            do = "see docs/configuration.md"
            return NotAllowed("its host key is not the known one", where=self._place(), do=do)
        return self._silent(what)

    def _silent(self, what: str) -> Unreachable:
        return Unreachable(what, where=self._place())

    def _place(self) -> str:
        return f"{self._name} ({self._address}:{self._access.port})"


def _prompt(connection: Any) -> str:
    """Any prompt of this device: its base prompt, whatever mode, at the end of what was read."""
    return re.escape(str(connection.base_prompt)[:14]) + r"[^\r\n]*[#>\]]\s*$"
