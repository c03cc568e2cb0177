"""Getting to a device's shell over SSH: netmiko's connection with host keys checked, old algorithms only where allowed,
through a jump host where there is one. Secrets are read here, when they are used."""

from __future__ import annotations

import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import paramiko
from netmiko import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException
from paramiko.ssh_exception import AuthenticationException, SSHException

from controller.core.errors import ConfigError, CordonError, NotAllowed, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import JumpHost, SshAccess, SshLogin

# paramiko offers all of these by default; a device gets them back one by one (notes: netmiko[par4], legacy servers).
OLD: dict[str, dict[str, list[str]]] = {
    "ssh-rsa": {"keys": ["ssh-rsa"], "pubkeys": ["ssh-rsa"]},
    "dh-group1": {"kex": ["diffie-hellman-group1-sha1"]},
    "dh-group14": {"kex": ["diffie-hellman-group14-sha1"]},
    "dh-group-exchange": {"kex": ["diffie-hellman-group-exchange-sha1"]},
    "cbc": {"ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"]},
    "hmac-md5": {"macs": ["hmac-md5", "hmac-md5-96", "hmac-sha1-96"]},
}


class Line(BaseConnection):
    """netmiko's connection without its guesses: what is typed after log-in is the dialog's, from the vendor file."""

    def _try_session_preparation(self, force_data: bool = False) -> None:  # noqa: ARG002 netmiko's name
        """No line end that is typed blindly, and no tenth of a second until it is answered: the prompt comes by itself."""
        super()._try_session_preparation(force_data=False)

    def session_preparation(self) -> None:
        """Nothing: no terminal command, no sleep."""


class Login:
    """Opens connections to one device. `close` forgets what was written for it."""

    def __init__(self, name: str, address: str, access: SshAccess) -> None:
        self._name, self._address, self._access = name, address, access
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._jump: paramiko.SSHClient | None = None

    def open(self, *, device_type: str, user_suffix: str = "") -> Line:
        """A connection with a shell; NotAllowed or Unreachable say why not, and never what was typed."""
        try:
            return self._opened(device_type, user_suffix)
        except CordonError:
            self.close()
            raise

    def _opened(self, device_type: str, user_suffix: str) -> Line:
        try:
            return Line(**self.parameters(device_type, user_suffix), sock=self._way())
        except (NetmikoAuthenticationException, AuthenticationException) as error:
            raise NotAllowed("the switch refused the user name, password or key", where=self.place()) from error
        except NetmikoTimeoutException as error:
            raise self._not_opened(error, "no SSH answer") from error
        except (SSHException, OSError, EOFError) as error:
            raise self._not_opened(error, f"SSH: {error}") from error

    def close(self) -> None:
        """Leave the jump host, delete the pinned key's file."""
        if self._jump is not None:
            self._jump.close()
            self._jump = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def place(self) -> str:
        """The device, for messages."""
        return f"{self._name} ({self._address}:{self._access.port})"

    def parameters(self, device_type: str, user_suffix: str = "") -> dict[str, Any]:
        """netmiko's own, without the socket: host keys checked, old algorithms only where allowed."""
        access = self._access
        parameters: dict[str, Any] = {
            "device_type": device_type,
            "host": self._address,
            "port": access.port,
            "username": access.username + user_suffix,
            "ssh_strict": True,
            "system_host_keys": False,
            "alt_host_keys": True,
            "alt_key_file": str(self._known_hosts(access, self._address, f"switch {self._name}", "switch")),
            "conn_timeout": access.timeout_s,
            "auth_timeout": access.timeout_s,
            "banner_timeout": access.timeout_s,
            "use_keys": False,
            "allow_agent": access.agent,
            "keepalive": access.keepalive_s,
            "disabled_algorithms": disabled(access.legacy),
            "fast_cli": True,
        }
        secrets = self._secrets(access, f"switch {self._name}")
        parameters |= {"password": secrets.get("password"), "passphrase": secrets.get("passphrase")}
        if access.key_file is not None:
            parameters["key_file"] = str(access.key_file)
        return parameters

    def _way(self) -> Any:
        jump = self._access.jump
        return self._through(jump) if jump is not None else self._socket()

    def _socket(self) -> socket.socket:
        """Without Nagle's delay: a log-in is a dozen small packets each way, and each pair would cost 40 ms."""
        try:
            found = socket.create_connection((self._address, self._access.port), self._access.timeout_s)
        except OSError as error:
            raise Unreachable(f"no SSH answer: {error.strerror or error}", where=self.place()) from error
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def _through(self, jump: JumpHost) -> Way:
        """A channel from the jump host to the device; the jump host's own key is checked like any other."""
        where = f"jump host {jump.address} of switch {self._name}"
        client = paramiko.SSHClient()
        client.load_host_keys(str(self._known_hosts(jump, jump.address, where, "jump")))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        timeout_s, self._jump = self._access.timeout_s, client
        try:
            client.connect(
                jump.address,
                port=jump.port,
                username=jump.username,
                key_filename=str(jump.key_file) if jump.key_file else None,
                allow_agent=jump.agent,
                look_for_keys=False,
                disabled_algorithms=disabled(jump.legacy),
                timeout=timeout_s,
                auth_timeout=timeout_s,
                banner_timeout=timeout_s,
                **self._secrets(jump, where),
            )
            transport = client.get_transport()
            assert transport is not None  # noqa: S101 connect has succeeded
            transport.set_keepalive(self._access.keepalive_s)
            aim = (self._address, self._access.port)
            return Way(transport.open_channel("direct-tcpip", aim, ("127.0.0.1", 0), timeout=timeout_s))
        except AuthenticationException as error:
            raise NotAllowed("refused the user name, password or key", where=where) from error
        except (SSHException, OSError, EOFError) as error:
            raise self._not_opened(error, f"SSH: {error}", where) from error

    def _secrets(self, login: SshLogin, where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if login.password:
            found["password"] = reveal(login.password, where=where)
        if login.key_passphrase:
            found["passphrase"] = reveal(login.key_passphrase, where=where)
        return found

    def _known_hosts(self, login: SshLogin, address: str, where: str, stem: str) -> Path:
        if login.known_hosts is not None:
            return login.known_hosts
        if login.host_key is None:
            raise ConfigError("has neither known_hosts nor host_key for SSH", where=where)
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="cordon-ssh-")
        path = Path(self._folder.name) / stem
        place = address if login.port == 22 else f"[{address}]:{login.port}"
        path.write_text(f"{place} {login.host_key}\n", encoding="utf-8")
        return path

    def _not_opened(self, error: Exception, what: str, where: str | None = None) -> CordonError:
        text = str(error).lower()
        where = where or self.place()
        if "known_hosts" in text or ("host key" in text and "acceptable" not in text):
            return NotAllowed("its host key is not the known one", where=where, do="see docs/configuration.md")
        if "acceptable" in text or "incompatible" in text:
            what = "it speaks only SSH algorithms that are not allowed for it"
            return NotAllowed(what, where=where, do="allow what it needs: ssh.legacy, see docs/configuration.md")
        return Unreachable(what, where=where)


class Way:
    """A channel of the jump host, as the socket of the log-in behind it.

    paramiko closes it on the thread of that log-in, and tells the jump host, which may have hung up already: then the thread
    would end with an error that nobody can do anything about.
    """

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        """All else is the channel's own."""
        return getattr(self._channel, name)

    def close(self) -> None:
        """Closed, whether or not the jump host could be told."""
        with suppress(SSHException, OSError, EOFError):
            self._channel.close()


def disabled(allowed: tuple[str, ...]) -> dict[str, list[str]]:
    """Old algorithms that are not allowed, as paramiko wants them."""
    refused: dict[str, list[str]] = {}
    for name, algorithms in OLD.items():
        for kind, names in algorithms.items():
            if name not in allowed:
                refused.setdefault(kind, []).extend(names)
    return refused
