"""An error says that nothing had left only where that is certain: before the first line, datagram or candidate."""

from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, ConfigError, CordonError, NotAllowed, Unreachable
from controller.core.sites import CoaAccess, NapalmAccess, SnmpAccess, SshAccess
from controller.core.snmp.pdu import Value
from controller.switches.coa.client import CoaClient
from controller.switches.coa.order import Order
from controller.switches.napalm.session import NapalmSession
from controller.switches.session import SnmpSession
from controller.switches.shell import ShellSession
from controller.switches.snmpsend import SnmpSender
from controller.switches.vendor import load_vendor
from controller.switches.wire.setting import Setting

ACCESS = SshAccess(username="cordon", password="env:NONE", host_key="ssh-ed25519 AAAA", timeout_s=1)
SETTING = Setting((1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 4), "i", 2)


class Asked:
    """A dialog that goes silent at one line."""

    prompt, name = "sw#", "sw"

    def __init__(self, silent_at: str) -> None:
        self.silent_at = silent_at

    def ask(self, line: str, replies: object = ()) -> str:
        """As a Dialog does."""
        if line == self.silent_at:
            raise TimeoutError
        self.prompt += "x"
        return ""


@pytest.mark.parametrize(
    ("silent_at", "unsent"), [("configure terminal", True), ("interface ge1", False), ("shutdown", False)]
)
def test_a_shell_that_goes_silent(monkeypatch: pytest.MonkeyPatch, silent_at: str, unsent: bool) -> None:
    """A line that was not answered may have been taken; to enter configuration mode changes nothing."""
    session = ShellSession("sw1", "127.0.0.1", ACCESS, load_vendor("arista_eos"))
    monkeypatch.setattr(session, "_open", lambda: Asked(silent_at))
    with pytest.raises(Unreachable) as told:
        session.configure(("interface ge1", "shutdown"))
    assert unsent is told.value.unsent


def test_a_shell_without_a_log_in() -> None:
    """Nobody listens there."""
    access = ACCESS.model_copy(update={"port": 9})
    with pytest.raises(CordonError) as told:
        ShellSession("sw1", "127.0.0.1", access, load_vendor("cisco_ios")).configure(("interface ge1", "shutdown"))
    assert told.value.unsent


@pytest.mark.parametrize("version", ["2c", "3"])
def test_an_agent_that_is_silent(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """By v2c the SET has left; by v3 only the question whose engine it is, if that is not known yet."""
    monkeypatch.setenv("T_C", "c")
    access = SnmpAccess(version=version, community="env:T_C", user="u", port=9, timeout_s=0.02, retries=1)  # type: ignore[arg-type]
    session = SnmpSession("sw1", "127.0.0.1", access)
    with pytest.raises(Unreachable) as told:
        session.set(SETTING)
    session.close()
    assert (version == "3") is told.value.unsent


def test_an_agent_that_cannot_be_asked() -> None:
    """No secret, no SET."""
    with pytest.raises(ConfigError) as told:
        SnmpSession("sw1", "127.0.0.1", SnmpAccess(community="env:T_NONE")).set(SETTING)
    assert told.value.unsent


class Agent:
    """A session: `fails` at the so many-th SET or, with 0, at each GET; whether that is certain not to have left."""

    def __init__(self, fails: int, *, unsent: bool) -> None:
        self.fails, self.unsent, self.sets = fails, unsent, 0

    def get(self, *oids: object) -> list[Value | None]:
        """A list without the port."""
        if not self.fails:
            raise self._error()
        return [bytes(4) for _ in oids]

    def set(self, *settings: Setting) -> list[Value]:
        """Several at once are refused."""
        self.sets += 1
        if self.sets == self.fails:
            raise self._error()
        if len(settings) > 1:
            raise CommandRejected("genErr")
        return [setting.value for setting in settings]

    def _error(self) -> CordonError:
        error = Unreachable("silent")
        error.unsent = self.unsent
        return error


@pytest.mark.parametrize(
    ("fails", "told_unsent", "unsent"),
    [(0, False, True), (1, True, True), (1, False, False), (2, True, False), (3, True, False)],
)
def test_commands_of_a_step(fails: int, told_unsent: bool, unsent: bool) -> None:
    """What an earlier SET may have done is not undone by a later one that did not leave; a GET changes nothing."""
    agent: Any = Agent(fails, unsent=told_unsent)
    with pytest.raises(Unreachable) as told:
        SnmpSender("sw1", agent).send(("join 1.3.6.1.2 3", "set 1.3.6.1.3 u 666"))
    assert unsent is told.value.unsent


class NoWay:
    """A path that cannot be used."""

    def send(self, data: bytes) -> None:
        """No route."""
        raise OSError("no route")

    def close(self) -> None:
        """Nothing to close."""


def test_an_order_without_a_secret_or_a_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A datagram that was handed to the kernel counts as sent."""

    def no_way(_: str, __: int) -> Any:
        raise OSError("no route")

    order = Order("Disconnect-Request", (("Calling-Station-Id", "02-00-00-00-00-01"),))
    access = CoaAccess(secret="env:T_COA")
    asked: list[bool] = []
    for way in (no_way, no_way, lambda _, __: NoWay()):
        client = CoaClient("sw1", "192.0.2.1", access, SystemClock(), open_path=way)  # type: ignore[arg-type]
        with pytest.raises(CordonError) as told:
            client.ask(order)
        asked.append(told.value.unsent)
        monkeypatch.setenv("T_COA", "secret")
    assert [True, True, False] == asked


@pytest.mark.parametrize("opens", [True, False])
def test_napalm(opens: bool) -> None:
    """A device that cannot be opened was not told anything."""

    class Platform:
        driver, confirms = "ios", False

    class Access:
        platform, settings = Platform(), NapalmAccess()

        def driver(self) -> Any:
            """The device, which has no method at all."""
            if not opens:
                raise NotAllowed("no")
            return object()

        def close(self) -> None:
            """Nothing."""

    access: Any = Access()
    with pytest.raises(CordonError) as told:
        NapalmSession("sw1", access, load_vendor("cisco_ios")).configure(("interface ge1", "shutdown"))
    assert opens is not told.value.unsent
