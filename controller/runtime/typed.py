"""Where machines hang, straight from what a command line showed: rows of a MAC table, and what speaks against acting on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from controller.inventory.config import InventoryConfig
from controller.switches.cli.macs import MacRow, MacTable
from playbooks.facts import Refusal, Verdict


def typed_rows(case: str, table: MacTable, config: InventoryConfig | None = None) -> Iterator[dict[str, Any]]:
    """As `cordon endpoint table --cli` prints them. VLAN and port are what the cells say."""
    most = (config or InventoryConfig()).max_macs
    ports_of: dict[str, set[str]] = defaultdict(set)
    macs_on: dict[str, set[str]] = defaultdict(set)
    for row in table.rows:
        if row.verdict is Verdict.PORT:
            ports_of[row.mac].add(row.port)
            macs_on[row.port].add(row.mac)
    for row in table.rows:
        reasons = [*_of_row(row)]
        if len(ports_of[row.mac] | {row.port} if row.verdict is Verdict.AMBIGUOUS else ports_of[row.mac]) > 1:
            reasons.append(Refusal.CONFLICT)
        if len(macs_on[row.port]) > most:
            reasons.append(Refusal.MANY_MACS)
        yield {
            "case": case,
            "mac": row.mac,
            "vlan": int(row.vlan_cell) if row.vlan_cell.isdecimal() else row.vlan_cell or None,
            "port": row.port,
            "type": row.type,
            "verdict": str(row.verdict),
            "refuse": [str(reason) for reason in dict.fromkeys(reasons)],
        }


def _of_row(row: MacRow) -> Iterator[Refusal]:
    found = row.fdb({})
    if found is None or row.verdict is not Verdict.PORT:
        yield Refusal.UNRESOLVED
    if found is None:
        return
    if found.of_group:
        yield Refusal.UNRESOLVED
    if found.weak:
        yield Refusal.STALE
    if found.lag:
        yield Refusal.AGGREGATE
