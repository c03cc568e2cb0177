"""An emulated switch: one state; an SSH server, an SNMP agent and, of some makes, an HTTP API in front of it, on loopback."""

from __future__ import annotations

from types import TracebackType

from .agent import SnmpAgent
from .credentials import Credentials
from .dialects import DIALECTS
from .eapi import EapiServer
from .nxapi import NxapiServer
from .sshd import SshServer
from .state import SwitchState

APIS: dict[str, type[EapiServer] | type[NxapiServer]] = {"arista_eos": EapiServer, "cisco_nxos": NxapiServer}


class EmulatedSwitch:
    """Start it, talk to it over SSH and SNMP, stop it. Ports 0 mean any free ones."""

    def __init__(
        self,
        state: SwitchState,
        credentials: Credentials,
        *,
        dialect: str = "cisco_ios",
        host: str = "127.0.0.1",
        ssh_port: int = 0,
        snmp_port: int = 0,
    ) -> None:
        self.state, self.credentials, self.host = state, credentials, host
        self._ssh = SshServer(state, credentials, DIALECTS[dialect], host, ssh_port)
        self._snmp = SnmpAgent(state, credentials, host, snmp_port)
        api = APIS.get(dialect)
        self.api = api(state, credentials, host) if api else None

    @property
    def ssh_port(self) -> int:
        """TCP port of the SSH server."""
        return self._ssh.port

    @property
    def snmp_port(self) -> int:
        """UDP port of the agent."""
        return self._snmp.port

    @property
    def host_key(self) -> str:
        """The host key as `ssh-ed25519 AAAA...`."""
        return self._ssh.host_key_line

    def start(self) -> None:
        """All servers."""
        self._ssh.start()
        self._snmp.start()
        if self.api is not None:
            self.api.start()

    def stop(self) -> None:
        """All servers."""
        self._ssh.stop()
        self._snmp.stop()
        if self.api is not None:
            self.api.stop()

    def __enter__(self) -> EmulatedSwitch:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.stop()
