"""The collectors that are measured: our own, and those that are installed. Each writes only into the folder it is given."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .process import Running, end, free_port, wait_bound

BUFFER = 4 * 1024 * 1024
FASTNETMON = """\
logging_level = info
disable_usage_report = on
enable_ban = off
process_incoming_traffic = on
process_outgoing_traffic = on
networks_list_path = {folder}/networks
white_list_path = {folder}/white
enable_connection_tracking = off
average_calculation_time = 5
speed_calculation_delay = 1
sflow = {sflow}
sflow_port = {port}
sflow_host = 127.0.0.1
netflow = {netflow}
netflow_port = {port}
netflow_host = 127.0.0.1
netflow_sampling_ratio = 1
pid_path = {folder}/pid
cli_stats_file_path = {folder}/stats
cli_stats_ipv6_file_path = {folder}/stats6
enable_api = off
"""
PMACCT = """\
plugins: memory
aggregate: src_host,dst_host,src_port,dst_port,proto,tcpflags,in_iface,out_iface
imt_path: {folder}/pipe
{daemon}_ip: 127.0.0.1
{daemon}_port: {port}
plugin_buffer_size: 1048576
plugin_pipe_size: 16777216
"""


@dataclass
class Program:
    """A running collector; `count` says what it has received, once it is stopped."""

    process: subprocess.Popen[str]
    port: int
    count: Callable[[], int | None]
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def stop(self) -> None:
        """End it."""
        end(self.process)

    def received(self) -> int | None:
        """Flow records."""
        return self.count()


@dataclass(frozen=True)
class Cordon:
    """This one, without a bus."""

    name: str = "cordon"

    def start(self, protocol: str, folder: Path, *, templates: str = "-", port: int = 0) -> Program:  # noqa: ARG002
        """Any protocol; it tells them apart by itself."""
        command = [sys.executable, "-m", "controller.bench.collect.receiver", templates, str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None  # noqa: S101 a pipe was asked for
        program = Program(process, int(process.stdout.readline()), lambda: None)

        def count() -> int:
            assert process.stdout is not None  # noqa: S101 a pipe was asked for
            program.told.update(json.loads(process.stdout.readline()))
            return int(program.told["rows"])

        program.count = count
        return program


@dataclass(frozen=True)
class Nfdump:
    """nfcapd and sfcapd, writing uncompressed files to memory."""

    name: str = "nfdump"

    def start(self, protocol: str, folder: Path) -> Running | None:
        """Both are Debian's: packages nfdump and nfdump-sflow."""
        command = shutil.which("sfcapd" if protocol == "sflow" else "nfcapd")
        if command is None:
            return None
        port = free_port()
        options = ["-b", "127.0.0.1", "-p", str(port), "-w", str(folder), "-B", str(BUFFER), "-t", "300"]
        return _started([command, *options], port, folder, lambda: _nfdump_count(folder))


@dataclass(frozen=True)
class FastNetMon:
    """Counts traffic by host, keeps no flows."""

    name: str = "fastnetmon"

    def start(self, protocol: str, folder: Path) -> Running | None:
        """It has no count of records to ask for."""
        command = shutil.which("fastnetmon", path="/usr/sbin:/usr/bin:/sbin")
        if command is None:
            return None
        port, sflow = free_port(), protocol == "sflow"
        (folder / "networks").write_text("10.0.0.0/15\n::/0\n")
        (folder / "white").write_text("")
        on = {True: "on", False: "off"}
        text = FASTNETMON.format(folder=folder, port=port, sflow=on[sflow], netflow=on[not sflow])
        (folder / "conf").write_text(text)
        options = ["--configuration_file", f"{folder}/conf", "--log_file", f"{folder}/log"]
        return _started([command, *options], port, folder, lambda: None)


@dataclass(frozen=True)
class Pmacct:
    """sfacctd and nfacctd with the memory plugin."""

    name: str = "pmacct"

    def start(self, protocol: str, folder: Path) -> Running | None:
        """It aggregates: no count of records."""
        daemon = "sfacctd" if protocol == "sflow" else "nfacctd"
        command = shutil.which(daemon, path="/usr/sbin:/usr/bin:/sbin")
        if command is None:
            return None
        port = free_port()
        (folder / "conf").write_text(PMACCT.format(folder=folder, port=port, daemon=daemon))
        return _started([command, "-f", f"{folder}/conf"], port, folder, lambda: None)


@dataclass(frozen=True)
class Goflow2:
    """Version 2, protobuf to nowhere; `make parts` builds it where there is a Go that is new enough."""

    name: str = "goflow2"

    def start(self, protocol: str, folder: Path) -> Running | None:
        """It says nothing of its count."""
        base = os.environ.get("CORDON_PARTS_DIR")
        own = (Path(base) if base else Path(__file__).parents[3] / ".parts") / "bin" / "goflow2"
        command = str(own) if own.exists() else shutil.which("goflow2")
        if command is None:
            return None
        port = free_port()
        scheme = "sflow" if protocol == "sflow" else "netflow"
        options = ["-listen", f"{scheme}://127.0.0.1:{port}", "-transport.file", "/dev/null", "-format", "bin"]
        return _started([command, *options, "-addr", "127.0.0.1:0"], port, folder, lambda: None)


def _started(command: list[str], port: int, folder: Path, count: Callable[[], int | None]) -> Running | None:
    log = (folder / "output").open("w", encoding="utf-8")
    with log:
        process = subprocess.Popen(command, stdout=log, stderr=log, text=True, cwd=folder)
    if not wait_bound(port, process):
        end(process)
        return None
    return Program(process, port, count)


def _nfdump_count(folder: Path) -> int | None:
    command = shutil.which("nfdump")
    if command is None:
        return None
    done = subprocess.run([command, "-I", "-R", str(folder)], capture_output=True, text=True, check=False)
    found = re.search(r"^Flows: (\d+)", done.stdout, re.MULTILINE)
    return int(found[1]) if found else None


PEERS = (Nfdump(), FastNetMon(), Pmacct(), Goflow2())
