"""Ways to log in, against a real OpenSSH on loopback: keys with a passphrase, old algorithms by permission, a jump host."""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paramiko import SSHException

from controller.core.clock import SystemClock
from controller.core.errors import ConfigError, NotAllowed, Unreachable
from controller.core.sites import JumpHost, SshAccess, SwitchEntry
from controller.emulate import Credentials, EmulatedSwitch, switch_of
from controller.lab.ports import free_ports
from controller.switches.login import Login, Way, disabled
from controller.switches.registry import connect
from playbooks.plan import Action, PortRef, Verb
from tests.parts import require_part

PASSPHRASE = "correct horse"  # of a key that lives as long as the test
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin")
PATIENCE_S = 60.0
Start = Callable[..., tuple[int, str]]


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key with a passphrase."""
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", path], check=True)
    return path


@pytest.fixture
def sshd(tmp_path: Path, key: Path) -> Iterator[Start]:
    """Starts an OpenSSH server on loopback that knows the key; gives its port and host key."""
    require_part("openssh-server", SSHD is not None and hasattr(socket, "AF_UNIX"), "sshd is not installed")
    assert SSHD
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(exist_ok=True)
    running: list[subprocess.Popen[bytes]] = []

    def start(*lines: str, kind: str = "ed25519") -> tuple[int, str]:
        (port,), host_key = free_ports(1), tmp_path / f"host_{kind}"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", host_key], check=True)
        shutil.copy(key.with_suffix(".pub"), tmp_path / "authorized")
        config = tmp_path / f"sshd_{port}"
        settings = [
            f"ListenAddress 127.0.0.1:{port}", f"HostKey {host_key}", f"AuthorizedKeysFile {tmp_path}/authorized",
            "StrictModes no", "UsePAM no", "PidFile none", "PermitRootLogin prohibit-password",
            "PasswordAuthentication no", "UseDNS no", *lines,
        ]  # fmt: skip
        config.write_text("\n".join(settings) + "\n")
        running.append(subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + PATIENCE_S
        while not _listening(port):
            assert running[-1].poll() is None, "sshd ended"
            assert time.monotonic() < deadline, "sshd does not listen"
            time.sleep(0.01)
        kind_name, text, *_ = host_key.with_suffix(".pub").read_text().split()
        return port, f"{kind_name} {text}"

    yield start
    for process in running:
        process.terminate()
        process.wait(PATIENCE_S)


def access(port: int, host_key: str, key: Path, **more: Any) -> SshAccess:
    """Log-in by the key."""
    return SshAccess(
        port=port,
        username=getpass.getuser(),
        key_file=key,
        key_passphrase="env:T_PHRASE",
        host_key=host_key,
        timeout_s=20,
        **more,
    )


def test_a_key_with_a_passphrase(sshd: Start, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens with the right one, NotAllowed without it; a host key that is not the known one is refused first."""
    port, host_key = sshd()
    monkeypatch.setenv("T_PHRASE", PASSPHRASE)
    login = Login("sw1", "127.0.0.1", access(port, host_key, key))
    line = login.open(device_type="linux")
    assert line.remote_conn
    line.disconnect()
    login.close()
    monkeypatch.setenv("T_PHRASE", "wrong one")
    with pytest.raises((NotAllowed, Unreachable)) as caught:
        Login("sw1", "127.0.0.1", access(port, host_key, key)).open(device_type="linux")
    assert "wrong one" not in str(caught.value)
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZqmlJOkVmeyYcVmCnRQnHeGBhHwNN7yYoPAuoW9p9M"
    with pytest.raises(NotAllowed, match="host key"):
        Login("sw1", "127.0.0.1", access(port, other, key)).open(device_type="linux")


@pytest.mark.parametrize(
    ("allowed", "kind", "lines"),
    [
        (("dh-group14",), "ed25519", ["KexAlgorithms diffie-hellman-group14-sha1"]),
        (("dh-group1",), "ed25519", ["KexAlgorithms diffie-hellman-group1-sha1"]),
        (("cbc",), "ed25519", ["Ciphers aes128-cbc,3des-cbc"]),
        (("ssh-rsa",), "rsa", ["HostKeyAlgorithms ssh-rsa"]),
    ],
)
def test_old_algorithms_only_where_allowed(
    sshd: Start, key: Path, monkeypatch: pytest.MonkeyPatch, allowed: Any, kind: str, lines: list[str]
) -> None:
    """NotAllowed, which says what to set; with it the session opens."""
    monkeypatch.setenv("T_PHRASE", PASSPHRASE)
    port, host_key = sshd(*lines, kind=kind)
    with pytest.raises(NotAllowed, match="legacy"):
        Login("sw1", "127.0.0.1", access(port, host_key, key)).open(device_type="linux")
    login = Login("sw1", "127.0.0.1", access(port, host_key, key, legacy=allowed))
    login.open(device_type="linux").disconnect()
    login.close()


def test_through_a_jump_host(sshd: Start, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch is reached through the jump host's OpenSSH; a jump host with another key than the known one is refused."""
    monkeypatch.setenv("T_PHRASE", PASSPHRASE)
    port, host_key = sshd("AllowTcpForwarding yes")
    with EmulatedSwitch(switch_of("hp_comware", SystemClock()), Credentials(), dialect="hp_comware") as switch:
        monkeypatch.setenv("T_PASS", switch.credentials.password)

        def driver(jump_key: str) -> Any:
            me, keys = getpass.getuser(), switch.credentials
            phrase = {"key_file": key, "key_passphrase": "env:T_PHRASE"}
            jump = JumpHost(address="127.0.0.1", port=port, username=me, host_key=jump_key, **phrase)
            own = {"port": switch.ssh_port, "host_key": switch.host_key}
            ssh = SshAccess(username=keys.username, password="env:T_PASS", jump=jump, **own)
            entry = SwitchEntry(name="sw1", site="s", address="127.0.0.1", via="ssh", platform="hp_comware", ssh=ssh)
            return connect(entry, SystemClock())

        through = driver(host_key)
        assert "sw1" == through.facts().sys_name
        through.close()
        with pytest.raises(NotAllowed, match="jump host"):
            driver(switch.host_key).facts()


@pytest.mark.parametrize("error", [EOFError(), OSError("Socket is closed"), SSHException("not open")])
def test_a_jump_host_that_has_hung_up(error: Exception) -> None:
    """The way through it is closed all the same, on a thread of paramiko's that nobody could catch it from."""

    class Gone:
        closed = 0

        def close(self) -> None:
            self.closed += 1
            raise error

        def recv(self, size: int) -> bytes:
            return b"x" * size

    channel = Gone()
    way = Way(channel)  # type: ignore[arg-type]
    assert b"xx" == way.recv(2)
    way.close()
    assert 1 == channel.closed


def test_no_key_is_known() -> None:
    """Never accepted on first sight: ConfigError before anything is sent."""
    with pytest.raises(ConfigError, match="host_key"):
        Login("sw1", "127.0.0.1", SshAccess(username="x", password="env:X")).open(device_type="linux")


def test_nothing_old_is_offered() -> None:
    """Each old algorithm is off unless its name is listed."""
    assert {"kex", "keys", "pubkeys", "ciphers", "macs"} == set(disabled(()))
    assert "ssh-rsa" not in disabled(("ssh-rsa",)).get("keys", [])
    assert "diffie-hellman-group14-sha1" in disabled(("ssh-rsa",))["kex"]


def test_a_session_that_died_while_nobody_used_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device hung up: that is seen before a command is typed, so the command goes out on a new session, once."""
    with EmulatedSwitch(switch_of("cisco_ios", SystemClock()), Credentials(), dialect="cisco_ios") as switch:
        keys = switch.credentials
        monkeypatch.setenv("T_PASS", keys.password)
        monkeypatch.setenv("T_ENABLE", keys.enable)
        own = {"port": switch.ssh_port, "host_key": switch.host_key, "enable": "env:T_ENABLE"}
        ssh = SshAccess(username=keys.username, password="env:T_PASS", **own)
        entry = SwitchEntry(name="sw1", site="s", address="127.0.0.1", via="ssh", platform="cisco_ios", ssh=ssh)
        driver: Any = connect(entry, SystemClock())
        driver.ready()
        named = switch.state.by_ifindex(4)
        assert named is not None
        port = PortRef(switch="sw1", ifindex=4, name=named.name)
        (step,) = driver.plan(Action(verb=Verb.SHUT, port=port), driver.port_state(port))
        for transport in list(switch._ssh._transports):
            transport.close()
        deadline = time.monotonic() + 20
        while driver._session._alive() and time.monotonic() < deadline:
            pass
        driver.apply(step)
        assert driver.read_back(step.expect).met
        assert 1 == sum(write.effect for write in switch.state.journal)
        driver.close()
