"""A small device in MIB objects, for tests of single rules."""

from __future__ import annotations

from controller.switches.mib import objects as o
from controller.switches.mib.walk import Oid, Value, Walk

PC = (2, 0, 0, 0, 0, 1)
PC_TEXT = "02:00:00:00:00:01"
LEARNED, SELF, MGMT = 3, 4, 5


def device(**parts: dict[Oid, Value]) -> Walk:
    """Bridge ports 1 to 4 are ifIndexes 101 to 104, ge1 to ge4; `parts` add or replace objects."""
    objects: dict[Oid, Value] = {}
    for port in range(1, 5):
        objects[(*o.BASE_PORT_IFINDEX, port)] = 100 + port
        objects[(*o.IF_NAME, 100 + port)] = f"ge{port}".encode()
        objects[(*o.IF_TYPE, 100 + port)] = 6
        objects[(*o.IF_ADMIN, 100 + port)] = 1
    for part in parts.values():
        objects |= part
    return Walk(objects)


def learned_q(fid: int, port: int, *, mac: Oid = PC, status: int | None = LEARNED) -> dict[Oid, Value]:
    """A row of dot1qTpFdbTable."""
    row: dict[Oid, Value] = {(*o.Q_FDB_PORT, fid, *mac): port}
    return row if status is None else {**row, (*o.Q_FDB_STATUS, fid, *mac): status}


def learned_d(port: int, *, mac: Oid = PC, status: int | None = LEARNED) -> dict[Oid, Value]:
    """A row of dot1dTpFdbTable."""
    row: dict[Oid, Value] = {(*o.TP_FDB_PORT, *mac): port}
    return row if status is None else {**row, (*o.TP_FDB_STATUS, *mac): status}
