"""What the agent knows of its switch: bridge ports with ifIndex and VLAN, and the forwarding table, read from Open vSwitch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .rpc import JsonRpc

KEEP_S = 0.02  # a GET of several objects is one reading; what is older is read again
KEEP_PORTS_S = 1.0  # interfaces are not plugged in and out


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
        self._ports_s = self._rows_s = -1e9

    def refresh(self, *, rows: bool = True) -> bool:
        """Read again what is too old to be told to anyone; whether anything was read. `rows`: the forwarding table too."""
        now, read_s = time.monotonic(), (self._ports_s, self._rows_s)
        if now - self._ports_s > KEEP_PORTS_S:
            self._read_ports()
            self._ports_s = now
        if rows and now - self._rows_s > KEEP_S:
            self._read_rows()
            self._rows_s = now
        return read_s != (self._ports_s, self._rows_s)

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

    def _read_ports(self) -> None:
        interfaces, ports = self._database.call(
            "transact",
            [
                "Open_vSwitch",
                {"op": "select", "table": "Interface", "where": [], "columns": ["_uuid", "name", "ofport", "ifindex"]},
                {
                    "op": "select",
                    "table": "Port",
                    "where": [],
                    "columns": ["_uuid", "name", "tag", "trunks", "protected"],
                },
            ],
        )
        by_name = {row["name"]: row for row in ports["rows"]}
        self.ports = {}
        for row in interfaces["rows"]:
            port, number, ifindex = by_name.get(row["name"]), _one(row["ofport"]), _one(row["ifindex"])
            if port is None or not 0 < number < 0xFF00 or not ifindex:
                continue
            trunks = tuple(sorted(_several(port["trunks"])))
            self.ports[number] = BridgePort(
                number, row["name"], ifindex, port["_uuid"][1], _one(port["tag"]), trunks, bool(port["protected"])
            )

    def _read_rows(self) -> None:
        text = str(self._daemon.call("fdb/show", ["br0"]))
        self.rows = []
        for line in text.splitlines()[1:]:
            port, vlan, mac, _ = line.split()
            if port.isdigit():  # the bridge's own address is LOCAL
                self.rows.append((int(port), int(vlan), mac))


def _several(value: Any) -> list[int]:
    """An OVSDB set: one number, or ["set", [numbers]]."""
    return [int(one) for one in value[1]] if isinstance(value, list) else [int(value)]


def _one(value: Any) -> int:
    found = _several(value)
    return found[0] if found else 0
