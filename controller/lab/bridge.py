"""The second design: Linux bridges instead of Open vSwitch, and other people's exporters on them. It knows no VLANs.

For exporter diversity and for the Linux-bridge driver: pmacctd (sFlow, NetFlow v9), softflowd (NetFlow v5, IPFIX), OpenSSH with
`bridge` and `nft` inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .namespace import Namespaces, run
from .ovs import Exports, OpenVSwitch
from .topology import COLLECTOR, UPLINK, Switch

BRIDGE = "br0"
PLUGINS = {"sfprobe": 6343, "nfprobe": 2056}


class LinuxBridge(OpenVSwitch):
    """A switch of the lab that is a Linux bridge. Only starting and exporting differ."""

    has_bridge_mib = False

    def __init__(self, namespaces: Namespaces, switch: Switch, folder: Path) -> None:
        super().__init__(namespaces, switch, folder)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing that a shell would need to know."""
        return {"LC_ALL": "C.UTF-8"}

    def start(self, vlan_of: Mapping[tuple[str, str], int]) -> None:  # noqa: ARG002 one VLAN is all there is
        """The bridge with every port in it, and an nft table for blocked MACs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [f"link add {BRIDGE} address {self.switch.chassis} type bridge stp_state 0 forward_delay 0"]
        lines += [f"link set {port} master {BRIDGE}" for port in (UPLINK, *self.switch.ports)]
        self.namespaces.links(self.switch.name, [*lines, f"link set {BRIDGE} up"])

    def vsctl(self, *words: str) -> str:
        """There is no Open vSwitch here."""
        raise NotImplementedError("a Linux bridge has no ovs-vsctl")

    def export(self, exports: Exports) -> None:
        """pmacctd for sFlow and v9 on all ports; softflowd for v5 and IPFIX on the first one."""
        name, folder = self.switch.name, self.folder
        if exports.sflow_sampling:
            (folder / "ports.map").write_text(self._port_map(), encoding="utf-8")
            (folder / "pmacctd.conf").write_text(self._pmacctd(exports), encoding="utf-8")
            self.namespaces.spawn(name, ["pmacctd", "-f", folder / "pmacctd.conf"], folder / "pmacctd.out")
        if exports.netflow_active_s:
            for version, port in ((5, 2055), (10, 4739)):
                self.namespaces.spawn(
                    name, self._softflowd(version, port, exports.netflow_active_s), folder / "softflowd.out"
                )

    def _port_map(self) -> str:
        from .build import ifindexes  # noqa: PLC0415

        numbers = ifindexes(self.namespaces, self.switch.name)
        return "".join(f"ifindex={numbers[port]} ifname={port} direction=in\n" for port in (UPLINK, *self.switch.ports))

    def _pmacctd(self, exports: Exports) -> str:
        folder = self.folder
        return "\n".join(
            [
                "daemonize: false",
                f"pidfile: {folder}/pmacctd.pid",
                f"pcap_interfaces_map: {folder}/ports.map",
                "pcap_ifindex: map",
                "plugins: sfprobe[sf], nfprobe[v9]",
                f"sfprobe_receiver[sf]: {COLLECTOR}:6343",
                f"sfprobe_agentip[sf]: {self.switch.address}",
                f"sampling_rate[sf]: {exports.sflow_sampling}",
                f"nfprobe_receiver[v9]: {COLLECTOR}:2056",
                "nfprobe_version[v9]: 9",
                "nfprobe_timeouts[v9]: tcp=5:tcp.rst=1:tcp.fin=1:udp=5:icmp=5:general=5:maxlife=5:expint=1",
                "aggregate[v9]: src_host,dst_host,src_port,dst_port,proto,tos,in_iface,out_iface,src_mac,dst_mac,vlan,tcpflags",
                "",
            ]
        )

    def _softflowd(self, version: int, port: int, active_s: int) -> list[str]:
        first, folder = self.switch.ports[0], self.folder
        command = ["softflowd", "-i", f"4:{first}", "-N", "-v", str(version), "-n", f"{COLLECTOR}:{port}"]
        for what in ("maxlife", "tcp", "udp", "icmp", "general"):
            command += ["-t", f"{what}={active_s}"]
        command += ["-t", "expint=1", "-t", "tcp.rst=1", "-t", "tcp.fin=1"]
        return [*command, "-p", f"{folder}/softflowd{version}.pid", "-c", f"{folder}/softflowd{version}.ctl", "-d"]

    def blocked(self) -> str:
        """The nft rules of this bridge, for tests."""
        return run(self.namespaces.command(self.switch.name, ["nft", "list", "ruleset"]))
