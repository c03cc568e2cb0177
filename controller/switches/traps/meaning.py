"""What a notification says, by the MIB that defines it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.snmp.ber import Oid
from controller.switches.mib import objects as o
from controller.switches.mib.fdb import octets_as_mac
from controller.switches.mib.walk import oid

from .moved import Bindings, moved_news
from .packed import MacNews, packed_news

TRAP_OID = oid("1.3.6.1.6.3.1.1.4.1.0")
LINK_DOWN, LINK_UP = oid("1.3.6.1.6.3.1.1.5.3"), oid("1.3.6.1.6.3.1.1.5.4")
IF_ENTRY = oid("1.3.6.1.2.1.2.2.1")
IF_INDEX = (*IF_ENTRY, 1)


@dataclass(frozen=True, slots=True)
class LinkNews:
    """A link went up or down."""

    ifindex: int
    up: bool


def news_of(bindings: Bindings) -> list[LinkNews | MacNews]:
    """Everything that a notification says of links and MACs; nothing for one of other things."""
    kind = next((value for name, value in bindings if name == TRAP_OID), None)
    if kind in (LINK_DOWN, LINK_UP):
        return [LinkNews(ifindex, kind == LINK_UP) for ifindex in _interfaces(bindings)]
    found: list[LinkNews | MacNews] = list(moved_news(kind, bindings))
    if found:
        return found
    for name, value in bindings:
        if isinstance(value, bytes):
            found += packed_news(name, value)
        elif isinstance(value, int):
            found += _row(name, value)
    return found


def _interfaces(bindings: Bindings) -> Iterator[int]:
    """ifIndex of linkUp and linkDown: a value, and part of every name of the ifTable (some agents send only those)."""
    for name, value in bindings:
        if name[: len(IF_INDEX)] == IF_INDEX and isinstance(value, int) and value > 0:
            yield value
            return
    named = {name[-1] for name, _ in bindings if name[: len(IF_ENTRY)] == IF_ENTRY and len(name) == len(IF_ENTRY) + 2}
    if len(named) == 1:
        yield named.pop()


def _row(name: Oid, value: int) -> Iterator[MacNews]:
    """A row of a forwarding table inside a notification (Arista, Huawei): its name has the MAC, its value the port."""
    if name[: len(o.HUAWEI_FDB_PORT)] == o.HUAWEI_FDB_PORT:
        instance = name[len(o.HUAWEI_FDB_PORT) :]
        mac = octets_as_mac(instance[:6])
        if mac and len(instance) > 6:
            yield MacNews(mac, instance[6] or None, value > 0, ifindex=value)
    elif name[: len(o.Q_FDB_PORT)] == o.Q_FDB_PORT:
        mac = octets_as_mac(name[-6:])
        if mac:
            yield MacNews(mac, None, value > 0, bridge_port=value or None)  # the FID's VLAN is for the table to tell


__all__ = ["LinkNews", "MacNews", "news_of"]
