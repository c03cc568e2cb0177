"""Cordon itself in the lab: its configuration, and `cordon serve` in the namespace where the controller lives."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

import yaml

from controller.core.errors import CordonError
from controller.store import Store, containments, open_store

from .lab import Lab
from .management import ROOT, SHELL_PORT, VTYSH_PORT
from .topology import COLLECTOR, QUARANTINE_VLAN, UPLINK

T = TypeVar("T")
READY_S = 240.0  # a first start compiles; on a machine with other work that takes minutes
VTYSH = "frr"
WEB_PORT = 8080
OWN_WAY = {"ovs": ("snmp", "ovs"), "bridge": ("ssh", "linux")}  # a Linux bridge here has no BRIDGE-MIB
WAYS = {"snmp": ("snmp", "ovs"), "ssh": ("ssh", "ovs"), "vtysh": ("ssh", VTYSH)}


class LabService:
    """`cordon serve` on a lab, and its store, which any process of this machine may read."""

    def __init__(
        self,
        lab: Lab,
        folder: Path,
        *,
        via: Mapping[str, tuple[str, str]] | None = None,
        settings: Mapping[str, Any] | None = None,
        mode: str = "auto",
    ) -> None:
        """`via`: switch -> (snmp | ssh, platform); where it says nothing SNMP v3, or a shell on a Linux bridge.

        `mode` is that of the lab's one site.
        """
        self.lab, self.folder, self._mode = lab, folder, mode
        self._via, self._settings = dict(via or {}), dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._written = 0  # bytes of the log that earlier runs wrote
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The database of the service."""
        if self._store is None:
            self._store = open_store(f"sqlite:///{self.folder / 'data' / 'cordon.db'}")
        return self._store

    @property
    def pid(self) -> int:
        """Of the service."""
        assert self._process is not None  # noqa: S101 asked only while it runs
        return self._process.pid

    def __enter__(self) -> LabService:
        self._be_the_only_one()
        try:
            self._start()
        except BaseException:  # who did not come up is not left behind
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self) -> None:
        self.write_files()
        self._written = self._log_size()
        env = {**os.environ, **self.secrets(), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "controller.cli.main", "serve", "all", "--config", self.folder / "cordon.yaml"]
        # `ip netns exec` becomes the program it starts: the pid is the service's own.
        self._process = self.lab.namespaces.spawn("ctl", command, self.folder / "serve.log", cwd=str(ROOT), env=env)
        self._wait_ready()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._store is not None:
            self._store.close()
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._lock is not None:
            self._lock.close()

    def wait(self, what: Callable[[], T | None], why: str, *, timeout_s: float = 20.0, every_s: float = 0.02) -> T:
        """The first answer that is not None; CordonError, with the service's last words, if none comes."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            found = what()
            if found is not None:
                return found
            time.sleep(every_s)
        raise CordonError(f"{why}; the service said: {self.last_words()}", where=str(self.folder))

    def rows(self) -> list[containments.Row]:
        """Every containment, the newest first."""
        with self.store.reading() as connection:
            return list(containments.listed(connection))

    def row(self, mac: str, *states: str) -> containments.Row | None:
        """The newest containment of a MAC that is in one of these states."""
        with self.store.reading() as connection:
            return containments.newest(connection, mac, states)

    def contained(self, mac: str, *, timeout_s: float = 60.0, every_s: float = 0.02) -> containments.Row:
        """Wait until a MAC is contained. Each look takes a millisecond or two of the processor from what is looked at."""
        often = {"timeout_s": timeout_s, "every_s": every_s}
        return self.wait(lambda: self.row(mac, "contained"), f"{mac} was not contained", **often)

    def command(self, *words: str) -> str:
        """A `cordon` command in the controller's namespace, on this service's configuration; what it printed."""
        env = {**os.environ, **self.secrets(), "CORDON_CONFIG": str(self.folder / "cordon.yaml")}
        line = [sys.executable, "-m", "controller.cli.main", *words]
        return self.lab.namespaces.exec("ctl", line, cwd=str(ROOT), env=env)

    def metrics(self) -> str:
        """Its page of metrics."""
        fetch = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=30).read().decode())"
        url = f"http://{COLLECTOR}:{WEB_PORT}/metrics"
        return self.lab.namespaces.exec("ctl", [sys.executable, "-c", fetch, url])

    def interactive(self, *words: str) -> int:
        """As `command`, on this terminal; its exit code."""
        env = {**os.environ, **self.secrets(), "CORDON_CONFIG": str(self.folder / "cordon.yaml")}
        line = self.lab.namespaces.command("ctl", [sys.executable, "-m", "controller.cli.main", *words])
        return subprocess.run(line, check=False, env=env).returncode

    @property
    def alive(self) -> bool:
        """Whether the service that was started here still runs."""
        return self._process is not None and self._process.poll() is None

    def last_words(self) -> str:
        """End of its log, and the newest containments."""
        path = self.folder / "serve.log"
        text = path.read_text(encoding="utf-8", errors="replace")[-1500:] if path.exists() else ""
        rows = self.rows()[:5] if self._store is not None else []
        return text + "; ".join(f"{row['mac']} {row['state']}: {row['why']}" for row in rows)

    def secrets(self) -> dict[str, str]:
        """Environment that the configuration's references name."""
        access = self.lab.access
        return {
            "CORDONLAB_COMMUNITY": access.community_rw,
            "CORDONLAB_AUTH": access.auth_key,
            "CORDONLAB_PRIV": access.priv_key,
        }

    def write_files(self) -> None:
        """cordon.yaml and switches.yaml."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = {
            "sites": [{"name": "lab", "mode": self._mode}],
            "switches": [self.entry(name) for name in self.lab.switches],
        }
        settings = {
            "data_dir": "data",
            "switches": "switches.yaml",
            "log_level": "info",
            "collector": {"listen": [f"{COLLECTOR}:6343", f"{COLLECTOR}:2055", f"{COLLECTOR}:4739"]},
            "web": {"host": COLLECTOR, "port": WEB_PORT},
            **self._settings,
        }
        for name, content in (("switches.yaml", file), ("cordon.yaml", settings)):
            (self.folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def entry(self, name: str) -> dict[str, Any]:
        """One switch of switches.yaml."""
        via, platform = self._via.get(name, OWN_WAY[self.lab.design])
        found = {
            "name": name,
            "site": "lab",
            "address": self.lab.switches[name].switch.address,
            "platform": platform,
            "via": via,
            "uplinks": [UPLINK],
            "ssh": {
                "username": "root",
                "port": VTYSH_PORT if platform == VTYSH else SHELL_PORT,
                "key_file": str(self.lab.access.key),
                "host_key": self.lab.host_keys[name],
            },
        }
        return found | self._of_open_vswitch() if self.lab.design == "ovs" else found

    def _of_open_vswitch(self) -> dict[str, Any]:
        """SNMP, with the tables of our agent, and a quarantine VLAN; a Linux bridge here has neither."""
        return {
            "quarantine_vlan": QUARANTINE_VLAN,
            "quarantine_isolated": True,  # its ports are protected ports, and the trunk does not carry it
            "snmp": {
                "version": "3",
                "user": self.lab.access.user,
                "auth_key": "env:CORDONLAB_AUTH",
                "priv_key": "env:CORDONLAB_PRIV",
            },
        }

    def _be_the_only_one(self) -> None:
        """A second service would write its configuration over that of the first. The kernel lets go of what was killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self.folder / "serve.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise CordonError("a service of this lab runs already", where=str(self.folder), do="end that one") from None

    def _log_size(self) -> int:
        path = self.folder / "serve.log"
        return path.stat().st_size if path.exists() else 0

    def _wait_ready(self) -> None:
        """Ready = the sFlow port is bound inside ctl and the switches were read."""
        log = self.folder / "serve.log"

        def ready() -> bool | None:
            assert self._process is not None  # noqa: S101 it was started
            said = log.read_bytes()[self._written :]
            if self._process.poll() is not None:
                raise CordonError(f"cordon serve ended: {said.decode(errors='replace')[-1500:]}")
            return True if b"cordon serves" in said else None

        self.wait(ready, "cordon serve did not come up", timeout_s=READY_S)
