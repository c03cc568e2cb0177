"""The dialog finds the device's own prompt, whatever way its answer comes in pieces, scrolls, pages or is interrupted."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.switches.dialog import Dialog
from controller.switches.reads import Manners, Reply
from controller.switches.vendor import load_vendor, platforms


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
        ("huawei_vrp", b"<SW-1>"), ("huawei_vrp", b"[SW-1-GigabitEthernet0/0/1]"), ("huawei_vrp8", b"<SW-1>"),
        ("huawei_vrp8", b"[~SW-1]"), ("huawei_vrp8", b"[*SW-1-10GE1/0/1]"), ("huawei_vrp8", b"[SW-1-10GE1/0/1]"),
        ("huawei_vrp8", b"[~SW-1-100GE1/0/1:2]"), ("huawei_vrp8", b"[*SW-1-Eth-Trunk1]"), ("hp_comware", b"<test5130st1>"),
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


NAMES = [
    ("huawei_vrp", "<CORE-SW-1>", "[CORE-SW-1-GigabitEthernet0/0/1]", "CORE-SW-1"),
    ("huawei_vrp8", "<CORE-SW-1>", "[*CORE-SW-1-10GE1/0/1]", "CORE-SW-1"),
    ("huawei_vrp8", "<My Switch 1>", "[~My Switch 1]", "My Switch 1"),
    ("hp_comware", "<My Switch 1>", "[My Switch 1-Ten-GigabitEthernet1/0/49]", "My Switch 1"),
    ("hp_comware", "<A-B>\x07", "\x00[A-B]\x07", "A-B"),
    ("hp_procurve", "HP ProCurve Switch 2626# ", "HP ProCurve Switch 2626(eth-1)# ", "HP ProCurve Switch 2626"),
    ("aruba_aoscx", "Aruba CX 6300# ", "Aruba CX 6300(config-if-<1/1/1-1/1/2>)# ", "Aruba CX 6300"),
    ("dell_os6", "Dell N2048 1#", "Dell N2048 1(config-if-Gi1/0/1)#", "Dell N2048 1"),
    ("mikrotik_routeros", "[admin@Core Switch 1] > ", "[admin@Core Switch 1] > ", "Core Switch 1"),
    ("mikrotik_routeros", "[admin@A very long identity] > ", "[admin@A very long identity] > ", "A very long identity"),
    ("extreme_exos", "! * (debug-mode) Slot-1 VPEX X690.5 # ", "* Slot-1 VPEX X690.6 # ", "X690"),
    ("extreme_exos", "* (X440) # ", "* (X440) # ", "X440"),
    ("extreme_exos", "(pending-AAA) sw-10.1.2.3.12 # ", "* sw-10.1.2.3.13 # ", "sw-10.1.2.3"),
    ("arista_eos", "sw(vrf:MGMT)#", "sw(vrf:MGMT)(s1)(config-if-Et1)#", "sw"),
    ("cisco_nxos", "sw(maint-mode)# ", "sw(maint-mode)(config-if)# ", "sw"),
    ("fortinet", "S124EN~1 # ", "S124EN~1 (physical-port) # ", "S124EN~1"),
    ("juniper_junos", "{master:0}\r\nadmin@ex-2.lab> ", "{master:0}[edit]\r\nadmin@ex-2.lab# ", "ex-2.lab"),
    ("linux", "admin@br-1:~$ ", "admin@br-1:/etc$ ", "br-1"),
    ("ovs", "[root@br-1 ~]# ", "[root@br-1 etc]# ", "br-1"),
    ("linux", "br-1# ", "br-1# ", "br-1"),
]


@pytest.mark.parametrize(("platform", "first", "then", "name"), NAMES)
def test_names(platform: str, first: str, then: str, name: str) -> None:
    """What a device calls itself, all of it and nothing else, with blanks and dashes in it, whatever stands around it.

    Prompts of Oxidized's models aoscx, comware, fortios, powerconnect, procurve, routeros and xos, and of Ansible's terminal
    plugins eos and exos.
    """
    dialog, _ = opened(platform, b"\r\nhello\r\n" + first.encode(), [b"show x\r\nvalue\r\n" + then.encode()])
    assert (name, "value") == (dialog.name, dialog.ask("show x").splitlines()[0])
    assert name in dialog.prompt


def test_a_banner_that_looks_like_a_prompt() -> None:
    """The device's name is learned again at the first answer, and then for good."""
    answers = [b"\r\nsw-1#terminal length 0\r\nsw-1#", b"show x\r\nother#\r\nvalue\r\nsw-1#"]
    dialog, _ = opened("cisco_ios", b"\r\n*****\r\nNOTICE#", answers)
    assert "NOTICE" == dialog.name
    dialog.ask("terminal length 0")
    assert ("sw-1", "sw-1#") == (dialog.name, dialog.prompt)
    assert ["other#", "value"] == dialog.ask("show x").splitlines()


LOGS = {
    "cisco_ios": (
        "sw#",
        "*Nov 27 09:00:00.123: %LINK-5-CHANGED: Interface GigabitEthernet1/0/1, changed state to down",
    ),
    "huawei_vrp": (
        "[SW-GigabitEthernet0/0/1]",
        "Nov 27 2026 09:00:00 SW %%01IFNET/4/IF_STATE(l)[1]:Interface has turned DOWN.",
    ),
    "huawei_vrp8": (
        "[*SW-10GE1/0/1]",
        "Nov 27 2026 09:00:00 SW %%01IFPDT/4/IF_STATE(l):CID=0x807a0405;Interface 10GE1/0/1 has turned into DOWN state.",
    ),
    "hp_comware": (
        "[SW]",
        "%Nov 27 09:00:00:123 2026 SW IFNET/3/PHY_UPDOWN: Physical state on GE1/0/1 changed to down.",
    ),
    "extreme_exos": ("* X440.12 # ", "11/27/2026 09:00:00.00 <Info:vlan.msgs.portLinkStateDown> Port 1 link down"),
    "mikrotik_routeros": ("[admin@MikroTik] > ", "09:00:00 echo: interface,info ether1 link down"),
    "dell_os9": (
        "Dell(conf-if-te-1/1)#",
        "Nov 27 09:00:00: %STKUNIT0-M:CP %IFMGR-5-ASTATE_DN: Changed interface state: Te 1/1",
    ),
}


@pytest.mark.parametrize("platform", LOGS)
def test_a_message_after_the_prompt(platform: str) -> None:
    """What was asked was answered, though no fresh prompt follows a message of the console; the message is no answer."""
    prompt, log = LOGS[platform]
    late = f"shutdown\r\n{prompt}\r\n{log}\r\n{log}\r\n"
    dialog, _ = opened(platform, prompt.encode(), [late.encode(), f"show x\r\nvalue\r\n{prompt}".encode()])
    assert ("", prompt.strip()) == (dialog.ask("shutdown"), dialog.prompt)
    assert "value" == dialog.ask("show x").strip()


@pytest.mark.parametrize("platform", LOGS)
def test_a_message_before_the_echo(platform: str) -> None:
    """It came while nobody asked: neither it, nor the prompt after it, nor the echo is part of the answer."""
    prompt, log = LOGS[platform]
    answer = f"\r\n{log}\r\n{prompt}show x\r\nvalue\r\n{prompt}"
    dialog, _ = opened(platform, prompt.encode(), [answer.encode()])
    assert "value" == dialog.ask("show x").strip()


def test_a_prompt_before_other_words_ends_nothing() -> None:
    """Only messages of the console may follow it."""
    dialog, _ = opened("cisco_ios", b"sw#", [b"show x\r\nsw#\r\nnot a message\r\n"])
    with pytest.raises(TimeoutError):
        dialog.ask("show x")


HOME, HIDE = "\x1b[24;1H", "\x1b[?25h\x1b[24;1H\x1b[2K"
SCREEN = f"{HOME}\x1b[1;24r{HOME}HP-2920(eth-1)# \x1b[24;17H\x1b[24;17H\x1b[?25h\x1b[24;27H"


def test_a_screen_without_line_ends() -> None:
    """A ProCurve on a terminal that can place its cursor: lines end by `insert line` and `next line`, prompts begin by a move to
    the left (as netmiko's strip_ansi_escape_codes and Oxidized's model procurve treat them)."""
    silent = f"disable\x1b[24;24H\x1b[?25h\x1b[1;0H\x1b[1M{HOME}\x1b[1L\x1b[24;27H{HIDE}{SCREEN}"
    shows = f"{HOME}HP-2920(eth-1)# show x\x1b[24;23H\x1bE value 1\x1bE value 2\x1bE{HIDE}{SCREEN}"
    dialog, _ = opened(
        "hp_procurve", f"\x1b[2J\x1b[?7l\x1b[3;23r{SCREEN}".encode(), [silent.encode(), shows.encode()], chunk=7
    )
    assert ("HP-2920", "HP-2920(eth-1)#") == (dialog.name, dialog.prompt)
    assert "" == dialog.ask("disable").strip()
    assert ["value 1", "value 2"] == [line.strip() for line in dialog.ask("show x").splitlines() if line.strip()]


@pytest.mark.parametrize("platform", platforms())
def test_no_text_takes_long(platform: str) -> None:
    """Blank lines, marks and words without end are looked through in no time, whatever the patterns of the file."""
    prompt = {
        "huawei_vrp": "<SW>",
        "huawei_vrp8": "<SW>",
        "hp_comware": "<SW>",
        "mikrotik_routeros": "[a@SW] > ",
        "juniper_junos": "a@SW> ",
    }
    first = prompt.get(platform, "SW.1 # " if platform in ("extreme_exos", "fortinet") else "SW# ")
    for junk in ("\n", "a ", "%A-1 ", "[a@b] ", "<a-b", "(a)", "--More", "-", "1.", "A/1/B ", "\x1b[24;1H"):
        text = f"show x\r\n{first}\r\n{junk * 400}!"
        dialog, _ = opened(platform, first.encode(), [text.encode()])
        begun = time.thread_time()
        with contextlib.suppress(TimeoutError, IndexError):
            dialog.ask("show x")
        assert time.thread_time() - begun < 1.0, (platform, junk)


@pytest.mark.parametrize(
    ("platform", "asked", "said", "prompt"),
    [
        ("huawei_vrp", "The password needs to be changed. Change now? [Y/N]:", b"n\n", "<SW>"),
        ("huawei_vrp", "Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:", b"n\n", "<SW>"),
        ("huawei_vrp8", "The password needs to be changed. Change now? [Y/N]:", b"n\n", "<SW>"),
        ("hp_comware", "Your password will expire in 5 days. Change it? [Y/N]:", b"n\n", "<SW>"),
        ("hp_procurve", "Press any key to continue\x1b[24;1H", b"\n", "SW# "),
        ("aruba_aoscx", "Press any key to continue", b" ", "SW# "),
        ("mikrotik_routeros", "Do you want to see the software license? [Y/n]: ", b"n\r\n", "[a@SW] > "),
        ("mikrotik_routeros", 'Please press "Enter" to continue!', b"\r\n", "[a@SW] > "),
    ],
)
def test_what_is_asked_at_log_in(platform: str, asked: str, said: bytes, prompt: str) -> None:
    """No password is changed, nothing is agreed to, and no time is lost (netmiko's huawei, hp_procurve; Ansible's routeros)."""
    dialog, channel = opened(platform, f"\r\nhello\r\n{asked}".encode(), [f"\r\n{prompt}".encode()])
    assert (["SW"], [said]) == ([dialog.name], channel.typed)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? [Y(yes)/N(no)/C(cancel)]:",
            "n",
        ),
        ("Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:", "n"),
        ("Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:", "n"),
        ("Warning: The running configuration was changed by another user. Continue? [Y/N]:", "n"),
        ("Warning: A configuration conflict\r\noccurred. Continue? [Y/N]:", "n"),
        ("Warning: The interface will be shut down. Continue? [Y/N]:", "y"),
    ],
)
def test_what_vrp_8_asks(asked: str, said: str) -> None:
    """Nothing that waits is committed on the way out, and nothing over what somebody else committed meanwhile."""
    dialog, channel = opened("huawei_vrp8", b"<SW>", [f"return\r\n{asked}".encode(), f"{said}\r\n<SW>".encode()])
    dialog.ask("return", load_vendor("huawei_vrp8").session.questions)
    assert [b"return\n", f"{said}\n".encode()] == channel.typed
