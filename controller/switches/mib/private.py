"""Forwarding tables of the makers' own, for agents whose Q-BRIDGE-MIB has no rows. Each says which MIB defines it.

Their ports are ifIndexes: nothing has to be led anywhere. What is not learned (permanent, static, secure) is weak as elsewhere;
what is filtered has no port. ExtremeWare's extremeFdbMacFdbTable is left out on purpose: its rows have running numbers for an
index, and a MAC and a port that were read one after the other need not belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from controller.core.tables import UNKNOWN, FdbRow
from playbooks.facts import Verdict

from . import ieee, numbered
from . import objects as o
from .resolve import STATUS, Resolver, Where
from .vlans import FIRST, LAST
from .walk import Oid, Walk, oid

CISCO = 9  # shows each VLAN in a view of its own
FILTERED, ELSEWHERE = "filtered", "elsewhere"  # no port, whatever number is there

# HUAWEI-L2MAM-MIB hwDynMacAddrQueryIfIndex (InterfaceIndexOrZero); index: VLAN, names of VSI and SI, bridge, MAC, how it was
# asked, two texts, three numbers
HUAWEI_QUERY = oid("1.3.6.1.4.1.2011.5.25.42.2.1.33.1.13")
SHOW_ALL = 1
# HH3C-LswMAM-MIB hh3cdot1qTpFdbSetPort (InterfaceIndex), hh3cdot1qTpFdbSetStatus; index: VLAN, MAC
HH3C_PORT, HH3C_STATUS = oid("1.3.6.1.4.1.25506.8.35.3.2.1.2"), oid("1.3.6.1.4.1.25506.8.35.3.2.1.3")
HH3C_WORDS = {1: "other", 3: "learned", 6: "static", 7: "static", 9: FILTERED, 11: "permanent"}
# RUIJIE-ADDRESS-MIB ruijieMacAddressPort (IfIndex), ruijieMacAddressType, and FS-ADDRESS-MIB, the same under FS's name; index:
# VLAN (ruijieMacAddressFdbId: "the VID"), MAC
RUIJIE, FS = 4881, 52642
RUIJIE_COLUMNS = {
    maker: (oid(f"1.3.6.1.4.1.{maker}.1.1.10.2.22.1.1.5.1.3"), oid(f"1.3.6.1.4.1.{maker}.1.1.10.2.22.1.1.5.1.4"))
    for maker in (RUIJIE, FS)
}
RUIJIE_WORDS = {1: "learned", 2: "static", 3: FILTERED}
# EXTREME-FDB-MIB extremeFdbMacExosFdbPortIfIndex, extremeFdbMacExosFdbStatus; index: MAC, ifIndex of the VLAN, whose tag is
# EXTREME-VLAN-MIB extremeVlanIfVlanId
EXOS_PORT, EXOS_STATUS = oid("1.3.6.1.4.1.1916.1.16.4.1.3"), oid("1.3.6.1.4.1.1916.1.16.4.1.4")
EXOS_TAG = oid("1.3.6.1.4.1.1916.1.2.1.2.1.10")
# ALCATEL-IND1-MAC-ADDRESS-MIB slMacAddressManagement, slMacAddressDisposition; index: ifIndex, VLAN, MAC
AOS_STATUS, AOS_USE = oid("1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.2"), oid("1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3")
# The same and ALCATEL-ENT1-MAC-ADDRESS-MIB: slMacAddressGblManagement, slMacAddressGblDisposition; index: domain, locale,
# origin, service, sub-id, MAC. In the domain of VLANs (1) origin is the ifIndex and service the VLAN.
AOS_GLOBAL = tuple(oid(f"1.3.6.1.4.1.6486.{release}.1.2.1.8.1.1.8.1.7") for release in (800, 801))
AOS_GLOBAL_USE = tuple((*column[:-1], 8) for column in AOS_GLOBAL)
AOS_VLANS = 1
AOS_WORDS = {1: "permanent", 2: "permanent", 3: "permanent", 4: "learned", 5: FILTERED}
BRIDGING, FILTERING = 1, 2


class Entry(NamedTuple):
    """What a row says. `ifindex` 0 or less: it names no port."""

    mac: Oid
    vlan: int
    ifindex: int
    status: str


class _Table(NamedTuple):
    """Columns, the enterprise whose agents have them, the letter in rows, and how a row (index, value) is read."""

    enterprise: int
    letter: str
    columns: tuple[Oid, ...]
    read: Callable[[Walk, Oid, int], Entry | None]


def _fixed(status: Oid, words: dict[int, str]) -> Callable[[Walk, Oid, int], Entry | None]:
    """Tables whose index is a VLAN and a MAC."""

    def read(walk: Walk, index: Oid, ifindex: int) -> Entry | None:
        return Entry(index[1:], index[0], ifindex, _word(walk, status, index, words)) if len(index) == 7 else None

    return read


def _word(walk: Walk, column: Oid, index: Oid, words: dict[int, str]) -> str:
    """Of a status; a row without one is no proof: the table moved, or the agent hides it."""
    value = walk.column(column).get(index)
    return words.get(value, UNKNOWN) if isinstance(value, int) else UNKNOWN


def _exos(walk: Walk, index: Oid, ifindex: int) -> Entry | None:
    if len(index) != 7:
        return None
    tag = walk.column(EXOS_TAG).get(index[6:], 0)
    return Entry(index[:6], tag if isinstance(tag, int) else 0, ifindex, _word(walk, EXOS_STATUS, index, STATUS))


def _aos(walk: Walk, index: Oid, managed: int) -> Entry | None:
    if len(index) != 8:
        return None
    use = walk.column(AOS_USE).get(index, BRIDGING)
    return Entry(index[2:], index[1], index[0], FILTERED if use == FILTERING else AOS_WORDS.get(managed, UNKNOWN))


def _aos_global(uses: Oid) -> Callable[[Walk, Oid, int], Entry | None]:
    def read(walk: Walk, index: Oid, managed: int) -> Entry | None:
        if len(index) != 11:
            return None
        use, status = walk.column(uses).get(index, BRIDGING), AOS_WORDS.get(managed, UNKNOWN)
        if (
            index[0] != AOS_VLANS
        ):  # VPLS, SPBM, VXLAN, ...: what the numbers mean depends, and no port follows from them
            return Entry(index[5:], 0, 0, ELSEWHERE)
        return Entry(index[5:], index[3], index[2], FILTERED if use == FILTERING else status)

    return read


def _huawei(_: Walk, index: Oid, ifindex: int) -> Entry | None:
    """VLAN, length and octets of two names, bridge, MAC, how it was asked: the same row is there for other questions too."""
    at = 1
    for _name in range(2):
        at += 1 + (index[at] if at < len(index) else 0)
    mac, asked = index[at + 1 : at + 7], index[at + 7 : at + 8]
    return Entry(mac, index[0], ifindex, "learned") if asked == (SHOW_ALL,) else None


TABLES = (
    _Table(2011, "hwq", (HUAWEI_QUERY,), _huawei),
    _Table(25506, "hh3c", (HH3C_PORT, HH3C_STATUS), _fixed(HH3C_STATUS, HH3C_WORDS)),
    *(_Table(maker, "rg", (port, kind), _fixed(kind, RUIJIE_WORDS)) for maker, (port, kind) in RUIJIE_COLUMNS.items()),
    _Table(1916, "exos", (EXOS_PORT, EXOS_STATUS, EXOS_TAG), _exos),
    _Table(6486, "aos", (AOS_STATUS, AOS_USE), _aos),
    *(
        _Table(6486, "aosg", (column, use), _aos_global(use))
        for column, use in zip(AOS_GLOBAL, AOS_GLOBAL_USE, strict=True)
    ),
)


def wanted(walk: Walk) -> tuple[Oid, ...]:
    """Columns to ask an agent for, by its maker; none where the standard table, or Huawei's, has VLANs and rows already."""
    if _has_its_rows(walk):
        return ()
    if numbered.is_numbered(walk):
        return numbered.COLUMNS
    maker = walk.get(o.SYS_OBJECT_ID)
    number = maker[6] if isinstance(maker, tuple) and maker[:6] == (1, 3, 6, 1, 4, 1) and len(maker) > 6 else 0
    private = tuple(column for table in TABLES if table.enterprise == number for column in table.columns)
    return private if number == CISCO else (*private, *ieee.COLUMNS)


def _has_its_rows(walk: Walk) -> bool:
    """Rows with VLANs whose ports lead somewhere: an OmniSwitch may have ifIndexes in dot1qTpFdbPort, which proves nothing."""
    if walk.column(o.HUAWEI_FDB_PORT):
        return True
    ports = set(walk.column(o.Q_FDB_PORT).values())
    interfaces = walk.column(o.BASE_PORT_IFINDEX)
    return bool(ports) and (ports <= {0} or any((port,) in interfaces for port in ports))


def has_rows(columns: Mapping[Oid, Mapping[Oid, object]]) -> bool:
    """Whether any of these columns is a table's own, and not only a map beside it."""
    return any(
        columns.get(first) for first in (o.TP_FDB_ADDRESS, ieee.FDB_PORT, *(table.columns[0] for table in TABLES))
    )


def private_rows(walk: Walk, resolve: Resolver) -> Iterator[FdbRow | None]:
    """Rows of whichever of the tables are there; None for a row whose index is none."""
    if _has_its_rows(walk):
        return
    yield from ieee.rows(walk, resolve)
    for table in TABLES:
        for index, value in walk.numbers(table.columns[0]):
            entry = table.read(walk, index, value)
            yield _row(table.letter, entry, resolve) if entry is not None else None


def _row(letter: str, entry: Entry, resolve: Resolver) -> FdbRow | None:
    if len(entry.mac) != 6 or not 0 <= min(entry.mac) <= max(entry.mac) <= 255:
        return None
    where = resolve.interface(entry.ifindex, entry.status)
    if entry.status in (FILTERED, ELSEWHERE):
        where = Where(None, None, Verdict.NO_PORT, entry.status)
    vlan = entry.vlan if FIRST <= entry.vlan <= LAST else None
    return FdbRow(
        bytes(entry.mac).hex(":"), vlan, where.ifindex, where.name, where.verdict, entry.status, where.lag, letter,
        "vendor", (vlan,) if vlan else (), how=where.how,
    )  # fmt: skip
