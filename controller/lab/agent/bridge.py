"""What the agent knows of its switch: bridge ports with ifIndex and VLAN, and the forwarding table, read from Open vSwitch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .rpc import JsonRpc
from .watched import Watched

KEEP_S = 0.02  # a GET of several objects is one reading; what is older is read again
WATCHED = {"Interface": ("name", "ofport", "ifindex"), "Port": ("name", "tag", "trunks", "protected")}


@dataclass
class BridgePort:
    """A bridge port; its number is the OpenFlow port. `tag` 0 = a trunk."""

    number: int
    name: str
    ifindex: int
    uuid: str
    tag: int
    trunks: tuple[int, ...] = ()
    protected: bool = False


@dataclass
class Bridge:
    """One switch. VLANs in `isolated` are private: their members reach the uplink at most, never each other."""

    folder: Path
    isolated: frozenset[int] = frozenset()
    ports: dict[int, BridgePort] = field(default_factory=dict)
    rows: list[tuple[int, int, str]] = field(default_factory=list)  # port, VLAN, MAC

    def __post_init__(self) -> None:
        self._database = JsonRpc(str(self.folder / "db.sock"))
        self._daemon = JsonRpc(str(self.folder / "vs.ctl"))
        self._watched = Watched(self._database, WATCHED)
        self._rows_s = -1e9

    def refresh(self, *, rows: bool = True) -> bool:
        """See to it that what is told to anyone is so now; whether anything has changed. `rows`: in the forwarding table too."""
        changed = self._watched.refresh()
        if changed:
            self._take_ports()
        if rows and time.monotonic() - self._rows_s > KEEP_S:
            found = self._read_rows()
            changed, self.rows = changed or found != self.rows, found
            self._rows_s = time.monotonic()
        return changed

    def vlans(self) -> list[int]:
        """Every VLAN that a port is in, and the isolated ones."""
        found = {port.tag for port in self.ports.values() if port.tag}
        found |= {vlan for port in self.ports.values() for vlan in port.trunks}
        return sorted(found | self.isolated)

    def move(self, number: int, vlan: int) -> None:
        """Put an access port into another VLAN; in a private one it is cut off from its fellows."""
        port = self.ports[number]
        row = {"tag": vlan, "protected": vlan in self.isolated}
        self._change(port, row)
        port.tag, port.protected = vlan, vlan in self.isolated

    def _change(self, port: BridgePort, row: dict[str, Any]) -> None:
        # The sequence number makes the daemon look; the answer comes when it has done so.
        where = [["_uuid", "==", ["uuid", port.uuid]]]
        operations = [
            "Open_vSwitch",
            {"op": "update", "table": "Port", "where": where, "row": row},
            {"op": "mutate", "table": "Open_vSwitch", "where": [], "mutations": [["next_cfg", "+=", 1]]},
        ]
        for result in self._database.call("transact", operations):
            if result and result.get("error"):
                raise ValueError(str(result["error"]))

    def _take_ports(self) -> None:
        by_name = {row["name"]: (uuid, row) for uuid, row in self._watched.tables["Port"].items()}
        self.ports = {}
        for row in self._watched.tables["Interface"].values():
            number, ifindex = _one(row["ofport"]), _one(row["ifindex"])
            uuid, port = by_name.get(row["name"], ("", None))
            if port is None or not 0 < number < 0xFF00 or not ifindex:
                continue
            trunks = tuple(sorted(_several(port["trunks"])))
            self.ports[number] = BridgePort(
                number, row["name"], ifindex, uuid, _one(port["tag"]), trunks, bool(port["protected"])
            )

    def _read_rows(self) -> list[tuple[int, int, str]]:
        """Port, VLAN and MAC, in an order that does not change by itself."""
        found = []
        for line in str(self._daemon.call("fdb/show", ["br0"])).splitlines()[1:]:
            port, vlan, mac, _ = line.split()
            if port.isdigit():  # the bridge's own address is LOCAL
                found.append((int(port), int(vlan), mac))
        return sorted(found)


def _several(value: Any) -> list[int]:
    """An OVSDB set: one number, or ["set", [numbers]]."""
    return [int(one) for one in value[1]] if isinstance(value, list) else [int(value)]


def _one(value: Any) -> int:
    found = _several(value)
    return found[0] if found else 0
