"""A Cisco's forwarding tables: one view for each VLAN, by community@VLAN (v2c) or the context vlan-N (v3)."""

from __future__ import annotations

from controller.core.errors import CordonError

from .mib import objects as o
from .mib.walk import Walk
from .session import Session

OPERATIONAL = 1  # vtpVlanState
TOKEN_RING = range(1002, 1006)  # VLANs that every Cisco has and nobody uses
MOST_VIEWS = 512
PATIENCE = 2  # views without an answer: each may cost a time-out


class Views:
    """Which VLANs to ask for, and their tables. A device that refuses the first two views is not asked again."""

    def __init__(self, session: Session, version: str) -> None:
        self._session, self._version = session, version
        self.refused: str | None = None

    def context(self, vlan: int) -> str:
        """The name of a VLAN's view."""
        return f"vlan-{vlan}" if self._version == "3" else str(vlan)

    def read(self, base: Walk) -> dict[int, Walk]:
        """Every VLAN's view; nothing for a device that has no such views or shows its MACs otherwise."""
        if self.refused or base.column(o.Q_FDB_PORT):
            return {}
        found: dict[int, Walk] = {}
        for asked, vlan in enumerate(vlans(base)[:MOST_VIEWS], start=1):
            try:
                found[vlan] = self._columns(vlan)
            except CordonError as error:
                if not found and asked >= PATIENCE:
                    self.refused = str(error)
                    break
        return found

    def _columns(self, vlan: int) -> Walk:
        roots = (o.TP_FDB_PORT, o.TP_FDB_STATUS, o.BASE_PORT_IFINDEX)
        return Walk.by_column(self._session.columns(roots, self.context(vlan)))


def vlans(base: Walk) -> list[int]:
    """VLANs that a Cisco has (CISCO-VTP-MIB)."""
    states = {i[-1]: state for i, state in base.numbers(o.VTP_VLAN_STATE) if i}
    return sorted(v for v, state in states.items() if state == OPERATIONAL and v not in TOKEN_RING and 1 <= v <= 4094)
