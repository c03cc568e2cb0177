"""Tables of Open vSwitch's database, kept in memory by its own notifications (RFC 7047, section 4.1.6): what is told to anyone
is what the database holds now, without asking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .rpc import JsonRpc

DATABASE = "Open_vSwitch"
Row = Mapping[str, Any]


class Watched:
    """Rows by table and UUID."""

    def __init__(self, database: JsonRpc, columns: Mapping[str, Sequence[str]]) -> None:
        self._database, self._columns = database, columns
        self._opened = 0
        self.tables: dict[str, dict[str, Row]] = {}

    def refresh(self) -> bool:
        """Take what changed; whether anything did."""
        self._database.listen()
        if self._opened != self._database.opened or not self._database.alive:
            self._begin()
            return True
        told, self._database.told = self._database.told, []
        for _, changes in told:
            self._apply(changes)
        return bool(told)

    def _begin(self) -> None:
        wanted = {table: {"columns": list(columns)} for table, columns in self._columns.items()}
        found = self._database.call("monitor", [DATABASE, None, wanted])
        self._opened = self._database.opened
        self.tables = {table: {} for table in self._columns}
        self._apply(found)

    def _apply(self, changes: Mapping[str, Mapping[str, Mapping[str, Row]]]) -> None:
        for table, rows in changes.items():
            for uuid, change in rows.items():
                if "new" in change:
                    self.tables[table][uuid] = change["new"]
                else:
                    self.tables[table].pop(uuid, None)
