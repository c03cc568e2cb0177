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
    ShellSession("sw1", "192.0.2.1", ACCESS, load_vendor(platform))._send(dialog, commands, done)
    return done


MODES = [
    ("cisco_ios", "sw(config)#", "interface Gi1/0/1", "sw(config-if)#", "shutdown"),
    ("huawei_vrp", "[SW]", "interface GE0/0/1", "[SW-GigabitEthernet0/0/1]", "shutdown"),
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
