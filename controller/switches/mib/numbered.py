"""dot1dTpFdbTable with running numbers for an index: FortiSwitch.

RFC 4188 indexes the table by the MAC. There the MAC is in the column dot1dTpFdbAddress only, and the ports of the table are
those of the column dot1dBasePort, whose index is a running number too. A MAC and a port that were read one after the other need
not belong together when the numbers move, so these rows say where a machine probably is, and are never acted on (`ragged`).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.tables import UNKNOWN, FdbRow

from . import objects as o
from .arp import mac_of
from .resolve import STATUS, Resolver
from .walk import Walk

COLUMNS = (o.TP_FDB_ADDRESS, o.BASE_PORT)


def is_numbered(walk: Walk) -> bool:
    """Whether the table has such rows."""
    return any(len(index) == 1 for index in walk.column(o.TP_FDB_PORT))


def rows(walk: Walk, resolve: Resolver) -> Iterator[FdbRow | None]:
    """One for each row with a MAC; None for one without."""
    addresses, states = walk.column(o.TP_FDB_ADDRESS), walk.integers(o.TP_FDB_STATUS)
    for index, port in walk.numbers(o.TP_FDB_PORT):
        if len(index) != 1:
            continue
        mac, state = mac_of(addresses.get(index, 0)), states.get(index)
        if mac is None:
            yield None
            continue
        status = STATUS.get(state, UNKNOWN) if state else ""
        where = resolve.bridge_port(port, status)
        yield FdbRow(
            mac, None, where.ifindex, where.name, where.verdict, status, where.lag, "d", "none", (), None, port, where.how, True
        )  # fmt: skip
