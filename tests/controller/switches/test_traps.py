"""Notifications: what they say, who may say it, and what is counted instead."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto.rfc1902 import Integer32, OctetString

from controller.core.clock import ManualClock
from controller.core.errors import ConfigError
from controller.core.sites import SnmpAccess
from controller.core.snmp import ber, community, pdu
from controller.core.tables import MacEvent, PortEvent
from controller.switches.mib import objects as o
from controller.switches.traps import Sender, TrapConfig, TrapReceiver
from controller.switches.traps.meaning import IF_INDEX, LINK_DOWN, LINK_UP, TRAP_OID, LinkNews, MacNews, news_of
from controller.switches.traps.moved import (
    CISCO_MOVED,
    EXTREME,
    EXTREME_ADDED,
    EXTREME_GONE,
    EXTREME_MOVED,
    H3C_MOVED,
    HPE,
    HPE_CHANGE,
    HUAWEI_INFO,
    HUAWEI_MAC,
    HUAWEI_VLAN,
)
from controller.switches.traps.packed import H3C_EXTENDED, RECORDS

CISCO_CHANGES, JUNIPER_CHANGES, RUIJIE_CHANGES = (record.column for record in RECORDS[:3])

SWITCH = "192.0.2.1"
MAC, MAC_TEXT = bytes.fromhex("0200000000aa"), "02:00:00:00:00:aa"


class Heard:
    """A receiver, and everything it told."""

    def __init__(self, access: SnmpAccess | None = None, address: str = SWITCH, **config: Any) -> None:
        self.clock = ManualClock()
        self.told: list[PortEvent | MacEvent] = []
        sender = Sender("sw1", (address,), access or SnmpAccess(community="env:TRAP_COMMUNITY"))
        settings = TrapConfig(**{"listen": ("127.0.0.1:0",), **config})
        self.receiver = TrapReceiver(settings, [sender], self.told.append, self.told.append, self.clock)


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TRAP_COMMUNITY", "lab"), ("TRAP_AUTH", "authentic-1"), ("TRAP_PRIV", "private-12")):
        monkeypatch.setenv(name, value)


def message(*bindings: tuple[tuple[int, ...], bytes], kind: int = pdu.TRAP, name: bytes = b"lab") -> bytes:
    """A v2c notification."""
    inside = b"".join(pdu.binding(oid, value) for oid, value in bindings)
    return community.seal(name, pdu.pdu(kind, 7, inside))


def link(ifindex: int, kind: tuple[int, ...] = LINK_DOWN) -> tuple[tuple[tuple[int, ...], bytes], ...]:
    """Bindings of linkUp or linkDown."""
    return (TRAP_OID, ber.oid(kind)), ((*IF_INDEX, ifindex), ber.integer(ifindex))


def test_links() -> None:
    """linkDown and linkUp, with the time of arrival."""
    heard = Heard()
    heard.receiver.take(message(*link(3)), SWITCH)
    heard.receiver.take(message(*link(3, LINK_UP)), f"::ffff:{SWITCH}")
    at_ms = heard.clock.now_ms()
    assert [PortEvent("sw1", 3, False, at_ms), PortEvent("sw1", 3, True, at_ms)] == heard.told


def test_changes_of_a_cisco() -> None:
    """Records of learned and removed MACs in one value; the end mark and a cut record are passed over."""
    one = b"\x01\x00\x0a" + MAC + b"\x00\x04"
    gone = b"\x02\x00\x14" + MAC + b"\x00\x05"
    (learned, removed) = news_of([((*CISCO_CHANGES, 1), one + gone + b"\x00" * 11 + one[:5])])
    assert (MAC_TEXT, 10, True, 4) == (learned.mac, learned.vlan, learned.learned, learned.bridge_port)
    assert (MAC_TEXT, 20, False, 5) == (removed.mac, removed.vlan, removed.learned, removed.bridge_port)


@pytest.mark.parametrize(("action", "learned"), [(1, True), (2, True), (3, False), (4, False)])
def test_changes_of_an_hpe(action: int, learned: bool) -> None:
    """Learned and moved to a port; removed and aged."""
    bindings = [
        (TRAP_OID, HPE_CHANGE),
        ((*HPE, 6, 0), action),
        ((*HPE, 7, 0), MAC),
        ((*HPE, 9, 0), 8),
        ((*HPE, 10, 0), 30),
    ]
    (news,) = news_of(bindings)
    assert (MAC_TEXT, 30, learned, 8) == (news.mac, news.vlan, news.learned, news.bridge_port)


@pytest.mark.parametrize("root", H3C_MOVED)
def test_a_machine_that_moved_on_an_h3c(root: tuple[int, ...]) -> None:
    """It is where it moved to, by ifIndex."""
    told = [((*root, 5, 0), MAC), ((*root, 6, 0), 30), ((*root, 7, 0), 4), ((*root, 8, 0), 9)]
    (news,) = news_of([(TRAP_OID, (*root[:-1], 0, 2)), *told])
    assert MacNews(MAC.hex(":"), 30, learned=True, ifindex=9) == news


@pytest.mark.parametrize(
    ("kind", "learned"),
    [
        (0, False),
        (1, True),
        (2, False),
        (3, False),
        (4, False),
        (5, False),
        (6, True),
        (7, True),
        (8, True),
        (9, False),
    ],
)
@pytest.mark.parametrize("root", H3C_EXTENDED)
def test_changes_of_an_h3c(root: tuple[int, ...], kind: int, learned: bool) -> None:
    """Cells of 14 octets with the ifIndex. A configured entry, a black hole, port security: nobody was heard. All can go."""
    cell = b"\x00\x1e" + MAC + bytes([kind]) + b"\x00\x00\x00\x09"
    news = news_of([((*root, 4, 0), b"\x01" + cell + b"\x02" + cell + b"\x01" + cell[:5])])
    gone = MacNews(MAC_TEXT, 30, learned=False, ifindex=9)
    assert ([MacNews(MAC_TEXT, 30, learned=True, ifindex=9)] if learned else []) + [gone] == news


def test_changes_of_a_juniper() -> None:
    """Tuples of 13 octets, dot1dBasePort in four of them; learned, removed, updated, the end."""
    tail = b"\x00\x0a" + MAC + b"\x00\x00\x02\x05"
    news = news_of([((*JUNIPER_CHANGES, 1), b"".join(bytes([n]) + tail for n in (1, 2, 3, 0)))])
    assert [MacNews(MAC_TEXT, 10, learned, bridge_port=0x205) for learned in (True, False, True)] == news


def test_changes_of_a_ruijie() -> None:
    """The MIB says "the interface": the number must be right both as an ifIndex and as a port of the bridge."""
    (news,) = news_of([((*RUIJIE_CHANGES, 1), b"\x01\x00\x0a" + MAC + b"\x00\x04")])
    assert MacNews(MAC_TEXT, 10, learned=True, bridge_port=4, ifindex=4) == news


def test_a_machine_that_moved_on_a_cisco() -> None:
    """cmnMACMoveToPortId is a port of the bridge."""
    told = [
        ((*CISCO_MOVED, 3, 0), MAC),
        ((*CISCO_MOVED, 4, 0), 30),
        ((*CISCO_MOVED, 5, 0), 4),
        ((*CISCO_MOVED, 6, 0), 9),
    ]
    assert [MacNews(MAC_TEXT, 30, learned=True, bridge_port=9)] == news_of(told)


@pytest.mark.parametrize(("kind", "learned"), [(EXTREME_ADDED, True), (EXTREME_MOVED, True), (EXTREME_GONE, False)])
def test_changes_of_an_extreme(kind: tuple[int, ...], learned: bool) -> None:
    """By ifIndex; the ifIndex of its VLAN is no VLAN."""
    told = [((*EXTREME, 1, 0), MAC), ((*EXTREME, 4, 0), 1_000_053), ((*EXTREME, 3, 0), 1001), ((*EXTREME, 2, 0), 1002)]
    assert [MacNews(MAC_TEXT, None, learned, ifindex=1002)] == news_of([(TRAP_OID, kind), *told])
    assert [] == news_of(told)


@pytest.mark.parametrize(("action", "learned"), [(1, True), (2, False)])
def test_an_alarm_of_a_huawei(action: int, learned: bool) -> None:
    """hwMacTrapAlarm: what happened, ifIndex, VLAN and MAC in 14 octets; another length or another action is not read."""
    octets = bytes([action]) + b"\x00\x00\x00\x06\x01\x03\xe8" + MAC
    assert [MacNews(MAC_TEXT, 1000, learned, ifindex=6)] == news_of([((*HUAWEI_INFO, 0), octets)])
    for odd in (octets + b"\x00", octets[:-1], b"\x03" + octets[1:], b"\x01" + bytes(13)):
        assert [] == news_of([((*HUAWEI_INFO, 0), odd)])


@pytest.mark.parametrize(("text", "learned"), [(b"MAC learning", True), (b"MAC aging", False)])
def test_an_alarm_of_a_huawei_in_words(text: bytes, learned: bool) -> None:
    """hwMacTrapPortCfgAlarm: the interface is the one whose ifDescr is told; of two, neither."""
    instance = (*MAC, 333, 1, 45)
    told = [((*HUAWEI_INFO, 0), text), ((*HUAWEI_MAC, *instance), MAC), ((*HUAWEI_VLAN, *instance), 333)]
    told.append(((*o.IF_DESCR, 18), b"10GE1/0/14"))
    assert [MacNews(MAC_TEXT, 333, learned, ifindex=18)] == news_of(told)
    assert [] == news_of([*told, ((*o.IF_DESCR, 19), b"10GE1/0/15")])


def test_links_without_an_ifindex() -> None:
    """Agents that send only ifDescr or ifOperStatus: the instance is the interface. Two instances are none."""
    told = [((*o.IF_DESCR, 7), b"ge7"), ((*o.IF_OPER, 7), 2)]
    assert [LinkNews(7, up=False)] == news_of([(TRAP_OID, LINK_DOWN), *told])
    assert [] == news_of([(TRAP_OID, LINK_DOWN), *told, ((*o.IF_DESCR, 8), b"ge8")])


def test_rows_of_tables_inside() -> None:
    """Arista names the dot1qTpFdb row, Huawei its own."""
    (arista,) = news_of([((*o.Q_FDB_PORT, 10, *MAC), 7)])
    (huawei,) = news_of([((*o.HUAWEI_FDB_PORT, *MAC, 40, 1, 48), 12)])
    assert (MAC_TEXT, 7) == (arista.mac, arista.bridge_port)
    assert (MAC_TEXT, 40, 12) == (huawei.mac, huawei.vlan, huawei.ifindex)


def test_who_may_not() -> None:
    """A stranger, another community, rubbish, an answer instead of a notification: counted, told nobody."""
    heard = Heard()
    for data, source in (
        (message(*link(1)), "192.0.2.99"),
        (message(*link(1), name=b"public"), SWITCH),
        (b"\x30\x05rubbi", SWITCH),
        (message(*link(1), kind=pdu.RESPONSE), SWITCH),
    ):
        assert None is heard.receiver.take(data, source)
    counts = heard.receiver.counts
    assert ([], 1, 1, 1, 1) == (heard.told, counts.unknown_sender, counts.refused, counts.malformed, counts.other)


def test_an_inform_is_answered() -> None:
    """With the same request-id and bindings, as RFC 3416 wants."""
    reply = Heard().receiver.take(message(*link(1), kind=pdu.INFORM), SWITCH)
    assert reply is not None
    name, found = community.open_message(reply)
    assert (b"lab", pdu.RESPONSE, 7, 2) == (name, found.kind, found.request_id, len(found.bindings()))


def test_a_flapping_link() -> None:
    """So many in a second and no more; the next second begins anew."""
    heard = Heard(most_per_s=5)
    for _ in range(8):
        heard.receiver.take(message(*link(1)), SWITCH)
    assert (5, 3) == (len(heard.told), heard.receiver.counts.too_many)
    heard.clock.advance(1)
    heard.receiver.take(message(*link(1)), SWITCH)
    assert 6 == len(heard.told)


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda tail: message(*link(1))[:20] + tail))
def test_any_octets(data: bytes) -> None:
    """Nothing that arrives breaks the receiver, and everything is counted once."""
    heard = Heard()
    heard.receiver.take(data, SWITCH)
    counts = heard.receiver.counts
    assert 1 == counts.malformed + counts.refused + counts.other + counts.links + counts.macs


USER = SnmpAccess(
    version="3",
    user="trapper",
    auth_protocol="sha256",
    auth_key="env:TRAP_AUTH",
    priv_protocol="aes",
    priv_key="env:TRAP_PRIV",
)


def _send(to: tuple[str, int], auth: Any, engine: Any) -> None:
    async def notify() -> None:
        target = await hlapi.UdpTransportTarget.create(to)
        kind = hlapi.NotificationType(hlapi.ObjectIdentity(".".join(map(str, LINK_UP)))).add_varbinds(
            (".".join(map(str, (*IF_INDEX, 5))), Integer32(5)), (".".join(map(str, o.SYS_NAME)), OctetString("sw1"))
        )
        await hlapi.send_notification(engine, auth, target, hlapi.ContextData(), "trap", kind)
        engine.close_dispatcher()

    asyncio.run(notify())


@pytest.mark.parametrize("version", ["2c", "3"])
def test_of_another_maker(version: str) -> None:
    """A notification made by pysnmp over a real socket, v2c and v3 (SHA-256, AES-128), is understood."""
    heard = Heard(USER if version == "3" else None, address="127.0.0.1")
    heard.receiver.start()
    try:
        auth = hlapi.CommunityData("lab")
        if version == "3":
            protocols = {"authProtocol": hlapi.USM_AUTH_HMAC192_SHA256, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
            auth = hlapi.UsmUserData("trapper", authKey="authentic-1", privKey="private-12", **protocols)
        _send(heard.receiver.addresses[0], auth, hlapi.SnmpEngine())
        assert 1 == heard.receiver.turn()
    finally:
        heard.receiver.stop()
    assert [PortEvent("sw1", 5, True, heard.clock.now_ms())] == heard.told, heard.receiver.counts


@pytest.mark.parametrize(
    ("user", "auth", "priv"), [("other", "authentic-1", "private-12"), ("trapper", "wrong-key-1", "private-12")]
)
def test_v3_of_somebody_else(user: str, auth: str, priv: str) -> None:
    """Another user or another key: refused."""
    heard = Heard(USER, address="127.0.0.1")
    heard.receiver.start()
    try:
        protocols = {"authProtocol": hlapi.USM_AUTH_HMAC192_SHA256, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
        credentials = hlapi.UsmUserData(user, authKey=auth, privKey=priv, **protocols)
        _send(heard.receiver.addresses[0], credentials, hlapi.SnmpEngine())
        heard.receiver.turn()
    finally:
        heard.receiver.stop()
    assert ([], 1) == (heard.told, heard.receiver.counts.refused)


def test_an_address_that_cannot_be_had() -> None:
    """Said at the start, with the place in the configuration."""
    with pytest.raises(ConfigError, match=r"traps\.listen"):
        Heard(listen=("127.0.0.1:none",)).receiver.start()
