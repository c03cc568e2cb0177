"""The dialog finds the device's own prompt, whatever way its answer comes in pieces, scrolls, pages or is interrupted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.switches.dialog import Dialog
from controller.switches.reads import Manners, Reply
from controller.switches.vendor import load_vendor


class Script:
    """A channel that answers each thing typed with the next piece of a transcript, in chunks of a size."""

    def __init__(self, greeting: bytes, answers: list[bytes], chunk: int = 65536) -> None:
        self._answers, self._chunk, self._out = list(answers), chunk, greeting
        self.typed: list[bytes] = []

    def recv(self, nbytes: int) -> bytes:
        if not self._out:
            raise TimeoutError
        piece, self._out = self._out[: self._chunk], self._out[self._chunk :]
        return piece

    def sendall(self, s: bytes) -> None:
        self.typed.append(s)
        self._out += self._answers.pop(0)

    def settimeout(self, timeout: float | None) -> None:
        pass


def opened(platform: str, greeting: bytes, answers: list[bytes], chunk: int = 65536) -> tuple[Dialog, Script]:
    """A dialog that has seen its first prompt."""
    channel = Script(greeting, answers, chunk)
    dialog = Dialog(channel, load_vendor(platform).session, 1.0)
    dialog.greet()
    return dialog, channel


VRP = b"display vlan\r\nfirst\r\n  ---- More ----\x1b[16D                \x1b[16D  second\r\n<SW-1>"


@pytest.mark.parametrize(
    ("platform", "prompt"),
    [
        ("huawei_vrp", b"<SW-1>"), ("huawei_vrp", b"[SW-1-GigabitEthernet0/0/1]"), ("hp_comware", b"<test5130st1>"),
        ("cisco_ios", b"LAB-SW123_9200L#"), ("cisco_ios", b"LAB-SW123_9200L(config-if)#"), ("cisco_nxos", b"\rTEST-12345# "),
        ("arista_eos", b"eos-test-01#"), ("juniper_junos", b"cordon@ex4300> "), ("mikrotik_routeros", b"[admin@MikroTik] > "),
        ("extreme_exos", b"* X440.12 # "), ("extreme_exos", b"Slot-1 X440.3 # "), ("dell_os9", b"FTOS(conf-if-te-1/1)#"),
        ("fortinet", b"S124 (physical-port) # "), ("ruijie_os", b"Ruijie(config-if-GigabitEthernet 0/1)#"),
        ("hp_procurve", b"HP-2920(eth-1)# "),
    ],
)  # fmt: skip
def test_prompts(platform: str, prompt: bytes) -> None:
    """Prompts of transcripts and manuals end an answer, with what stands before them kept."""
    dialog, _ = opened(platform, b"banner\r\n" + prompt, [b"show x\r\nvalue 1\r\n" + prompt])
    assert "value 1" == dialog.ask("show x").strip()
    assert prompt.decode().strip() == dialog.prompt


@given(chunk=st.integers(1, 40))
def test_pieces_of_any_size(chunk: int) -> None:
    """A paged answer is the same however it is cut, escape sequences and the pager's own line included."""
    first, _, second = VRP.partition(b"\x1b")
    dialog, channel = opened("huawei_vrp", b"\r\nInfo: hello\r\n<SW-1>", [first, b"\x1b" + second], chunk)
    assert ["first", "  second"] == dialog.ask("display vlan").splitlines()
    assert [b"display vlan\n", b" "] == channel.typed


def test_a_prompt_inside_an_answer_is_none() -> None:
    """Another device's prompt, or this one's in the middle of a line, does not end the answer."""
    answer = b"show log\r\nlogin from <SW-1> ok\r\nother#\r\nlast\r\n<SW-1>"
    dialog, _ = opened("huawei_vrp", b"<SW-1>", [answer])
    assert "last" == dialog.ask("show log").splitlines()[-1]


def test_a_prompt_left_over_from_a_log_line() -> None:
    """A log line with a fresh prompt before the echo is not taken for the answer."""
    answer = b"\r\n%LINK-3-UPDOWN: up\r\nsw#" + b"show a\r\nvalue\r\nsw#"
    dialog, _ = opened("cisco_ios", b"sw#", [answer], chunk=10)
    assert "value" in dialog.ask("show a")


def test_a_question_is_answered() -> None:
    """Only while configuring, with what the vendor file says."""
    dialog, channel = opened("hp_comware", b"[SW]", [b"shutdown\r\nContinue? [Y/N]:", b"y\r\n[SW]"])
    dialog.ask("shutdown", (Reply(ask=r"\[Y/N\]:?", say="y"),))
    assert [b"shutdown\n", b"y\n"] == channel.typed


def test_a_long_name_is_cut_in_some_prompts() -> None:
    """The first 14 letters tell the device."""
    dialog, _ = opened("cisco_ios", b"a-very-long-switch-name-01#", [b"conf t\r\na-very-long-switch-n(config)#"])
    assert "" == dialog.ask("conf t").strip()
    assert "a-very-long-switch-n(config)#" == dialog.prompt


def test_silence_and_hanging_up_are_told_apart() -> None:
    """TimeoutError, EOFError."""
    dialog, _ = opened("cisco_ios", b"sw#", [b"show"])
    with pytest.raises(TimeoutError):
        dialog.ask("show a")

    class Gone(Script):
        def recv(self, nbytes: int) -> bytes:
            return b""

    with pytest.raises(EOFError):
        Dialog(Gone(b"", []), Manners(), 1.0).greet()


def test_a_device_that_waits_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No prompt comes by itself: one line end is typed, and the device's name learned from what follows."""
    channel = Script(b"Press any key to continue\r\n", [b"\r\nSW-1# "])
    dialog = Dialog(channel, load_vendor("cisco_ios").session, 1.0)
    dialog.greet()
    assert ("SW-1", [b"\n"]) == (dialog.name, channel.typed)
