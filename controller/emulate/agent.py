"""A real SNMP agent over the state of an emulated switch: v2c with two communities, v3 with any users, VLAN contexts."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Sequence

from controller.core.snmp.pdu import Binding

from .answering import Answering
from .credentials import Credentials
from .engine import UsmEngine, V3User
from .faults import Refused
from .mibview import MibView
from .objects import ObjectTable
from .snmpfaults import SnmpFaults
from .state import SwitchState
from .writable import GEN_ERR, change, check

LARGEST = 65535
AT_ONCE = 16  # datagrams of one socket before the others have their turn


class SwitchFace:
    """The objects of one switch, and what a SET does to it."""

    def __init__(self, state: SwitchState) -> None:
        self._state, self._view = state, MibView(state)

    def view(self, context: str) -> ObjectTable | None:
        """The whole switch, or the forwarding table of one VLAN as Cisco shows it (community@10, context vlan-10)."""
        self._state.faults.before_read("snmp")
        return self._view.table(context)

    def write(self, bindings: Sequence[Binding]) -> tuple[int, int]:
        """SET: everything is checked before anything is changed (RFC 3416 section 4.2.5). Dropped: no answer."""
        refused = check(self._state, bindings)
        if refused[0]:
            return refused
        for place, (name, _, value) in enumerate(bindings, start=1):
            try:
                change(self._state, name, value)
            except Refused:
                return GEN_ERR, place
        return 0, 0


class AgentLoop:
    """Any number of agents on one thread. `add` gives the port; answers come from the address asked."""

    def __init__(self, name: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def add(self, answering: Answering, host: str, port: int) -> int:
        """Bind; port 0 = any free one."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((host, port))
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, answering)
        return int(sock.getsockname()[1])

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the sockets."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(60)  # its sockets are closed then
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr] # they are sockets
        self._selector.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.1):
                self._serve(key.fileobj, key.data)  # type: ignore[arg-type] # they are sockets

    def _serve(self, sock: socket.socket, answering: Answering) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            for _ in range(AT_ONCE):
                data, asker = sock.recvfrom(LARGEST)
                for message in answering.messages(data):
                    sock.sendto(message, asker)


class SnmpAgent:
    """The agent of one switch. `port` is known after `start`; `faults` are the agent's own, beside those of the state."""

    def __init__(
        self, state: SwitchState, credentials: Credentials, host: str, port: int, users: Sequence[V3User] = ()
    ) -> None:
        self._state, self._host, self.port = state, host, port
        self.faults = SnmpFaults()
        first = V3User(credentials.v3_user, "sha", credentials.v3_auth_key, "aes", credentials.v3_priv_key)
        everyone = {user.name: user for user in (first, *users)}
        self.engine = UsmEngine(everyone, lambda: state.boots + 1, lambda: state.uptime_ms() // 1000)
        self._answering = Answering(
            SwitchFace(state),
            reading=credentials.community_ro,
            writing=credentials.community_rw,
            engine=self.engine,
            faults=self.faults,
        )
        self._loop = AgentLoop(f"snmp-{state.name}")

    def start(self) -> None:
        """Bind and answer."""
        self.port = self._loop.add(self._answering, self._host, self.port)
        self._loop.start()

    def stop(self) -> None:
        """End the thread."""
        self._state.faults.set("none")
        self._loop.stop()
