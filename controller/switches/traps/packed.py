"""MAC notifications that pack records into one octet string, each by the MIB that says how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from controller.core.snmp.ber import Oid
from controller.switches.mib.walk import oid

REMOVED = 2  # everywhere; 1 = learned; 0 = the end


@dataclass(frozen=True, slots=True)
class MacNews:
    """A MAC was learned or forgotten, on a bridge port or on an interface; with both numbers, the port must be both."""

    mac: str
    vlan: int | None
    learned: bool
    bridge_port: int | None = None
    ifindex: int = 0


class _Record(NamedTuple):
    """An octet string's column, the octets of a record and where its port stands. VLAN: octets 1 and 2, MAC: 3 to 8.

    `kind`: where an octet says how the MAC came there, and which of its values mean that it was heard.
    """

    column: Oid
    size: int
    port: slice
    is_ifindex: bool = False
    is_bridge_port: bool = False
    learned: tuple[int, ...] = (1,)
    kind: int | None = None
    heard: tuple[int, ...] = ()


# HH3C-MAC-INFORMATION-MIB hh3cMACInfoTrapMsgExt under its four names. Heard: learned, by 802.1X, by its MAC, of a voice VLAN;
# not: configured, a black hole, port security.
H3C_EXTENDED = tuple(
    oid(f"1.3.6.1.4.1.{root}.87.1.4.2") for root in ("25506.2", "2011.10.2", "43.45.1.10.2", "11.2.14.11.15.2")
)
RECORDS = (
    # CISCO-MAC-NOTIFICATION-MIB cmnHistMacChangedMsg: the port is dot1dBasePort
    _Record(oid("1.3.6.1.4.1.9.9.215.1.1.8.1.2"), 11, slice(9, 11), is_bridge_port=True),
    # JUNIPER-EX-MAC-NOTIFICATION-MIB jnxHistMacChangedMsg: dot1dBasePort in four octets; 3 = updated
    _Record(oid("1.3.6.1.4.1.2636.3.40.1.7.1.1.1.8.1.2"), 13, slice(9, 13), is_bridge_port=True, learned=(1, 3)),
    # RUIJIE-ADDRESS-MIB ruijieMacNotiHisMacChangedMsg, FS-ADDRESS-MIB fsMacNotiHisMacChangedMsg: "the interface", and not which
    # number of it: believed where both are the same port
    *(
        _Record(oid(f"1.3.6.1.4.1.{maker}.1.1.10.2.22.1.2.5.1.2"), 11, slice(9, 11), is_ifindex=True, is_bridge_port=True)
        for maker in (4881, 52642)
    ),
    *(
        _Record((*root, 4), 14, slice(10, 14), is_ifindex=True, kind=9, heard=(1, 6, 7, 8))
        for root in H3C_EXTENDED
    ),
)  # fmt: skip


def packed_news(name: Oid, value: bytes) -> Iterator[MacNews]:
    """News in the octet string of that name; nothing of one that is of something else. A cut record is passed over."""
    for record in RECORDS:
        if name[: len(record.column)] == record.column:
            for at in range(0, len(value) - record.size + 1, record.size):
                yield from _one(record, value[at : at + record.size])


def _one(record: _Record, octets: bytes) -> Iterator[MacNews]:
    learned = octets[0] in record.learned
    if not learned and octets[0] != REMOVED:
        return
    if learned and record.kind is not None and octets[record.kind] not in record.heard:
        return
    port = int.from_bytes(octets[record.port], "big")
    yield MacNews(
        octets[3:9].hex(":"),
        int.from_bytes(octets[1:3], "big") or None,
        learned,
        bridge_port=port if record.is_bridge_port else None,
        ifindex=port if record.is_ifindex else 0,
    )
