"""A switch's ordinary driver with CoA beside it: CoA acts, and the ordinary driver proves. An ACK is no proof."""

from __future__ import annotations

import time

from controller.core.errors import CordonError, Unsupported
from controller.core.sites import CoaAccess
from controller.core.tables import ArpRow, DeviceFacts, FdbRow, Neighbour, PortRow
from controller.switches.driver import (
    Capabilities,
    Compares,
    Driver,
    Exchange,
    FindsOne,
    KeepsSession,
    ReadBack,
    SeesAuthority,
)
from playbooks.plan import Action, Expectation, Oper, PortRef, PortState, Step, Verb

from .client import CoaClient
from .order import is_order, order_for, parsed, verbs_of


class CoaDriver:
    """`alone`: nothing is written by the ordinary driver, which only reads."""

    def __init__(self, inner: Driver, client: CoaClient, access: CoaAccess, address: str, *, alone: bool) -> None:
        self._inner, self._client, self._access = inner, client, access
        self._address, self._alone = address, alone

    @property
    def switch(self) -> str:
        """The switch's name in the inventory."""
        return self._inner.switch

    @property
    def via(self) -> str:
        """`coa`, or the ordinary driver's."""
        return "coa" if self._alone else self._inner.via

    def capabilities(self) -> Capabilities:
        """The ordinary driver's, and a session's end. A bounce by CoA only where the port cannot be shut: that survives a
        crash.
        """
        if self._alone:
            return Capabilities(verbs_of(self._access) | {Verb.OBSERVE})
        inner = self._inner.capabilities()
        return Capabilities(inner.verbs | {Verb.DISCONNECT}, confirm=inner.confirm, persists=inner.persists)

    def ready(self) -> None:
        """The ordinary driver's session."""
        if isinstance(self._inner, KeepsSession):
            self._inner.ready()

    def facts(self) -> DeviceFacts:
        """The ordinary driver's."""
        return self._inner.facts()

    def ports(self) -> tuple[PortRow, ...]:
        """The ordinary driver's."""
        return self._inner.ports()

    def fdb(self) -> tuple[FdbRow, ...]:
        """The ordinary driver's."""
        return self._inner.fdb()

    def arp(self) -> tuple[ArpRow, ...]:
        """The ordinary driver's."""
        return self._inner.arp()

    def neighbours(self) -> tuple[Neighbour, ...]:
        """The ordinary driver's."""
        return self._inner.neighbours()

    def find(self, mac: str) -> tuple[FdbRow, ...] | None:
        """The ordinary driver's; None where it cannot find one without reading all."""
        return self._inner.find(mac) if isinstance(self._inner, FindsOne) else None

    def bindings(self, ip: str) -> tuple[ArpRow, ...] | None:
        """Likewise."""
        return self._inner.bindings(ip) if isinstance(self._inner, FindsOne) else None

    def port_state(self, port: PortRef) -> PortState:
        """The ordinary driver's."""
        return self._inner.port_state(port)

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        """One order, which passes by itself and has no undo; its proof is that the MAC was seen to lose its access."""
        capable = self.capabilities().verbs
        if action.verb not in (Verb.DISCONNECT, Verb.BOUNCE) or (action.verb is Verb.BOUNCE and not self._alone):
            if self._alone:
                raise Unsupported(f"CoA has no {action.verb}: it keeps nobody off", where=self.switch)
            return self._inner.plan(action, prior)
        if action.verb not in capable:
            raise Unsupported(f"CoA to a switch of kind {self._access.kind} has no {action.verb}", where=self.switch)
        order = order_for(self._access, action, self._address)
        return (
            Step(
                index=0,
                title=f"{action.verb} {action.mac} on {action.port.name}",
                commands=(str(order),),
                undo=(),
                expect=Expectation(port=action.port, gone_mac=action.mac),
                undo_expect=Expectation(port=action.port),
                passing=True,
            ),
        )

    def difference(self, step: Step) -> str:
        """The ordinary driver's; an order changes no configuration."""
        return self._inner.difference(step) if isinstance(self._inner, Compares) and not _is_ours(step) else ""

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        """Send the order, or have the ordinary driver send its commands."""
        if not _is_ours(step):
            return self._inner.apply(step)
        done: list[Exchange] = []
        for line in step.commands:
            begun = time.perf_counter()
            try:
                answer = self._client.ask(parsed(line))
            except CordonError as error:
                error.unsent &= not done
                raise
            done.append(Exchange(line, answer, round((time.perf_counter() - begun) * 1000, 1)))
        return tuple(done)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        """There is nothing to undo of an order."""
        return () if _is_ours(step) else self._inner.undo(step)

    def confirm(self) -> None:
        """The ordinary driver's."""
        if not self._alone:
            self._inner.confirm()

    def read_back(self, expectation: Expectation) -> ReadBack:
        """By the ordinary driver: a port without link or authorisation, or a MAC that is not learned there any more."""
        if expectation.gone_mac is None:
            return self._inner.read_back(expectation)
        state = self._inner.port_state(expectation.port)
        state = state.model_copy(update={"macs": self._with_access(expectation.port, expectation.gone_mac, state)})
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        """The ordinary driver's session; a request has a socket of its own."""
        self._inner.close()

    def _with_access(self, port: PortRef, mac: str, state: PortState) -> tuple[str, ...]:
        if state.oper is Oper.DOWN:
            return ()
        if isinstance(self._inner, SeesAuthority) and self._inner.authorised(port) is False:
            return ()
        rows = self.find(mac)
        if rows is None:
            rows = self._inner.fdb()
        return tuple(sorted({row.mac for row in rows if row.mac == mac and _may_be_on(row, port)}))


def _may_be_on(row: FdbRow, port: PortRef) -> bool:
    """Learned on the port, or somewhere that could not be told: only what is surely elsewhere is gone."""
    unknown = row.port is None and not row.ifindex
    return unknown or row.port == port.name or row.ifindex == port.ifindex


def _is_ours(step: Step) -> bool:
    return bool(step.commands) and all(is_order(line) for line in step.commands)
