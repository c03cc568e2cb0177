"""One Open vSwitch in a namespace: user-space datapath, access VLANs, a trunk, and its flow exporters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .namespace import Namespaces, run
from .topology import ACCESS_VLAN, COLLECTOR, MANAGEMENT, SERVER_VLAN, UPLINK, Switch

# A switch is another machine; here it shares two cores with what is measured. Each time ovs-vswitchd wakes up it takes and gives
# back a few hundred pieces of memory, more than glibc keeps at hand for a thread: a third of its processor time.
THRIFTY = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=1000"}
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
BRIDGE = "br0"


@dataclass(frozen=True, slots=True)
class Exports:
    """What a switch exports; None = not at all. Sampling is 1 of so many packets; times in seconds."""

    sflow_sampling: int | None = 1
    netflow_active_s: int | None = None
    ipfix_active_s: int | None = None
    header_bytes: int = 128


class OpenVSwitch:
    """A switch of the lab. `folder` holds its database, sockets and logs."""

    has_bridge_mib = True  # our agent serves BRIDGE-MIB and Q-BRIDGE-MIB from its database

    def __init__(self, namespaces: Namespaces, switch: Switch, folder: Path) -> None:
        self.namespaces, self.switch, self.folder = namespaces, switch, folder

    @property
    def database(self) -> Path:
        """Socket of ovsdb-server."""
        return self.folder / "db.sock"

    @property
    def control(self) -> Path:
        """Socket of ovs-vswitchd for ovs-appctl."""
        return self.folder / "vs.ctl"

    @property
    def environment(self) -> dict[str, str]:
        """What ovs-vsctl and ovs-ofctl need to find this switch and no other."""
        return {"OVS_RUNDIR": str(self.folder), "OVS_DBDIR": str(self.folder), "OVS_LOGDIR": str(self.folder)}

    def start(self, vlan_of: Mapping[tuple[str, str], int]) -> None:
        """Database, daemon, and all ports in one transaction."""
        folder, name = self.folder, self.switch.name
        folder.mkdir(parents=True, exist_ok=True)
        run(["ovsdb-tool", "create", folder / "conf.db", SCHEMA])
        env = {**_path(), **self.environment}
        quiet: tuple[str, ...] = ("--detach", "--no-chdir", "-vconsole:off")
        remote = f"--remote=punix:{self.database}"
        files = (f"--pidfile={folder}/ovsdb-server.pid", f"--log-file={folder}/db.log")
        self.namespaces.exec(name, ["ovsdb-server", folder / "conf.db", remote, *files, *quiet], env=env)
        self.vsctl("--no-wait", "init")
        files = (f"--pidfile={folder}/ovs-vswitchd.pid", f"--log-file={folder}/vs.log")
        quiet = (f"--unixctl={self.control}", "--disable-system-route", *quiet)
        daemon = ["ovs-vswitchd", f"unix:{self.database}", "--disable-system", *files, *quiet]
        self.namespaces.exec(name, daemon, env={**env, **THRIFTY})
        pid = (folder / "ovs-vswitchd.pid").read_text().strip()
        (folder / f"ovs-vswitchd.{pid}.ctl").symlink_to(self.control.name)  # where ovs-appctl looks for it
        self.vsctl(*self._bridge(vlan_of))

    def vsctl(self, *words: str) -> str:
        """Change or read the database."""
        self.namespaces.guard(self.switch.name)
        return run(["ovs-vsctl", f"--db=unix:{self.database}", "--timeout=30", *words], env=_path())

    def export(self, exports: Exports) -> None:
        """Start exporting, in place of what was exported before. Whoever collects has to listen already."""
        words = ["clear", "bridge", BRIDGE, "sflow", "--", "clear", "bridge", BRIDGE, "netflow"]
        words += ["--", "clear", "bridge", BRIDGE, "ipfix"]
        if exports.sflow_sampling:
            words += ["--", "--id=@s", "create", "sflow", f"agent={MANAGEMENT}", f'target="{COLLECTOR}:6343"']
            words += [f"header={exports.header_bytes}", f"sampling={exports.sflow_sampling}", "polling=10"]
            words += ["--", "set", "bridge", BRIDGE, "sflow=@s"]
        if exports.netflow_active_s:
            words += ["--", "--id=@n", "create", "netflow", f'targets="{COLLECTOR}:2055"']
            words += [f"active-timeout={exports.netflow_active_s}", f"engine_id={self.switch.number}"]
            words += ["--", "set", "bridge", BRIDGE, "netflow=@n"]
        if exports.ipfix_active_s:
            words += ["--", "--id=@i", "create", "ipfix", f'targets="{COLLECTOR}:4739"', "sampling=1"]
            words += [f"obs_domain_id={self.switch.number}", f"obs_point_id={10 + self.switch.number}"]
            words += [f"cache_active_timeout={exports.ipfix_active_s}", "cache_max_flows=4096"]
            words += ["--", "set", "bridge", BRIDGE, "ipfix=@i"]
        self.vsctl(*words)

    def _bridge(self, vlan_of: Mapping[tuple[str, str], int]) -> list[str]:
        name = self.switch.name
        words = ["add-br", BRIDGE, "--", "set", "bridge", BRIDGE, "datapath_type=netdev", "fail_mode=standalone"]
        words += [f"other_config:hwaddr={self.switch.chassis}", "--", "add-port", BRIDGE, UPLINK]
        # The quarantine VLAN ends at its switch: it is not among those that the trunk carries.
        words += ["--", "set", "port", UPLINK, f"trunks={ACCESS_VLAN},{SERVER_VLAN}"]
        for port in self.switch.ports:
            words += ["--", "add-port", BRIDGE, port, f"tag={vlan_of.get((name, port), ACCESS_VLAN)}"]
        return words


def _path() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
