"""Lines of configuration one by one: stopped at the first that was not done, whatever the device says or does not say."""

from typing import Any

import pytest

from controller.core.errors import CommandRejected
from controller.core.sites import SshAccess
from controller.switches.shell import ShellSession
from controller.switches.vendor import load_vendor

ACCESS = SshAccess(username="cordon", password="env:NONE", host_key="ssh-ed25519 AAAA")


class Told:
    """A dialog that answers each line with an answer and a prompt."""

    def __init__(self, prompt: str, answers: dict[str, tuple[str, str]]) -> None:
        self.prompt, self.answers, self.asked = prompt, answers, list[str]()

    def ask(self, line: str, replies: object = ()) -> str:
        """As a Dialog does."""
        self.asked.append(line)
        answer, self.prompt = self.answers.get(line, ("", self.prompt))
        return answer


def send(platform: str, dialog: Any, *commands: str) -> list[Any]:
    """Through a session's own rules."""
    done: list[Any] = []
    ShellSession("sw1", "192.0.2.1", ACCESS, load_vendor(platform))._send(dialog, commands, done, [])
    return done


SHUT = ("system-view", "interface 10GE1/0/1", "shutdown", "commit")
HYBRID = ("system-view", "interface 10GE1/0/1", "port hybrid untagged vlan 666", "port hybrid pvid vlan 666", "commit")
STAGED = {
    "system-view": ("", "[~SW]"),
    "interface 10GE1/0/1": ("", "[~SW-10GE1/0/1]"),
    "shutdown": ("", "[*SW-10GE1/0/1]"),
    "commit": ("Committing....done.", "[~SW-10GE1/0/1]"),
    "clear configuration candidate": ("", "[~SW]"),
    "return": ("", "<SW>"),
}
AT_ONCE = {
    "system-view": ("", "[SW]"),
    "interface 10GE1/0/1": ("", "[SW-10GE1/0/1]"),
    "commit": ("Error: Unrecognized command found at '^' position.", "[SW-10GE1/0/1]"),
    "return": ("", "<SW>"),
}
MODES = [
    ("cisco_ios", "sw(config)#", "interface Gi1/0/1", "sw(config-if)#", "shutdown"),
    ("huawei_vrp", "[SW]", "interface GE0/0/1", "[SW-GigabitEthernet0/0/1]", "shutdown"),
    ("huawei_vrp8", "[~SW]", "interface 10GE1/0/1", "[~SW-10GE1/0/1]", "shutdown"),
    ("huawei_vrp8", "<SW>", "system-view", "[~SW]", "interface 10GE1/0/1"),
    ("hp_comware", "<SW>", "system-view", "[SW]", "interface GE1/0/1"),
    ("juniper_junos", "a@ex>", "configure exclusive", "a@ex#", "set interfaces ge-0/0/1 disable"),
    ("hp_procurve", "sw(config)#", "vlan 666", "sw(vlan-666)#", "untagged 5"),
    ("fortinet", "S124 #", "config switch physical-port", "S124 (physical-port) #", "edit port1"),
    ("zte_zxros", "zx(config)#", "switchvlan-configuration", "zx(config-swvlan)#", "interface gei-0/1/1/1"),
]


@pytest.mark.parametrize("said", ["", "Sorry, that is reserved."])
@pytest.mark.parametrize(("platform", "at", "line", "into", "then"), MODES)
def test_a_mode_that_was_not_entered(platform: str, at: str, line: str, into: str, then: str, said: str) -> None:
    """Nothing more is typed where it would be done elsewhere."""
    dialog = Told(at, {line: (said, at)})
    with pytest.raises(CommandRejected):
        send(platform, dialog, line, then)
    assert then not in dialog.asked


@pytest.mark.parametrize(("platform", "at", "line", "into", "then"), MODES)
def test_a_mode_that_was_entered(platform: str, at: str, line: str, into: str, then: str) -> None:
    """The next line follows, and need not change the prompt."""
    dialog = Told(at, {line: ("", into), then: ("", into + "x")})
    assert [line, then] == [exchange.command for exchange in send(platform, dialog, line, then)]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("commit complete\n\n[edit]\n", True),
        ("fpc0:\nconfiguration check succeeds\nfpc1:\ncommit complete\n", True),
        ("[edit interfaces]\n  'ge-0/0/1'\n    warning: something\nconfiguration check succeeds\n", False),
        ("", False),
    ],
)
def test_a_commit_says_that_it_was_done(said: str, done: bool) -> None:
    """Silence is no commit."""
    dialog = Told("a@ex#", {"commit confirmed 5": (said, "a@ex#")})
    if done:
        assert 1 == len(send("juniper_junos", dialog, "commit confirmed 5"))
        return
    with pytest.raises(CommandRejected):
        send("juniper_junos", dialog, "commit confirmed 5")
    assert "rollback 0" in dialog.asked


def test_two_stages() -> None:
    """VRP 8: typed, committed, left."""
    dialog = Told("<SW>", STAGED)
    assert list(SHUT) == [exchange.command for exchange in send("huawei_vrp8", dialog, *SHUT)]
    assert [*SHUT, "return"] == dialog.asked


@pytest.mark.parametrize(
    ("line", "said", "prompt"),
    [
        ("shutdown", "Error: Unrecognized command found at '^' position.", "[~SW-10GE1/0/1]"),
        ("interface 10GE1/0/1", "", "[~SW]"),
        ("commit", "Error: The configuration is locked by another user.", "[*SW-10GE1/0/1]"),
        ("commit", "", "[*SW-10GE1/0/1]"),
        ("commit", "Committing....done.", "[*SW-10GE1/0/1]"),
    ],
)
def test_what_was_not_committed_is_thrown_away(line: str, said: str, prompt: str) -> None:
    """A line or the commit was refused, or the mark of what waits is still there, whatever was said: nothing is left to wait."""
    dialog = Told("<SW>", {**STAGED, line: (said, prompt)})
    with pytest.raises(CommandRejected):
        send("huawei_vrp8", dialog, *SHUT)
    assert [*SHUT[: SHUT.index(line) + 1], "clear configuration candidate", "return"] == dialog.asked


def test_what_waits_and_is_not_ours() -> None:
    """It is neither committed nor thrown away: not a word is typed, not even to leave, and the session ends."""
    dialog = Told("<SW>", {**STAGED, "system-view": ("", "[*SW]")})
    with pytest.raises(CommandRejected, match="not Cordon's"):
        send("huawei_vrp8", dialog, *SHUT)
    assert ["system-view"] == dialog.asked


def test_a_view_that_cannot_be_left() -> None:
    """The session ends, and what waits in it."""
    session = ShellSession("sw1", "192.0.2.1", ACCESS, load_vendor("huawei_vrp8"))
    dialog: Any = Told("<SW>", {**STAGED, "commit": ("", "[*SW]"), "return": ("", "[*SW]")})
    session._dialog = dialog
    with pytest.raises(CommandRejected):
        session._send(dialog, SHUT, [], [])
    assert session._dialog is None


def test_where_lines_take_effect_at_once() -> None:
    """Immediate mode: one line is a change by itself, and there is no commit; several could be left half done."""
    dialog = Told("<SW>", AT_ONCE)
    assert list(SHUT[:3]) == [exchange.command for exchange in send("huawei_vrp8", dialog, *SHUT)]
    assert [*SHUT[:3], "return"] == dialog.asked
    dialog = Told("<SW>", AT_ONCE)
    with pytest.raises(CommandRejected, match="at once"):
        send("huawei_vrp8", dialog, *HYBRID)
    assert ["system-view", "clear configuration candidate", "return"] == dialog.asked


@pytest.mark.parametrize("prompt", ["[~SW]", "[*SW]"])
def test_vrp_8_under_the_name_of_vrp_5(prompt: str) -> None:
    """Told by its prompt before anything is typed there."""
    dialog = Told("<SW>", {"system-view": ("", prompt)})
    with pytest.raises(CommandRejected, match="platform: huawei_vrp8"):
        send("huawei_vrp", dialog, "system-view", "interface 10GE1/0/1", "shutdown")
    assert ["system-view", "return"] == dialog.asked
