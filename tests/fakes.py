"""A switch, an inventory and a rulebook in memory, for tests of what stands above them."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from controller.containment.whereabouts import QuarantineVlans
from controller.core.clock import Clock
from controller.core.errors import CommandRejected, CordonError, NotAllowed, Unreachable
from controller.core.tables import DeviceFacts
from controller.switches.driver import Capabilities, Exchange, ReadBack
from playbooks.facts import Evidence, Location, Maintenance, NeighbourKind, PortFacts, Protection, Refusal, Verdict
from playbooks.judgement import Mode
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb
from playbooks.request import FlowEvidence, Target

MAC = "02:00:00:00:00:01"
ISOLATED = QuarantineVlans((666,), isolated=True)
PORT = PortRef(switch="sw1", ifindex=4, name="ge1")
LOGIN_FAULTS: dict[str, type[CordonError]] = {"no-login": Unreachable, "bad-password": NotAllowed}


@dataclass
class FakeSwitch:
    """One port's truth, behind the driver protocol. `fault`: none, lie, refuse, dead, dead-after (the command took effect),
    no-login and bad-password (nothing leaves)."""

    clock: Clock
    admin: Admin = Admin.UP
    pvid: int = 10
    fault: str = "none"
    reads_fail: bool = False
    link: bool = True
    logins: int = 0
    plan_fails: bool = False  # what planning reads
    half: bool = False  # the second step is a lie
    losses: int = 0  # sessions that end before the command arrives
    uptime_ms: int = 10**12
    sent: list[tuple[str, ...]] = field(default_factory=list)
    switch: str = "sw1"
    via: str = "snmp"

    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN}))

    def facts(self) -> DeviceFacts:
        return DeviceFacts(self.switch, "fake", self.uptime_ms)

    def port_state(self, port: PortRef) -> PortState:
        if self.reads_fail:
            raise Unreachable("no answer", where=self.switch)
        oper = Oper.UP if self.admin is Admin.UP and self.link else Oper.DOWN
        return PortState(port=port, admin=self.admin, oper=oper, pvid=self.pvid, read_ms=self.clock.now_ms())

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        if self.plan_fails:
            raise Unreachable("no answer", where=self.switch)
        down = self._step(0, action.port, ("admin down",), ("admin up",), {"admin": Admin.DOWN}, {"admin": prior.admin})
        if action.verb is Verb.SHUT:
            return (down,)
        move = (f"pvid {action.vlan}",), (f"pvid {prior.pvid}",), {"pvid": action.vlan}, {"pvid": prior.pvid}
        return (self._step(0, action.port, *move), down.model_copy(update={"index": 1}))

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        return self._send(step.commands, lie=self.half and step.index == 1)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        return self._send(step.undo, lie=False)

    def confirm(self) -> None:
        return None

    def read_back(self, expectation: Expectation) -> ReadBack:
        state = self.port_state(expectation.port)
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        return None

    def _send(self, commands: tuple[str, ...], *, lie: bool) -> tuple[Exchange, ...]:
        if self.losses:
            self.losses -= 1
            raise Unreachable("the session ended", where=self.switch)
        if self.fault in LOGIN_FAULTS:
            self.logins += 1
            error = LOGIN_FAULTS[self.fault]("no log-in", where=self.switch)
            error.unsent = True
            raise error
        if self.fault == "dead":
            raise Unreachable("no answer", where=self.switch)
        self.sent.append(commands)
        if self.fault == "refuse":
            raise CommandRejected("% Invalid input", where=self.switch)
        if self.fault != "lie" and not lie:
            for command in commands:
                self._take(command)
        if self.fault == "dead-after":
            raise Unreachable("the session ended", where=self.switch)
        return tuple(Exchange(command, "", 1.0) for command in commands)

    def _take(self, command: str) -> None:
        what, value = command.split()
        if what == "admin":
            self.admin = Admin(value)
        else:
            self.pvid = int(value)

    @staticmethod
    def _step(
        index: int, port: PortRef, commands: tuple[str, ...], undo: tuple[str, ...], now: dict, before: dict
    ) -> Step:  # fmt: skip
        return Step(
            index=index, title=commands[0], commands=commands, undo=undo,
            expect=Expectation(port=port, **now), undo_expect=Expectation(port=port, **before),
        )  # fmt: skip


@dataclass
class FakeInventory:
    """Says what it is told to say."""

    switch: FakeSwitch
    clock: Clock
    port: PortRef | None = PORT
    macs: tuple[str, ...] = (MAC,)
    addresses: tuple[tuple[str, str], ...] = ()
    neighbours: tuple[NeighbourKind, ...] = ()
    refuse: tuple[Refusal, ...] = ()
    uplink: bool = False
    age_ms: int = 100
    located: int = 0  # how often it was asked where

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location:
        self.located += 1
        seen_ms = self.clock.now_ms() - self.age_ms
        evidence = Evidence(source="fdb", switch="sw1", says="learned on ge1", observed_ms=seen_ms)
        return Location(
            ip=target.ip,
            mac=target.mac or MAC,
            port=self.port,
            verdict=Verdict.PORT if self.port else Verdict.UNRESOLVED,
            refuse=self.refuse,
            port_mac_count=len(self.macs),
            evidence=(evidence,),
            located_ms=self.clock.now_ms(),
        )

    def port_facts(self, port: PortRef, mac: str | None = None) -> PortFacts:
        state = self.switch.port_state(port)
        return PortFacts(
            state=state,
            macs=self.macs,
            addresses=self.addresses,
            neighbours=self.neighbours,
            uplink=self.uplink,
            read_ms=self.clock.now_ms(),
        )


@dataclass
class FakeRulebook:
    """One site in one mode."""

    mode: Mode = Mode.AUTO
    kind: str = "edge"
    modes: dict[str, Mode] = field(default_factory=dict)
    hits: tuple[str, ...] = ()
    approvals: int = 2
    asks: bool = False
    windows: tuple[Maintenance, ...] = ()
    vlans: QuarantineVlans = ISOLATED

    def site_of(self, switch: str) -> str | None:
        return "clinic"

    def switch_of_agent(self, agent: str) -> str | None:
        return None

    def kind_of(self, switch: str) -> str:
        return self.kind

    def mode_of(self, site: str | None) -> Mode:
        return self.modes.get(site or "", self.mode)

    def quarantine(self, switch: str) -> QuarantineVlans:
        return self.vlans

    def maintenance(self, switch: str, now_ms: int) -> tuple[Maintenance, ...]:
        return self.windows

    def protection(
        self, location: Location, target: Target, port: PortFacts | None = None, *, whole_port: bool = False
    ) -> Protection:
        return Protection(hits=self.hits, approvals=self.approvals, ask=self.asks)


def commands_of(sent: Iterable[tuple[str, ...]]) -> list[str]:
    """Every command that reached the switch, in order."""
    return [command for commands in sent for command in commands]


def at_once(call: Callable[[], Any], _: str) -> Future[Any]:
    """What a thread of its own would do, done before this returns: one order of events, the same each time."""
    future: Future[Any] = Future()
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 as with a thread: it is raised again by who asks for the result
        future.set_exception(error)
    return future
