"""The lab as a whole: up, what there is, down. Whatever a killed run has left is found by its namespaces and cleaned."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from controller.core.errors import CordonError, NotFound, UsageError

from . import management
from .bridge import LinuxBridge
from .build import ifindexes, lay_cables
from .namespace import NETNS, PREFIX, Namespaces, run
from .ovs import Exports, OpenVSwitch
from .topology import Host, Switch, Topology, topology

RUN = Path("/run/cordon-lab")
PROGRAMS = ("ip", "ovs-vswitchd", "ovsdb-server", "snmpd", "sshd", "lldpd", "vtysh", "nmap")
OF_DESIGN = {"bridge": ("pmacctd", "softflowd")}  # what exports for Linux bridges
READY_S = 60.0
DESIGNS: dict[str, type[OpenVSwitch]] = {"ovs": OpenVSwitch, "bridge": LinuxBridge}


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the map: who is plugged in where."""

    host: str
    ip: str
    mac: str
    vlan: int
    switch: str
    port: str
    ifindex: int


class Lab:
    """One lab by name. `up` builds it; an existing one is opened by `Lab.open`."""

    def __init__(self, name: str, plan: Topology, design: str = "ovs") -> None:
        self.name, self.topology, self.design = name, plan, design
        self.namespaces = Namespaces(name)
        self.folder = RUN / name
        self.switches = {s.name: DESIGNS[design](self.namespaces, s, self.folder / s.name) for s in plan.switches}
        self.host_keys: dict[str, str] = {}
        self.places: list[Place] = []

    @property
    def access(self) -> management.Access:
        """Secrets of this lab."""
        kept = json.loads((self.folder / "secrets.json").read_text(encoding="utf-8"))
        return management.Access(key=self.folder / "controller", **kept)

    @classmethod
    def up(
        cls,
        name: str = "lab",
        *,
        switches: int = 3,
        hosts: int = 24,
        furniture: bool = True,
        exports: Exports | None = None,
        design: str = "ovs",
    ) -> Lab:
        """Build and start everything. CordonError if a lab of that name is there, or a program is missing."""
        if design not in DESIGNS:
            raise UsageError(f"there is no design {design}", do=f"one of: {', '.join(DESIGNS)}")
        check_programs(design)
        lab = cls(name, topology(switches, hosts, furniture=furniture and design == "ovs"), design)
        if lab.namespaces.there():
            raise CordonError("a lab of that name is up", where=name, do="cordon lab down")
        try:
            lab._start(exports or Exports())
        except BaseException:
            lab.down()
            raise
        return lab

    @classmethod
    def open(cls, name: str = "lab") -> Lab:
        """The lab of that name, as its map says. NotFound if it is not up."""
        path = RUN / name / "lab.json"
        if not path.exists():
            raise NotFound("there is no such lab", where=name, do="cordon lab up")
        kept = json.loads(path.read_text(encoding="utf-8"))
        switches = tuple(Switch(row["number"], tuple(row["ports"])) for row in kept["switches"])
        hosts = tuple(Host(**row) for row in kept["hosts"])
        lab = cls(name, Topology(switches, hosts, gateway=kept["gateway"], phone=kept["phone"]), kept["design"])
        lab.host_keys = kept["host_keys"]
        lab.places = [Place(**row) for row in kept["places"]]
        return lab

    def down(self) -> None:
        """Take it away."""
        take_down(self.namespaces)

    def place(self, host: str) -> Place:
        """Where a host hangs."""
        return next(place for place in self.places if place.host == host)

    def export(self, exports: Exports) -> None:
        """Change what every switch exports."""
        for switch in self.switches.values():
            switch.export(exports)

    def port_is_up(self, switch: str, port: str) -> bool:
        """What the kernel says of a switch port: not what Cordon or an agent thinks."""
        rows = json.loads(run(["ip", "-n", self.namespaces.full(switch), "-j", "link", "show", port]))
        return "UP" in rows[0]["flags"]

    def end_sessions(self, switch: str) -> None:
        """Hang up every SSH session of a switch: who needs one next has to log in again."""
        for pid in self.namespaces.pids(switch):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
            if words.startswith(b"sshd: ") and b"@" in words:
                os.kill(pid, 9)

    def status(self) -> Iterator[dict[str, Any]]:
        """Each switch with its processes, its port states and its exports."""
        for name, switch in self.switches.items():
            down_ports = [port for port in switch.switch.ports if not self.port_is_up(name, port)]
            yield {
                "switch": name,
                "address": switch.switch.address,
                "processes": len(self.namespaces.pids(name)),
                "ports": len(switch.switch.ports),
                "down": down_ports,
            }

    def hosts(self) -> Iterator[dict[str, Any]]:
        """Each host, where it hangs, and whether its port is up."""
        for place in self.places:
            yield {**asdict(place), "up": self.port_is_up(place.switch, place.port)}

    def _start(self, exports: Exports) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)  # lldpd's unprivileged half has its socket in here; secrets are 0600 each
        self._make_secrets()
        lay_cables(self.namespaces, self.topology)
        for switch in self.switches.values():
            switch.start(self.topology.vlan_of)
            management.start_snmp(switch, self.access)
            self.host_keys[switch.switch.name] = management.start_ssh(switch, self.access)
            management.start_frr(switch)
        self._map()
        for switch in self.switches.values():
            _wait_for(switch.folder / "agentx")
            management.start_lldp(switch)
            switch.export(exports)
        if self.topology.phone:
            management_of_phone(self)
        self._save()

    def _make_secrets(self) -> None:
        names = ("community_rw", "community_ro", "user", "auth_key", "priv_key")
        kept = {name: secrets.token_hex(12) for name in names} | {"user": "cordon"}
        path = self.folder / "secrets.json"
        path.touch(0o600)
        path.write_text(json.dumps(kept), encoding="utf-8")
        management.controller_key(self.folder)

    def _map(self) -> None:
        for switch in self.topology.switches:
            numbers = ifindexes(self.namespaces, switch.name)
            for host in self.topology.hosts:
                if host.switch == switch.name:
                    where = switch.name, host.port, numbers[host.port]
                    self.places.append(Place(host.name, host.ip, host.mac, host.vlan, *where))

    def _save(self) -> None:
        kept = {
            "switches": [{"number": s.number, "ports": s.ports} for s in self.topology.switches],
            "hosts": [asdict(host) for host in self.topology.hosts],
            "design": self.design,
            "gateway": self.topology.gateway,
            "phone": self.topology.phone,
            "host_keys": self.host_keys,
            "places": [asdict(place) for place in self.places],
        }
        (self.folder / "lab.json").write_text(json.dumps(kept), encoding="utf-8")


def management_of_phone(lab: Lab) -> None:
    """The phone says by LLDP-MED that it is one."""
    config, sock = lab.folder / "phone.conf", lab.folder / "phone.sock"
    policy = "configure med policy application voice tagged vlan 30 priority voice"
    config.write_text(f"configure system hostname phone\n{policy}\nresume\n", encoding="utf-8")
    command = ["lldpd", "-d", "-M", "3", "-u", sock, "-I", "wall", "-O", config]
    lab.namespaces.spawn(str(lab.topology.phone), command, lab.folder / "phone.out")


def labs() -> list[str]:
    """Names of labs that are up, or of which something is left."""
    found = {path.name.split(".")[1] for path in NETNS.glob(f"{PREFIX}*") if path.name.count(".") >= 2}
    found |= {path.name for path in RUN.iterdir()} if RUN.is_dir() else set()
    return sorted(found)


def down(name: str) -> int:
    """End every process of a lab, take its namespaces and files away; gives how many namespaces there were."""
    return take_down(Namespaces(name))


def take_down(namespaces: Namespaces) -> int:
    """As `down`; whoever started processes gives its own Namespaces, so that they are waited for."""
    name, there = namespaces.lab, namespaces.there()
    namespaces.delete(there)
    for folder in (
        RUN / name,
        *management.FRR_RUN.glob(f"cordon-{name}-*"),
        *management.FRR_ETC.glob(f"cordon-{name}-*"),
    ):
        shutil.rmtree(folder, ignore_errors=True)
    return len(there)


def missing_programs(design: str = "ovs") -> list[str]:
    """Programs that a lab of this design needs and this machine lacks."""
    search = "/usr/sbin:/usr/bin:/sbin:/bin"
    return [name for name in (*PROGRAMS, *OF_DESIGN.get(design, ())) if shutil.which(name, path=search) is None]


def check_programs(design: str) -> None:
    """CordonError that names every program which is missing."""
    if missing := missing_programs(design):
        raise CordonError(f"not installed: {', '.join(missing)}", do="make parts")


def _wait_for(path: Path) -> None:
    end = time.monotonic() + READY_S
    while not path.exists():
        if time.monotonic() > end:
            raise CordonError("did not come up", where=str(path), do=f"see {path.parent}")
        time.sleep(0.02)
