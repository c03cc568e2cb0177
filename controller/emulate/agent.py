"""A real SNMP agent over the state: v2c with a reading and a writing community, and v3 authPriv (SHA, AES-128)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c
from pysnmp.smi import error, instrum

from .credentials import Credentials
from .faults import Dropped, Refused
from .mibview import ADMIN, ALIAS, PVID, MibView, Oid
from .state import SwitchState

ALL = (1,)
READER, WRITER = "reader", "writer"
START_TIMEOUT_S = 10.0


class StateInstrumentation(instrum.AbstractMibInstrumController):  # type: ignore[misc] # pysnmp has no types
    """Answers reads from the view, and turns the few writable objects into changes of the state."""

    def __init__(self, state: SwitchState) -> None:
        self._state, self._view = state, MibView(state)

    def read_variables(self, *bindings: Any, **_: Any) -> list[tuple[Any, Any]]:
        """GET."""
        self._state.faults.before_read("snmp")
        found = ((name, self._view.get(tuple(name))) for name, _value in bindings)
        return [(name, rfc1905.noSuchInstance if value is None else value) for name, value in found]

    def read_next_variables(self, *bindings: Any, **_: Any) -> list[tuple[Any, Any]]:
        """GETNEXT, and each repetition of GETBULK."""
        self._state.faults.before_read("snmp")
        answer = []
        for name, _value in bindings:
            following = self._view.after(tuple(name))
            if following is None:
                answer.append((name, rfc1905.endOfMibView))
            else:
                answer.append((rfc1902.ObjectName(following[0]), following[1]))
        return answer

    def write_variables(self, *bindings: Any, **context_: Any) -> list[tuple[Any, Any]]:
        """SET: everything is checked before anything is changed (RFC 3416 section 4.2.5)."""
        for index, (name, value) in enumerate(bindings):
            if _who(context_) == READER:
                raise error.NoAccessError(name=name, idx=index)
            _check(self._state, tuple(name), value, index)
        for index, (name, value) in enumerate(bindings):
            try:
                _change(self._state, tuple(name), value)
            except Refused:
                raise error.GenError(name=name, idx=index) from None
            except Dropped:
                raise error.error.PySnmpError("no answer") from None  # swallowed by the responder: the client times out
        return list(bindings)


def _who(context_: Mapping[str, Any]) -> str:
    """Security name of the request: pysnmp's own access check lets a user without a write view write."""
    observer = context_["snmpEngine"].observer
    return str(observer.get_execution_context("rfc3412.receiveMessage:request")["securityName"])


def _check(state: SwitchState, oid: Oid, value: Any, index: int) -> None:
    column, instance = oid[:-1], oid[-1]
    if column in (ADMIN, ALIAS):
        exists = state.by_ifindex(instance) is not None
    elif column == PVID:
        exists = any(p.bridge_port == instance for p in state.ports.values())
    else:
        raise error.NotWritableError(name=oid, idx=index)
    if not exists:
        raise error.NoCreationError(name=oid, idx=index)
    if (column == ALIAS) != isinstance(value, rfc1902.OctetString):
        raise error.WrongTypeError(name=oid, idx=index)
    if (column == ADMIN and int(value) not in (1, 2)) or (column == PVID and not 1 <= int(value) <= 4094):
        raise error.WrongValueError(name=oid, idx=index)


def _change(state: SwitchState, oid: Oid, value: Any) -> None:
    column, instance = oid[:-1], oid[-1]
    text = f"set {'.'.join(map(str, oid))} {value.prettyPrint()}"
    if column == PVID:
        port = next(p for p in state.ports.values() if p.bridge_port == instance)
        state.set_pvid(port, int(value), via="snmp", text=text)
        return
    port_or_none = state.by_ifindex(instance)
    if port_or_none is None:
        return
    if column == ADMIN:
        state.set_admin(port_or_none, up=int(value) == 1, via="snmp", text=text)
    else:
        state.set_alias(port_or_none, bytes(value).decode("utf-8", "replace"), via="snmp", text=text)


async def _end_tasks() -> None:
    """Let everything that still runs on this loop end."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class SnmpAgent:
    """The agent on a thread with an event loop of its own. `port` is known after `start`."""

    def __init__(self, state: SwitchState, credentials: Credentials, host: str, port: int) -> None:
        self._state, self._credentials, self._host, self.port = state, credentials, host, port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"snmp-{state.name}", daemon=True)
        self._problem: BaseException | None = None

    def start(self) -> None:
        """Bind and answer."""
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S) or self._problem:
            raise RuntimeError(f"the SNMP agent of {self._state.name} did not start: {self._problem}")

    def stop(self) -> None:
        """End the thread."""
        self._state.faults.set("none")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            snmp = engine.SnmpEngine()
            transport = udp.UdpAsyncioTransport(loop=self._loop).open_server_mode((self._host, self.port))
            config.add_transport(snmp, udp.DOMAIN_NAME, transport)
            self._users(snmp)
            self._serve(snmp)
            self._loop.run_until_complete(self._bound(transport))
        except BaseException as problem:  # noqa: BLE001 told to whoever called start
            self._problem = problem
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        snmp.close_dispatcher()
        self._loop.run_until_complete(_end_tasks())
        self._loop.close()

    async def _bound(self, transport: Any) -> None:
        for _ in range(200):
            if getattr(transport, "transport", None) is not None:
                self.port = transport.transport.get_extra_info("sockname")[1]
                return
            await asyncio.sleep(0.01)
        raise RuntimeError("the socket was not bound")

    def _users(self, snmp: engine.SnmpEngine) -> None:
        keys = self._credentials
        config.add_v1_system(snmp, READER, keys.community_ro)
        config.add_v1_system(snmp, WRITER, keys.community_rw)
        config.add_v3_user(
            snmp,
            keys.v3_user,
            config.USM_AUTH_HMAC96_SHA,
            keys.v3_auth_key,
            config.USM_PRIV_CFB128_AES,
            keys.v3_priv_key,
        )
        config.add_vacm_user(snmp, 2, READER, "noAuthNoPriv", ALL)
        config.add_vacm_user(snmp, 2, WRITER, "noAuthNoPriv", ALL, ALL)
        config.add_vacm_user(snmp, 3, keys.v3_user, "authPriv", ALL, ALL)

    def _serve(self, snmp: engine.SnmpEngine) -> None:
        contexts = context.SnmpContext(snmp)
        contexts.unregister_context_name(v2c.OctetString(""))
        contexts.register_context_name(v2c.OctetString(""), StateInstrumentation(self._state))
        cmdrsp.GetCommandResponder(snmp, contexts)
        cmdrsp.NextCommandResponder(snmp, contexts)
        cmdrsp.BulkCommandResponder(snmp, contexts)
        cmdrsp.SetCommandResponder(snmp, contexts)
