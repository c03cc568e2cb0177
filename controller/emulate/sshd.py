"""A real SSH server (paramiko) in front of the emulated command line: echo, pager, several sessions, dropped sessions."""

from __future__ import annotations

import io
import socket
import threading

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from . import scp
from .credentials import Credentials
from .faults import Dropped
from .shell import Shell
from .state import SwitchState

MOST_SESSIONS = 64
LONGEST_LINE = 4096


def make_host_key() -> paramiko.Ed25519Key:
    """A new Ed25519 host key."""
    private = Ed25519PrivateKey.generate()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    return paramiko.Ed25519Key(file_obj=io.StringIO(private.private_bytes(*form).decode()))


class PasswordLogin(paramiko.ServerInterface):
    """One user, by password; a shell and nothing else."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.asked = threading.Event()
        self.command: str | None = None  # None: a shell

    def check_auth_password(self, username: str, password: str) -> int:
        """The user's password, or no."""
        right = (username.partition("+")[0], password) == (self._credentials.username, self._credentials.password)
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        """Passwords only."""
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        """Sessions only."""
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:  # noqa: ARG002
        """Yes."""
        self.asked.set()
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:  # noqa: ARG002
        """A file that is copied here, and nothing else."""
        self.command = command.decode("utf-8", "replace")
        self.asked.set()
        return self.command.startswith("scp ")

    def check_channel_pty_request(self, *_: object) -> bool:
        """Yes, whatever the terminal."""
        return True


class SshServer:
    """Listens on one TCP port; `port` and `host_key_line` are known after `start`."""

    def __init__(self, state: SwitchState, credentials: Credentials, shell: type[Shell], host: str, port: int) -> None:
        self._state, self._credentials, self._shell = state, credentials, shell
        self._address = (host, port)
        self._key = make_host_key()
        self._listener: socket.socket | None = None
        self._stop = threading.Event()
        self._transports: set[paramiko.Transport] = set()
        self.port = port
        self.host_key_line = f"{self._key.get_name()} {self._key.get_base64()}"

    def start(self) -> None:
        """Bind and accept."""
        self._listener = socket.create_server(self._address)
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"ssh-{self._state.name}", daemon=True).start()

    def stop(self) -> None:
        """Close the listener and every session."""
        self._stop.set()
        self._state.faults.set("none")
        for transport in list(self._transports):
            transport.close()

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None  # noqa: S101
        with listener:
            while not self._stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                if len(self._transports) >= MOST_SESSIONS:
                    connection.close()
                    continue
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )  # as sshd does: an answer is several packets
            transport = paramiko.Transport(connection)
        except OSError:
            connection.close()  # who went away at once
            return
        self._transports.add(transport)
        try:
            transport.add_server_key(self._key)
            login = PasswordLogin(self._credentials)
            transport.start_server(server=login)
            channel = transport.accept(20)
            if channel is None or not login.asked.wait(10):
                return
            if login.command is not None:
                scp.receive(channel, login.command, self._shell.take_file, self._state)
            else:
                shell = self._shell(self._state, self._credentials.enable)
                Session(channel, shell, self._stop).run()
        except (paramiko.SSHException, OSError, EOFError, Dropped):
            pass  # garbage, a client that went away, or a drop that was asked for: this session only
        finally:
            transport.close()
            self._transports.discard(transport)


class Session:
    """One interactive shell."""

    def __init__(self, channel: paramiko.Channel, shell: Shell, stop: threading.Event) -> None:
        self._channel, self._shell, self._state, self._stop = channel, shell, shell.state, stop
        self._boots = shell.state.boots
        self._channel.settimeout(0.1)
        self._read = b""
        self._after_cr = False  # CR LF is one end of a line

    def run(self) -> None:
        """Read lines and answer until somebody hangs up, or the switch reboots."""
        self._send(self._shell.banner + "\r\n" + self._shell.prompt)
        while not self._shell.closed:
            line = self._line()
            if line is None:
                return
            answer = self._shell.run(line)
            self._page(answer)
            if not self._shell.closed:
                self._send(self._shell.prompt)

    def _line(self) -> str | None:
        line = b""
        while self._fill():
            if self._after_cr and self._read[:1] == b"\n":
                self._read = self._read[1:]
                self._after_cr = False
                continue
            end = next((i for i, byte in enumerate(self._read) if byte in b"\r\n"), len(self._read))
            typed, self._read = self._read[:end], self._read[end:]
            line = self._typed(line, typed)
            if self._read:
                self._after_cr = self._read[:1] == b"\r"
                self._read = self._read[1:]
                self._send("\r\n")
                return line.decode("utf-8", "replace").strip()
        return None

    def _typed(self, line: bytes, typed: bytes) -> bytes:
        """The line with what was typed, echoed; backspace takes a character back."""
        shown = bytes(byte for byte in typed if byte >= 32 and byte != 127)
        if not self._shell.hides and shown:
            self._channel.sendall(shown)
        for byte in typed:
            if byte in b"\x7f\x08":
                line = line[:-1]
            elif byte >= 32 and len(line) < LONGEST_LINE:
                line += bytes((byte,))
        return line

    def _fill(self) -> bool:
        """Have something to read; False when somebody hung up or the switch rebooted."""
        while not self._read:
            if self._stop.is_set() or self._state.boots != self._boots:
                return False
            try:
                self._read = self._channel.recv(4096)
            except TimeoutError:
                continue
            if not self._read:
                return False
        return True

    def _byte(self) -> bytes | None:
        if not self._fill():
            return None
        byte, self._read = self._read[:1], self._read[1:]
        return byte

    def _page(self, text: str) -> None:
        lines = text.splitlines()
        page = self._shell.length or len(lines) or 1
        for start in range(0, len(lines), page):
            if start and not self._more():
                return
            self._send("".join(line + "\r\n" for line in lines[start : start + page]))

    def _more(self) -> bool:
        self._send(self._shell.more)
        byte = self._byte()
        while byte is not None and byte not in b" \rqQ":
            byte = self._byte()
        self._send(self._shell.wipe)
        return byte is not None and byte not in b"qQ"

    def _send(self, text: str) -> None:
        self._channel.sendall(text.encode())
