"""Two stages (VRP 8): all of a change or nothing, whenever a session dies, and nobody else's change (marker contract)."""

from collections.abc import Iterator

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, Unreachable
from controller.emulate import DIALECTS
from controller.emulate.state import EmulatedPort
from controller.switches.registry import connect
from controller.switches.shell import ShellSession
from controller.switches.ssh import SshDriver
from controller.switches.vendor import load_vendor
from playbooks.plan import Step, Verb
from tests.contract.conftest import Bench

pytestmark = pytest.mark.contract
VRP8 = pytest.mark.parametrize("switch", ["huawei_vrp8"], indirect=True, scope="module")
VRP5 = pytest.mark.parametrize("switch", ["huawei_vrp"], indirect=True, scope="module")
LINES = 6  # of a move of a hybrid port: system-view, interface, three changes, commit


@pytest.fixture
def moved(bench: Bench) -> Iterator[tuple[Bench, Step]]:
    """A hybrid port, which takes three lines to move."""
    bench.state.staged = True
    bench.own.hybrid, bench.own.untagged = True, {10, 30}
    yield bench, bench.plan(Verb.QUARANTINE_VLAN, vlan=666)
    bench.state.staged = True


def vlans(port: EmulatedPort) -> tuple[int, set[int]]:
    """Its own, and all untagged ones."""
    return port.pvid, set(port.untagged)


class Somebody:
    """A person's session on the same switch."""

    def __init__(self, bench: Bench) -> None:
        self._shell = DIALECTS[bench.platform](bench.state, "")

    def types(self, *lines: str) -> str:
        """What stands before the cursor in the end."""
        for line in lines:
            self._shell.run(line)
        return self._shell.prompt


@VRP8
@pytest.mark.parametrize("after", range(1, LINES + 1))
def test_a_session_that_dies_in_between(moved: tuple[Bench, Step], after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each line: nothing of the change is there before the commit, and all of it after; the next session finds nothing
    that waits, and does it again."""
    bench, step = moved
    typed = []

    def dies(self: ShellSession, *_: str) -> None:
        typed.append(1)
        if len(typed) == after:
            raise OSError("the line was cut")

    with monkeypatch.context() as patch:
        patch.setattr(ShellSession, "_refusal", dies)
        with pytest.raises(Unreachable):
            bench.driver.apply(step)
    whole = after == LINES
    assert ((666, {666, 30}) if whole else (10, {10, 30})) == vlans(bench.own)
    assert (1 if whole else 0) == len(bench.state.journal)
    if not whole:
        bench.driver.apply(step)
    assert () == bench.driver.read_back(step.expect).differences
    bench.driver.undo(step)
    assert (10, {10, 30}) == vlans(bench.own)


@VRP8
@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_a_commit_without_an_answer(moved: tuple[Bench, Step], fault: str) -> None:
    """All or nothing, and reading tells which."""
    bench, step = moved
    bench.state.faults.set(fault)  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        bench.driver.apply(step)
    bench.state.faults.set("none")
    assert (fault == "drop-after") is bench.driver.read_back(step.expect).met
    assert ((666, {666, 30}) if fault == "drop-after" else (10, {10, 30})) == vlans(bench.own)


@VRP8
def test_a_commit_that_is_refused(moved: tuple[Bench, Step]) -> None:
    """Somebody holds the lock: nothing changed, and nothing of it comes along with the next change."""
    bench, step = moved
    bench.state.faults.set("refuse")
    with pytest.raises(CommandRejected, match="locked"):
        bench.driver.apply(step)
    bench.state.faults.set("none")
    shut = bench.plan(Verb.SHUT)
    bench.driver.apply(shut)
    assert (10, {10, 30}) == vlans(bench.own)
    assert [f"interface {bench.own.name} / shutdown"] == [write.text for write in bench.state.journal]


@VRP8
def test_a_line_that_is_refused(moved: tuple[Bench, Step]) -> None:
    """The first two lines were taken: nothing of them is there, nor comes along later."""
    bench, step = moved
    wrong = step.model_copy(update={"commands": (*step.commands[:3], "port hybrid pvid vlan 777")})
    with pytest.raises(CommandRejected):
        bench.driver.apply(wrong)
    bench.driver.apply(bench.plan(Verb.SHUT))
    assert (10, {10, 30}) == vlans(bench.own)


@VRP8
def test_changes_of_somebody_else(bench: Bench) -> None:
    """A person's candidate is neither committed nor lost by ours; nor do we see it."""
    other = bench.state.by_ifindex(5)
    assert other
    person = Somebody(bench)
    line = f"interface {other.name}"
    assert f"[*sw1-{other.name}]" == person.types("system-view", line, "shutdown")
    step = bench.plan(Verb.SHUT)
    bench.driver.apply(step)
    assert (False, True) == (bench.own.admin_up, other.admin_up)
    bench.driver.undo(step)
    assert (True, True) == (bench.own.admin_up, other.admin_up)
    assert f"[~sw1-{other.name}]" == person.types("commit")
    assert (True, False) == (bench.own.admin_up, other.admin_up)
    other.admin_up = True


@VRP8
def test_immediate_mode(moved: tuple[Bench, Step]) -> None:
    """A device that begins in it is given one line, and no commit; what would take several is refused before the first."""
    bench, step = moved
    bench.state.staged = False
    with pytest.raises(CommandRejected, match="at once"):
        bench.driver.apply(step)
    assert [] == bench.state.journal
    shut = bench.plan(Verb.SHUT)
    exchanges = bench.driver.apply(shut)
    assert "commit" not in [exchange.command for exchange in exchanges]
    assert () == bench.driver.read_back(shut.expect).differences
    bench.driver.undo(shut)
    assert () == bench.driver.read_back(shut.undo_expect).differences


@VRP8
def test_a_vrp_8_under_the_name_of_vrp_5(bench: Bench) -> None:
    """Refused at once, with the name that is right; nothing changed."""
    driver = connect(bench.entry.model_copy(update={"platform": "huawei_vrp"}), SystemClock())
    step = bench.plan(Verb.SHUT)
    with pytest.raises(CommandRejected, match="platform: huawei_vrp8"):
        driver.apply(step)
    driver.close()
    assert [] == bench.state.journal


@VRP5
def test_a_vrp_5_under_the_name_of_vrp_8(bench: Bench) -> None:
    """Its prompts have no mark, so it is never given more than one line, nor a commit, and all is read back."""
    vendor = load_vendor("huawei_vrp8")
    assert bench.entry.ssh
    session = ShellSession("sw1", bench.entry.address, bench.entry.ssh, vendor)
    driver = SshDriver(bench.entry, vendor, session, SystemClock())
    step = bench.plan(Verb.SHUT)
    assert "commit" not in [exchange.command for exchange in driver.apply(step)]
    assert driver.read_back(step.expect).met
    driver.close()


@VRP8
@pytest.mark.parametrize(
    ("answers", "prompt", "up"),
    [
        (("n",), "<sw1>", True),
        (("y",), "<sw1>", False),
        (("c",), "[*sw1-10GE1/0/1]", True),
        (("x", "n"), "<sw1>", True),
    ],
)
def test_the_way_out_that_the_emulated_switch_asks_about(
    bench: Bench, answers: tuple[str, ...], prompt: str, up: bool
) -> None:
    """Y commits, N throws away, C stays; anything else is asked again."""
    person = Somebody(bench)
    asked = person.types("system-view", "interface 10GE1/0/1", "shutdown", "return")
    assert asked.startswith("Warning: Uncommitted configurations found.")
    assert (prompt, up) == (person.types(*answers), bench.own.admin_up)


@VRP8
def test_no_is_said_on_the_way_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if what waits could not be cleared first, leaving never commits it."""
    config = load_vendor("huawei_vrp8").session.config
    monkeypatch.setitem(config.__dict__, "abandon", ())
    step = bench.plan(Verb.SHUT)
    wrong = step.model_copy(update={"commands": (*step.commands, "frobnicate")})
    with pytest.raises(CommandRejected):
        bench.driver.apply(wrong)
    assert [] == bench.state.journal
    assert bench.own.admin_up
    assert bench.driver.port_state(bench.port).read_ms
