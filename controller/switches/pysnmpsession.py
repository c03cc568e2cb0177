"""The same session by pysnmp (`snmp.library: pysnmp`): for an agent that the lean path cannot talk to, and its oracle in tests.

pysnmp runs on an event loop of its own, for callers that are no coroutines.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from pyasn1.type import univ
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.errind import RequestTimedOut

from controller.core.errors import CommandRejected, CordonError, DeviceError, NotAllowed, Unreachable
from controller.core.secrets import reveal
from controller.core.sites import SnmpAccess

from .mib.walk import Oid, Value
from .wire.setting import Setting

REPETITIONS = 25
MOST_ROWS = 500_000  # of one column: an agent that goes round in circles must not fill the memory
T = TypeVar("T")

AUTH = {
    "md5": hlapi.USM_AUTH_HMAC96_MD5,
    "sha": hlapi.USM_AUTH_HMAC96_SHA,
    "sha224": hlapi.USM_AUTH_HMAC128_SHA224,
    "sha256": hlapi.USM_AUTH_HMAC192_SHA256,
    "sha384": hlapi.USM_AUTH_HMAC256_SHA384,
    "sha512": hlapi.USM_AUTH_HMAC384_SHA512,
}
PRIV = {
    "des": hlapi.USM_PRIV_CBC56_DES,
    "aes": hlapi.USM_PRIV_CFB128_AES,
    "aes192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": hlapi.USM_PRIV_CFB192_AES,
    "aes256c": hlapi.USM_PRIV_CFB256_AES,
}
KINDS = {"i": rfc1902.Integer32, "u": rfc1902.Gauge32, "s": rfc1902.OctetString, "x": rfc1902.OctetString}
END = (rfc1905.EndOfMibView, rfc1905.NoSuchObject, rfc1905.NoSuchInstance)


class _LoopThread:
    """One event loop on one thread, for all sessions of this process; started with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="cordon-snmp", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


_LOOP = _LoopThread()


class PysnmpSession:
    """GET, GETBULK and SET with typed errors. Secrets are read at the first request."""

    def __init__(self, name: str, address: str, access: SnmpAccess) -> None:
        self._name, self._address, self._access = name, address, access
        self._engine: Any = None
        self._auth: Any = None
        self._target: Any = None

    def get(self, *oids: Oid, context: str = "") -> list[Value | None]:
        """Values of instances; None for one that is not there."""
        bindings = self._call("get", oids, context)
        return [None if isinstance(value, END) else _plain(value) for _, value in bindings]

    def offers(self, oid: Oid) -> bool:
        """Whether the agent has this object at all, be it without this instance."""
        (binding,) = self._call("get", [oid])
        return not isinstance(binding[1], (rfc1905.NoSuchObject, rfc1905.EndOfMibView))

    def columns(self, roots: Sequence[Oid], context: str = "") -> dict[Oid, dict[Oid, Value]]:
        """Every root's (instance -> value), one root after the other."""
        return {root: _LOOP.run(self._walk(root, context)) for root in roots}

    def set(self, *settings: Setting) -> list[Value]:
        """One SET of all; CommandRejected unless the answer has no error and holds the values."""
        pairs = [(s.oid, KINDS[s.kind](s.value)) for s in settings]
        try:
            _LOOP.run(self._open())
        except CordonError as error:
            error.unsent = True
            raise
        answered = [value for _, value in self._call("set", pairs)]
        if any(isinstance(value, END) for value in answered):  # an agent may say "no error" to a SET of nothing
            raise CommandRejected("the agent accepted a SET of an object it does not have", where=self._name)
        values = [_plain(value) for value in answered]
        if values != [s.value for s in settings]:
            raise CommandRejected(f"the agent answered a SET with {values!r}", where=self._name)
        return values

    def close(self) -> None:
        """Let go of the socket."""
        if self._engine is not None:
            engine, self._engine, self._target = self._engine, None, None
            _LOOP.run(_close(engine))

    def _call(self, verb: str, what: Sequence[Any], context: str = "") -> list[tuple[Any, Any]]:
        return _LOOP.run(self._request(verb, what, context))

    async def _request(self, verb: str, what: Sequence[Any], context: str) -> list[tuple[Any, Any]]:
        await self._open()
        auth, data = self._seen_as(context)
        pairs = what if verb == "set" else [(item,) for item in what]
        types = [hlapi.ObjectType(hlapi.ObjectIdentity(pair[0]), *pair[1:]) for pair in pairs]
        command = hlapi.set_cmd if verb == "set" else hlapi.get_cmd
        answer = await command(self._engine, auth, self._target, data, *types, lookupMib=False)
        return self._checked(answer, verb)

    async def _walk(self, root: Oid, context: str) -> dict[Oid, Value]:
        await self._open()
        found: dict[Oid, Value] = {}
        at = root
        auth, data = self._seen_as(context)
        while len(found) < MOST_ROWS:
            what = hlapi.ObjectType(hlapi.ObjectIdentity(at))
            options = {"lookupMib": False}
            answer = await hlapi.bulk_cmd(self._engine, auth, self._target, data, 0, REPETITIONS, what, **options)
            for name, value in self._checked(answer, "walk"):
                oid = tuple(name)
                if oid[: len(root)] != root or isinstance(value, END):
                    return found
                if oid <= at:
                    raise DeviceError("the agent's walk goes backwards", where=self._name)
                found[oid[len(root) :]] = _plain(value)
                at = oid
        raise DeviceError(f"a column has more than {MOST_ROWS} rows", where=self._name)

    def _seen_as(self, context: str) -> tuple[Any, Any]:
        """Credentials and context: in v2c a context is Cisco's community@context."""
        if self._access.version == "2c" and context and self._access.community is not None:
            name = reveal(self._access.community, where=f"switch {self._name}")
            return hlapi.CommunityData(f"{name}@{context}"), hlapi.ContextData()
        return self._auth, hlapi.ContextData(contextName=context.encode())

    def _checked(self, answer: Any, verb: str) -> list[tuple[Any, Any]]:
        indication, status, _, bindings = answer
        if isinstance(indication, RequestTimedOut):
            raise Unreachable(
                "no SNMP answer",
                where=f"{self._name} ({self._address})",
                do="is it up? an unknown community and a wrong privacy key look the same",
            )
        if indication:
            raise NotAllowed(f"SNMP: {indication}", where=self._name, do="check the SNMPv3 user and its keys")
        if int(status):
            raise CommandRejected(f"the agent answered {status.prettyPrint()}", where=self._name, command=verb)
        if not bindings:
            raise CordonError("the agent answered nothing", where=self._name)
        return list(bindings)

    async def _open(self) -> None:
        if self._engine is None:
            self._auth = self._credentials()
            self._engine = hlapi.SnmpEngine()
        if self._target is None:
            place = (self._address, self._access.port)
            make = hlapi.Udp6TransportTarget if ":" in self._address else hlapi.UdpTransportTarget
            self._target = await make.create(place, timeout=self._access.timeout_s, retries=self._access.retries)

    def _credentials(self) -> Any:
        access, where = self._access, f"switch {self._name}"
        if access.version == "2c":
            if access.community is None:
                raise NotAllowed("has no SNMP community", where=where, do="add snmp.community to the switch file")
            return hlapi.CommunityData(reveal(access.community, where=where))
        keys: dict[str, Any] = {}
        if access.auth_key:
            keys |= {"authKey": reveal(access.auth_key, where=where), "authProtocol": AUTH[access.auth_protocol]}
        if access.priv_key:
            keys |= {"privKey": reveal(access.priv_key, where=where), "privProtocol": PRIV[access.priv_protocol]}
        return hlapi.UsmUserData(access.user or "", **keys)  # noqa: S509 what the device has is what can be used


async def _close(engine: Any) -> None:
    engine.close_dispatcher()


def _plain(value: Any) -> Value:
    if isinstance(value, univ.ObjectIdentifier):  # of whatever class: pysnmp has three
        return tuple(value)
    if isinstance(value, rfc1902.OctetString):
        return bytes(value)
    return int(value)
