"""The lean SNMP session against agents that misbehave: every failure typed, nothing believed that is not signed."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from controller.core.clock import SystemClock
from controller.core.errors import CommandRejected, DeviceError, NotAllowed, Unreachable
from controller.core.sites import SnmpAccess
from controller.core.snmp import ber, community, pdu, v3
from controller.emulate import Credentials, EmulatedSwitch, site_of_lab
from controller.emulate.agent import SnmpAgent
from controller.emulate.engine import V3User
from controller.switches.mib import objects as o
from controller.switches.session import SnmpSession
from controller.switches.wire.security import Again
from controller.switches.wire.setting import Setting
from controller.switches.wire.user import ByUser, UsmUser
from tests.parts import require_part

NAME = (*o.SYS_NAME,)
# An agent that is not to answer is waited for briefly; one that answers has as long as a machine with other work needs.
BRIEF_S, PATIENT_S = 0.25, 20.0
LOST_S = 2.0  # of one of whose answers only the first is lost: the next has to come within this
USERS = (
    V3User("bare", writes=False),
    V3User("signs", "sha256", "authauthauth"),
    V3User("des", "md5", "authauthauth", "des", "privprivpriv"),
    V3User("aes192", "sha", "authauthauth", "aes192", "privprivpriv"),
    V3User("aes256", "sha512", "authauthauth", "aes256", "privprivpriv"),
    V3User("aes256c", "md5", "authauthauth", "aes256c", "privprivpriv"),
    V3User("sha224", "sha224", "authauthauth", "aes", "privprivpriv"),
    V3User("sha384", "sha384", "authauthauth", "aes256", "privprivpriv"),
)
Make = Callable[..., SnmpSession]


@pytest.fixture(scope="module")
def agent() -> Iterator[SnmpAgent]:
    """An agent with every kind of user."""
    state = site_of_lab(SystemClock(), oper_lag_s=0.0)[0]
    made = SnmpAgent(state, Credentials(community_ro="reading", community_rw="writing"), "127.0.0.1", 0, USERS)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def session(agent: SnmpAgent, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Sessions by user name or, without one, by community."""
    for name, value in {"T_C": "writing", "T_A": "authauthauth", "T_P": "privprivpriv", "T_X": "not-the-one"}.items():
        monkeypatch.setenv(name, value)
    made: list[SnmpSession] = []

    def make(user: str = "", /, **changes: Any) -> SnmpSession:
        found = next((u for u in USERS if u.name == user), None)
        what: dict[str, Any] = {"port": agent.port, "timeout_s": PATIENT_S, "retries": 0}
        if found is None:
            what |= {"version": "3", "user": user} if user else {"version": "2c", "community": "env:T_C"}
        else:
            what |= {"version": "3", "user": user}
            what |= {"auth_protocol": found.auth, "auth_key": "env:T_A"} if found.auth else {}
            what |= {"priv_protocol": found.priv, "priv_key": "env:T_P"} if found.priv else {}
        made.append(SnmpSession("sw1", "127.0.0.1", SnmpAccess(**(what | changes))))
        return made[-1]

    yield make
    for one in made:
        one.close()
    fresh = type(agent.faults)()
    for name in ("drop", "delay_s", "status", "read_status", "wrong_request_id", "garbage", "twice", "most_octets",
                 "too_big_over", "silent_over", "backwards"):  # fmt: skip
        setattr(agent.faults, name, getattr(fresh, name))


@pytest.mark.parametrize("user", [user.name for user in USERS])
def test_every_kind_of_user(session: Make, user: str) -> None:
    """noAuth, auth only, and every pair of hash and cipher: read, walk, and a second question without discovery."""
    one = session(user)
    assert [b"sw1"] == one.get(NAME)
    assert 22 == len(one.columns([o.IF_NAME])[o.IF_NAME]) + 1
    sent = one.counts.requests
    assert [b"sw1"] == one.get(NAME)
    assert sent + 1 == one.counts.requests


@pytest.mark.parametrize(("user", "net_snmp"), [
    ("signs", ["-l", "authNoPriv", "-a", "SHA-256"]),
    ("des", ["-l", "authPriv", "-a", "MD5", "-x", "DES"]),
    ("aes256", ["-l", "authPriv", "-a", "SHA-512", "-x", "AES-256"]),
    ("aes192", ["-l", "authPriv", "-a", "SHA", "-x", "AES-192"]),
])  # fmt: skip
def test_net_snmp_agrees_with_the_agent(agent: SnmpAgent, user: str, net_snmp: list[str]) -> None:
    """The emulated agent and the session share their cipher code: net-snmp's client says that it is the right one."""
    require_part("snmp", shutil.which("snmpget") is not None, "net-snmp's clients (make parts)")
    command = ["snmpget", "-v3", "-u", user, *net_snmp, "-A", "authauthauth", "-X", "privprivpriv", "-m", "", "-Oqv"]
    command += ["-t", "2", f"127.0.0.1:{agent.port}", "1.3.6.1.2.1.1.5.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "sw1" in done.stdout, done.stderr


@pytest.mark.parametrize(("changes", "error", "says"), [
    ({"user": "nobody"}, NotAllowed, "unknown SNMPv3 user"),
    ({"auth_key": "env:T_X"}, NotAllowed, "digest"),
    ({"priv_key": "env:T_X"}, Unreachable, "wrong privacy key look the same"),
    ({"auth_key": None, "priv_key": None}, CommandRejected, "authorizationError"),
    ({"user": "bare"}, NotAllowed, "security level"),
])  # fmt: skip
def test_wrong_users_are_told(session: Make, changes: dict[str, Any], error: type[Exception], says: str) -> None:
    """Unknown user, wrong digest, wrong level; a wrong privacy key is a time-out whose text says so. No secret in it."""
    brief = {"timeout_s": BRIEF_S} if error is Unreachable else {}
    with pytest.raises(error, match=says) as caught:
        session("aes256", **changes, **brief).get(NAME)
    assert "not-the-one" not in str(caught.value)


def test_unknown_community_is_a_time_out(session: Make) -> None:
    """And its text says what it may be."""
    with pytest.raises(Unreachable, match="unknown community"):
        session(community="env:T_X", timeout_s=BRIEF_S).get(NAME)


def test_nobody_there_is_told_at_once() -> None:
    """A closed port is not waited for."""
    begun = time.monotonic()
    one = SnmpSession("sw1", "127.0.0.1", SnmpAccess(port=9, user="x", version="3", timeout_s=20, retries=0))
    with pytest.raises(Unreachable):
        one.get(NAME)
    one.close()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("user", ["", "aes256"])
def test_lost_answers_are_asked_for_again(session: Make, agent: SnmpAgent, user: str) -> None:
    """One lost answer, two attempts."""
    one = session(user, timeout_s=LOST_S, retries=1)
    one.get(NAME)
    agent.faults.drop = 1
    assert [b"sw1"] == one.get(NAME)
    assert 1 == one.counts.retries


@pytest.mark.parametrize("user", ["", "aes256"])
def test_answers_to_something_else_are_passed_over(session: Make, agent: SnmpAgent, user: str) -> None:
    """Another request-id, half a message, the same answer twice: counted, never taken for an answer."""
    one = session(user, timeout_s=LOST_S)
    one.get(NAME)
    agent.faults.twice = agent.faults.garbage = True
    assert [b"sw1"] == one.get(NAME)
    assert [b"sw1"] == one.get(NAME)
    assert one.counts.malformed >= 1
    assert one.counts.strays >= 1
    agent.faults.twice = agent.faults.garbage = False
    agent.faults.wrong_request_id = True
    with pytest.raises(Unreachable):
        one.get(NAME)


@pytest.mark.parametrize("user", ["", "aes256"])
def test_large_answers_that_do_not_arrive(session: Make, agent: SnmpAgent, user: str) -> None:
    """tooBig is answered with half as much, silence with what every agent can do; the table is complete all the same."""
    whole = session(user).columns([o.Q_FDB_PORT, o.Q_FDB_STATUS])
    assert 60 < len(whole[o.Q_FDB_PORT])
    agent.faults.too_big_over = 2
    assert whole == session(user).columns([o.Q_FDB_PORT, o.Q_FDB_STATUS])
    agent.faults.too_big_over, agent.faults.silent_over = 0, 10
    assert whole[o.Q_FDB_PORT] == session(user, timeout_s=LOST_S).columns([o.Q_FDB_PORT])[o.Q_FDB_PORT]
    agent.faults.most_octets = 60
    assert whole == session(user).columns([o.Q_FDB_PORT, o.Q_FDB_STATUS])


def test_a_walk_in_circles_ends(session: Make, agent: SnmpAgent) -> None:
    """An agent that begins again and again is a DeviceError, not an endless walk."""
    agent.faults.backwards = True
    with pytest.raises(DeviceError, match="backwards"):
        session().columns([o.Q_FDB_PORT])


def test_bindings_that_cannot_be_read(session: Make) -> None:
    """A whole answer to the question, with bindings that are none: a typed error, whatever was asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as broken:
        broken.bind(("127.0.0.1", 0))
        broken.settimeout(PATIENT_S)  # a question that does not come ends the thread too

        def answer() -> None:
            for _ in range(4):
                data, asker = broken.recvfrom(2000)
                asked = community.open_message(data)[1]
                torn = pdu.pdu(pdu.RESPONSE, asked.request_id, bytes((0x30, 5, 6, 1, 43)))
                broken.sendto(ber.element(ber.SEQUENCE, community.head_of(b"writing") + torn), asker)

        thread = threading.Thread(target=answer)
        thread.start()
        one = session(port=broken.getsockname()[1])
        for ask in (
            lambda: one.get(NAME),
            lambda: one.offers(NAME),
            lambda: one.columns([o.IF_NAME]),
            lambda: one.set(Setting((*o.IF_ADMIN, 1), "i", 2)),
        ):
            with pytest.raises(DeviceError, match="cannot be read"):
                ask()
        thread.join()


def test_an_error_status_of_a_walk(session: Make, agent: SnmpAgent) -> None:
    """genErr is told by its name."""
    agent.faults.read_status = 5
    with pytest.raises(CommandRejected, match="genErr"):
        session().columns([o.IF_NAME])


@pytest.mark.parametrize("user", ["signs", "aes256"])
def test_a_reboot_is_followed(session: Make, agent: SnmpAgent, user: str) -> None:
    """engineBoots grows and engineTime starts again: the report is believed because it is signed; nobody notices."""
    one = session(user)
    one.get(NAME)
    agent._state.reboot()
    assert [b"sw1"] == one.get(NAME)


def test_another_engine_is_discovered(session: Make, agent: SnmpAgent) -> None:
    """The device was exchanged: its new engine id is learned, its keys localised anew."""
    one = session("aes256")
    one.get(NAME)
    agent.engine.replace()
    assert [b"sw1"] == one.get(NAME)


def test_views_of_vlans(session: Make) -> None:
    """community@10 and context vlan-10 show one VLAN; a context that is none is told over v3."""
    assert session().columns([o.TP_FDB_PORT], "10")[o.TP_FDB_PORT]
    assert session("aes256").columns([o.TP_FDB_PORT], "vlan-10")[o.TP_FDB_PORT]
    with pytest.raises(CommandRejected, match="context"):
        session("aes256").columns([o.TP_FDB_PORT], "vlan-4000")


def test_a_set_is_one_question(session: Make, agent: SnmpAgent) -> None:
    """Two objects in one SET, all or nothing: the second is refused, the first is not changed; the error names it."""
    one = session()
    alias = Setting((*o.IF_ALIAS, 4), "s", b"first")
    with pytest.raises(CommandRejected, match=r"wrongValue for 1\.3\.6\.1\.2\.1\.2\.2\.1\.7\.4"):
        one.set(alias, Setting((*o.IF_ADMIN, 4), "i", 7))
    assert "" == agent._state.ports["ge1"].alias
    assert [b"first"] == one.set(alias)
    assert 1 == agent.faults.heard[-1:].count(pdu.SET)
    one.set(Setting((*o.IF_ALIAS, 4), "s", b""))


def test_an_unsigned_answer_to_a_signed_question_is_nothing() -> None:
    """Forged answers: unsigned, signed by another key, from another time, for another user, by another engine."""
    user, engine = UsmUser(b"u", "sha", b"authauthauth"), b"engine-1"
    one = ByUser(user, "sw1")
    asked = v3.open_message(one.discovery()).envelope.message_id
    report = pdu.pdu(pdu.REPORT, 0, b"")
    with pytest.raises(Again):
        one.open(v3.seal(v3.Envelope(asked, 0, engine, 5, 100, b""), v3.scoped_pdu(engine, b"", report), None))
    question = v3.open_message(one.seal(pdu.pdu(pdu.GET, 1, b""), ""))
    number, keys = question.envelope.message_id, one._keys
    answer = v3.scoped_pdu(engine, b"", pdu.pdu(pdu.RESPONSE, 1, b""))

    def heard(
        flags: int, boots: int = 5, time_s: int = 100, name: bytes = b"u", by: bytes = engine, signer: Any = keys
    ) -> bool:
        return one.open(v3.seal(v3.Envelope(number, flags, by, boots, time_s, name), answer, signer)) is not None

    other = type(keys)("sha", b"another-key!", None, b"", engine) if keys else None
    assert not heard(0)
    assert not heard(v3.AUTH, signer=other)
    assert not heard(v3.AUTH, name=b"v")
    assert not heard(v3.AUTH, by=b"engine-2")
    assert heard(v3.AUTH, boots=5, time_s=1000)
    assert not heard(v3.AUTH, boots=5, time_s=800)
    assert not heard(v3.AUTH, boots=4, time_s=5000)
    assert heard(v3.AUTH, boots=6, time_s=0)


def test_an_emulated_switch_has_the_first_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the demo and the contract use."""
    keys = Credentials()
    monkeypatch.setenv("T_A", keys.v3_auth_key)
    monkeypatch.setenv("T_P", keys.v3_priv_key)
    with EmulatedSwitch(site_of_lab(SystemClock())[0], keys) as switch:
        access = SnmpAccess(version="3", port=switch.snmp_port, user="cordon", auth_key="env:T_A", priv_key="env:T_P")
        one = SnmpSession("sw1", "127.0.0.1", access)
        assert [b"sw1"] == one.get(NAME)
        one.close()
