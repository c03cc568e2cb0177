"""The life cycle as a state machine: whatever the order of requests, people, time, crashes, faults and other hands.

Never two effects at once on a port, never a command whose effect is there, never an effect that the guard does not allow;
what is undone is as it was; every containment reaches a definite end; and the audit chain verifies.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from controller.containment import Containment, ContainmentConfig, Parts
from controller.core.clock import ManualClock
from controller.core.errors import CordonError
from controller.runtime.choose import load_playbooks
from controller.store import audit, containments, open_store
from playbooks.guard import GuardLimits
from playbooks.judgement import Mode
from playbooks.lifecycle import State, is_final
from playbooks.plan import PortRef, Verb
from playbooks.request import Origin, Request, Target
from tests.fakes import FakeRulebook, at_once
from tests.modelswitch import NAMES, ModelInventory, ModelPort, ModelSwitch, mac_of

FOLDER = Path(tempfile.mkdtemp(prefix="cordon-machine-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
BOOKS = load_playbooks(None)
VERBS = st.sampled_from([Verb.SHUT, Verb.QUARANTINE_VLAN, Verb.MAC_BLOCK, Verb.BOUNCE])
PORTS = st.sampled_from(NAMES)
LIMITS = GuardLimits(per_switch=50, per_site=50)
CONFIG = ContainmentConfig(limits=LIMITS, verify_timeout_s=0.2, bulk_alerts=500, workers=1, retry_s=1)


class Killed(BaseException):
    """The process dies here."""


class Life(RuleBasedStateMachine):
    """One switch, one store, one engine that dies and comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.switch = ModelSwitch(self.clock, applied=self._is_allowed)
        self.inventory, self.rulebook = ModelInventory(self.switch, self.clock), FakeRulebook()
        path = Path(tempfile.mkdtemp(dir=FOLDER)) / "cordon.db"
        if not (FOLDER / "empty.db").exists():
            open_store(f"sqlite:///{FOLDER / 'empty.db'}").close()
        shutil.copy(FOLDER / "empty.db", path)
        self.store = open_store(f"sqlite:///{path}")
        self.numbers, self.kill_in = 0, 0
        self.touched: set[str] = set()  # by other hands, ever
        self.doubtful: set[str] = set()  # by other hands or a reboot, since the last comparison
        self.engine = self._engine()

    @rule(port=PORTS, verb=VERBS, origin=st.sampled_from(Origin), response=st.sampled_from(["auto", "approve"]))
    def ask(self, port: str, verb: Verb, origin: Origin, response: str) -> None:
        """An alert, a person or a platform asks."""
        self.numbers += 1
        request = Request(
            request_id=f"req_{self.numbers}", origin=origin, requested_by="ann", requested_ms=self.clock.now_ms(),
            playbook="shut-port" if origin is Origin.ALERT else "by-hand", verb=verb, target=Target(mac=mac_of(port)),
            reason="test", response=response if origin is Origin.ALERT else None,
        )  # fmt: skip
        self._try(lambda: self.engine.advance(self.engine.submit(request)))

    @rule(by=st.sampled_from(["ann", "bob", "carl"]), yes=st.booleans(), pick=st.integers(0, 9))
    def decide(self, by: str, yes: bool, pick: int) -> None:
        """Somebody says yes or no to what waits."""
        waiting = self._in(State.AWAITING_APPROVAL)
        if waiting:
            word = self.engine.approve if yes else self.engine.reject
            self._try(lambda: word(waiting[pick % len(waiting)], by=by, reason="test"))

    @rule(pick=st.integers(0, 9))
    def release(self, pick: int) -> None:
        """Somebody releases one."""
        held = self._in(State.CONTAINED, State.FAILED)
        if held:
            self._try(lambda: self.engine.release(held[pick % len(held)], by="bob", reason="test"))

    @rule(pick=st.integers(0, 9))
    def renew(self, pick: int) -> None:
        """Somebody renews one."""
        held = self._in(State.CONTAINED)
        if held:
            until_ms = self.clock.now_ms() + 7_200_000
            self._try(lambda: self.engine.renew(held[pick % len(held)], by="bob", until_ms=until_ms, reason="test"))

    @rule(seconds=st.sampled_from([1, 6, 61, 601, 3601, 90_000]))
    def wait(self, seconds: int) -> None:
        """Time passes, and the engine works."""
        self.clock.advance(seconds)
        self._try(self.engine.work)

    @rule()
    def compare(self) -> None:
        """Every containment is compared with the switch."""
        if self._try(self.engine.reconcile) and self.switch.fault == "none":
            self.doubtful.clear()

    @rule(fault=st.sampled_from(["none", "lie", "refuse", "dead", "dead-after", "deaf", "shut-out"]))
    def misbehave(self, fault: str) -> None:
        """The switch begins or ends to misbehave."""
        self.switch.fault = fault

    @rule(port=PORTS, change=st.sampled_from([("admin", "up"), ("admin", "down"), ("pvid", "20"), ("text", "mine")]))
    def other_hand(self, port: str, change: tuple[str, str]) -> None:
        """Somebody changes a port by hand."""
        setattr(self.switch.ports[port], *change)
        self.touched.add(port)
        self.doubtful.add(port)

    @rule()
    def reboot(self) -> None:
        """The switch loses its running configuration."""
        self.clock.advance(1)
        self.switch.reboot()
        self.doubtful.update(NAMES)

    @rule(port=PORTS, uplink=st.booleans(), crowded=st.booleans())
    def recable(self, port: str, uplink: bool, crowded: bool) -> None:
        """A port becomes an uplink or a shared one, or none of it."""
        for is_so, ports in ((uplink, self.inventory.uplinks), (crowded, self.inventory.crowded)):
            (ports.add if is_so else ports.discard)(port)

    @rule(mode=st.sampled_from(Mode), protected=st.booleans())
    def configure(self, mode: Mode, protected: bool) -> None:
        """The site's mode, and whether all is protected."""
        self.rulebook.mode, self.rulebook.hits = mode, ("pump",) if protected else ()

    @precondition(lambda self: not self.kill_in)
    @rule(after=st.integers(1, 12))
    def kill_soon(self, after: int) -> None:
        """The process will die after so many durable writes or effects from now on."""
        self.kill_in = after

    @initialize()
    def begin(self) -> None:
        """Everything in order."""
        self.switch.fault = "none"

    @invariant()
    def one_holder_of_a_port(self) -> None:
        """At most one containment holds a port."""
        held = [row["port"] for row in self._rows() if row["state"] in containments.HOLDS_A_PORT]
        assert len(held) == len(set(held)), held

    @invariant()
    def nothing_is_doubled(self) -> None:
        """No command came whose effect was there already."""
        assert [] == self.switch.doubled

    @invariant()
    def contained_is_true(self) -> None:
        """What is contained and not in doubt is closed on the switch."""
        for row in self._rows():
            if row["state"] == State.CONTAINED and not row["unsettled"] and row["port"] not in self.doubtful:
                port = self.switch.ports[row["port"]]
                assert (port.admin, port.pvid, port.blocked) != ("up", "10", ""), row

    def teardown(self) -> None:
        """The switch answers again and time passes: everything ends, is as it was, and is in the audit log."""
        self.kill_in, self.switch.fault = 0, "none"
        self.rulebook.hits, self.inventory.uplinks, self.inventory.crowded = (), set(), set()
        for _ in range(6):
            self.engine.reconcile()
            self.clock.advance(8 * 24 * 3600)
            self.engine.work()
        for row in self._rows():
            assert is_final(State(row["state"])), dict(row)
            assert not row["unsettled"], dict(row)
        for name in set(NAMES) - self.touched:
            assert ModelPort() == self.switch.ports[name], name
        with self.store.reading() as connection:
            assert audit.verify(connection).intact
        self.store.close()

    def _engine(self) -> Containment:
        parts = Parts(
            store=self.store, inventory=self.inventory, drivers=lambda _: self.switch, rulebook=self.rulebook,
            playbooks=BOOKS, config=CONFIG, clock=self.clock, observer=lambda *_: self._tick(), aside=at_once,
        )  # fmt: skip
        return Containment(parts)

    def _try(self, act: Callable[[], object]) -> bool:
        """Do it; a refusal of the engine is an answer, and a death is followed by what `cordon serve` does at its start."""
        try:
            act()
        except CordonError:
            return False
        except Killed:
            self.engine = self._engine()
            self._try(self.engine.reconcile)
            return False
        return True

    def _tick(self) -> None:
        if self.kill_in:
            self.kill_in -= 1
            if not self.kill_in:
                raise Killed

    def _is_allowed(self, port: PortRef) -> None:
        """An effect of ours on the switch: the guard must have allowed it, on facts as they are now."""
        (row,) = [r for r in self._rows() if r["port"] == port.name and r["state"] in containments.HOLDS_A_PORT]
        with self.store.reading() as connection:
            people = set(containments.approvers(connection, row["containment_id"])) - {"ann"}
        automatic = row["origin"] != Origin.PERSON and not people
        assert port.name not in self.inventory.uplinks, row
        assert port.name not in self.inventory.crowded or row["verb"] == Verb.MAC_BLOCK, row
        assert not (self.rulebook.hits and len(people) < 2), row
        assert not (automatic and self.rulebook.mode is not Mode.AUTO), row
        assert '"outcome":"allow"' in row["judgement"], row
        self._tick()

    def _rows(self) -> list[containments.Row]:
        with self.store.reading() as connection:
            return list(containments.listed(connection))

    def _in(self, *states: State) -> list[str]:
        return sorted(row["containment_id"] for row in self._rows() if row["state"] in states)


THOROUGH = os.environ.get("CORDON_CRASH") == "full"
TestLife = Life.TestCase
TestLife.pytestmark = [pytest.mark.crash]  # type: ignore[attr-defined]
TestLife.settings = settings(
    max_examples=400 if THOROUGH else 30, stateful_step_count=40 if THOROUGH else 25, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
