"""A switch of several ports that remembers every effect, and an inventory that is told the truth about it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from controller.core.clock import Clock
from controller.core.errors import CommandRejected, Unreachable
from controller.core.tables import DeviceFacts
from controller.switches.driver import Capabilities, Exchange, ReadBack
from playbooks.facts import Evidence, Location, PortFacts, Verdict
from playbooks.plan import Action, Admin, Expectation, Oper, PortRef, PortState, Step, Verb
from playbooks.request import FlowEvidence, Target

NAMES = ("ge1", "ge2", "ge3")


@dataclass
class ModelPort:
    """What can be changed of a port."""

    admin: str = "up"
    pvid: str = "10"
    text: str = ""
    blocked: str = ""


@dataclass
class ModelSwitch:
    """Commands are `PORT FIELD VALUE`. `doubled` lists commands whose effect was there already when they came."""

    clock: Clock
    fault: str = "none"  # none, lie, refuse, dead, dead-after, deaf (reads fail), shut-out (nothing leaves)
    ports: dict[str, ModelPort] = field(default_factory=lambda: {name: ModelPort() for name in NAMES})
    doubled: list[str] = field(default_factory=list)
    applied: Callable[[PortRef], None] = lambda _: None  # after a step of ours took effect
    booted_ms: int = 0
    switch: str = "sw1"
    via: str = "snmp"

    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.MAC_BLOCK, Verb.DESCRIBE}))

    def facts(self) -> DeviceFacts:
        self._answer()
        return DeviceFacts(self.switch, "model", self.clock.now_ms() - self.booted_ms)

    def reboot(self) -> None:
        """The saved configuration is the one before anything was done."""
        self.ports = {name: ModelPort() for name in NAMES}
        self.booted_ms = self.clock.now_ms()

    def port_state(self, port: PortRef) -> PortState:
        self._answer()
        it = self.ports[port.name]
        return PortState(
            port=port,
            admin=Admin(it.admin),
            oper=Oper(it.admin),
            pvid=int(it.pvid),
            blocked_macs=(it.blocked,) if it.blocked else (),
            description=it.text,
            read_ms=self.clock.now_ms(),
        )

    def plan(self, action: Action, prior: PortState) -> tuple[Step, ...]:
        name = action.port.name
        what = {
            Verb.SHUT: ("admin", "down", prior.admin, {"admin": Admin.DOWN}, {"admin": prior.admin}),
            Verb.QUARANTINE_VLAN: ("pvid", action.vlan, prior.pvid, {"pvid": action.vlan}, {"pvid": prior.pvid}),
            Verb.MAC_BLOCK: ("blocked", action.mac, "", {"blocked_mac": action.mac}, {"unblocked_mac": action.mac}),
            Verb.DESCRIBE: (
                "text", action.text, prior.description, {"description": action.text}, {"description": prior.description},
            ),
        }  # fmt: skip
        key, value, before, now, then = what[action.verb]
        step = Step(
            index=0, title=action.verb, commands=(f"{name} {key} {value}",), undo=(f"{name} {key} {before}",),
            expect=Expectation(port=action.port, **now), undo_expect=Expectation(port=action.port, **then),
        )  # fmt: skip
        return (step,)

    def apply(self, step: Step) -> tuple[Exchange, ...]:
        return self._send(step.commands)

    def undo(self, step: Step) -> tuple[Exchange, ...]:
        return self._send(step.undo, ours=False)

    def confirm(self) -> None:
        return None

    def read_back(self, expectation: Expectation) -> ReadBack:
        state = self.port_state(expectation.port)
        return ReadBack(expectation, state, expectation.differences(state))

    def close(self) -> None:
        return None

    def _answer(self) -> None:
        if self.fault in ("deaf", "dead"):
            raise Unreachable("no answer", where=self.switch)

    def _send(self, commands: tuple[str, ...], *, ours: bool = True) -> tuple[Exchange, ...]:
        if self.fault == "dead":
            raise Unreachable("no answer", where=self.switch)
        if self.fault == "shut-out":
            error = Unreachable("no log-in", where=self.switch)
            error.unsent = True
            raise error
        if self.fault == "refuse":
            raise CommandRejected("% Invalid input", where=self.switch)
        for command in commands:
            name, key, value = f"{command} ".split(" ", 2)
            if getattr(self.ports[name], key) == value.strip():
                self.doubled.append(command)
            if self.fault != "lie":
                setattr(self.ports[name], key, value.strip())
                if ours and key != "text":
                    self.applied(port_of(name))
        if self.fault == "dead-after":
            raise Unreachable("the session ended", where=self.switch)
        return tuple(Exchange(command, "", 1.0) for command in commands)


def port_of(name: str) -> PortRef:
    """The port of that name."""
    return PortRef(switch="sw1", ifindex=3 + NAMES.index(name) + 1, name=name)


def mac_of(name: str) -> str:
    """The machine on it."""
    return f"02:00:00:00:00:0{NAMES.index(name) + 1}"


@dataclass
class ModelInventory:
    """Knows where everything is; what else hangs on a port is told from outside."""

    switch: ModelSwitch
    clock: Clock
    uplinks: set[str] = field(default_factory=set)
    crowded: set[str] = field(default_factory=set)

    def locate(self, target: Target, flow: FlowEvidence | None = None) -> Location:
        name = next(name for name in NAMES if mac_of(name) == target.mac)
        now_ms = self.clock.now_ms()
        return Location(
            mac=target.mac, port=port_of(name), verdict=Verdict.PORT, port_mac_count=1, located_ms=now_ms,
            evidence=(Evidence(source="fdb", switch="sw1", says=f"learned on {name}", observed_ms=now_ms),),
        )  # fmt: skip

    def port_facts(self, port: PortRef, mac: str | None = None) -> PortFacts:
        state = self.switch.port_state(port)
        macs = (mac_of(port.name), *(("02:00:00:00:09:09",) if port.name in self.crowded else ()))
        return PortFacts(state=state, macs=macs, uplink=port.name in self.uplinks, read_ms=self.clock.now_ms())
