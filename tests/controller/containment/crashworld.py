"""A switch for every driver there is, a runner that dies where it is told, and what became of each case."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from controller.core.clock import SystemClock
from controller.emulate import DIALECTS, Credentials, EmulatedSwitch
from controller.emulate.state import EmulatedPort, SwitchState
from controller.store import containments, open_store
from controller.switches.vendor import platforms

ROOT = Path(__file__).parents[3]
MAC, ADDRESS, IFINDEX = "02:77:00:00:00:01", "10.77.0.2", 4
ENDED = frozenset({"released", "probation", "refused", "failed", "expired", "nothing"})
# A switch that answers has as long as a machine with other work needs; one that misbehaves is waited for briefly.
PATIENT_S, BRIEF_S = 20.0, 2.0
NAPALM = ("arista_eos", "cisco_ios", "cisco_nxos")


def kinds() -> list[str]:
    """Every driver that an emulated switch answers: SNMP, SSH for each vendor file, and NAPALM."""
    over_ssh = (f"ssh-{platform}" for platform in platforms() if platform in DIALECTS)
    return ["snmp", *over_ssh, *(f"napalm-{platform}" for platform in NAPALM)]


@dataclass
class World:
    """One emulated switch a driver, each with a configuration of its own, and the runner."""

    root: Path
    keys: Credentials = field(default_factory=Credentials)
    switches: dict[str, EmulatedSwitch] = field(default_factory=dict)
    runner: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """The runner, and an empty database to begin with; switches start when a case wants them."""
        open_store(f"sqlite:///{self.root / 'empty.db'}").close()
        keys = self.keys
        secrets = {
            "T_AUTH": keys.v3_auth_key, "T_PRIV": keys.v3_priv_key, "T_PASS": keys.password, "T_ENABLE": keys.enable,
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.controller.containment.crash_runner"]
        self.runner = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **secrets}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def stop(self) -> None:
        """Everything."""
        for switch in self.switches.values():
            switch.stop()
        assert self.runner is not None
        assert self.runner.stdin is not None
        assert self.runner.stdout is not None
        self.runner.stdin.close()
        self.runner.stdout.close()
        self.runner.wait(30)

    def case(self, kind: str, data: Path, verb: str = "shut") -> "Case":
        """A case on the switch of this driver, its port up and its journal empty."""
        if kind not in self.switches:
            self.switches[kind] = self._switch(kind)
        state = self.switches[kind].state
        state.faults.set("none")
        for port in state.ports.values():
            port.admin_up, port.pvid, port.alias = True, 10, ""
        state.blocked.clear()
        state.save()
        state.reboot()
        state.journal.clear()
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        shutil.copy(self.root / "empty.db", data / "cordon.db")
        return Case(self, kind, data, state, verb)

    def ask(self, case: dict[str, str]) -> dict[str, Any]:
        """Let a fork of the runner do it."""
        assert self.runner is not None
        assert self.runner.stdin is not None
        assert self.runner.stdout is not None
        self.runner.stdin.write(json.dumps(case) + "\n")
        self.runner.stdin.flush()
        return dict(json.loads(self.runner.stdout.readline()))

    def config(self, kind: str, *, brief: bool = False) -> Path:
        """The configuration that names this driver's switch."""
        return self.root / kind / ("brief.yaml" if brief else "cordon.yaml")

    def _switch(self, kind: str) -> EmulatedSwitch:
        platform = kind.partition("-")[2] or "cisco_ios"
        named = DIALECTS[platform].port_name
        ports = [
            EmulatedPort(3 + n, named(n), bridge_port=24 - n, macs={MAC} if n == 1 else {f"02:77:00:00:01:0{n}"})
            for n in (1, 2, 3)
        ]
        state = SwitchState(kind, ports, SystemClock(), arp={ADDRESS: MAC}, oper_lag_s=0.0)
        switch = EmulatedSwitch(state, self.keys, dialect=platform)
        switch.start()
        self._write(kind, platform, switch)
        return switch

    def _write(self, kind: str, platform: str, switch: EmulatedSwitch) -> None:
        (self.root / kind).mkdir()
        self._write_one(kind, platform, switch, "cordon", PATIENT_S)
        self._write_one(kind, platform, switch, "brief", BRIEF_S)

    def _write_one(self, kind: str, platform: str, switch: EmulatedSwitch, name: str, timeout_s: float) -> None:
        keys, folder = self.keys, self.root / kind
        snmp = {
            "version": "3", "port": switch.snmp_port, "user": keys.v3_user, "auth_key": "env:T_AUTH",
            "priv_key": "env:T_PRIV", "retries": 0, "timeout_s": timeout_s,
        }  # fmt: skip
        ssh = {
            "username": keys.username, "port": switch.ssh_port, "password": "env:T_PASS", "enable": "env:T_ENABLE",
            "host_key": switch.host_key, "timeout_s": timeout_s,
        }  # fmt: skip
        napalm: dict[str, Any] = {"timeout_s": timeout_s}
        if switch.api is not None:
            (folder / "switch.pem").write_text(switch.api.certificate, encoding="ascii")
            user = {"username": keys.username, "password": "env:T_PASS", "enable": "env:T_ENABLE"}
            napalm |= {**user, "port": switch.api.port, "certificate": str(folder / "switch.pem")}
        entry = {
            "name": kind, "site": "lab", "address": switch.host, "platform": platform, "via": kind.partition("-")[0],
            "quarantine_vlan": 666, "quarantine_isolated": True, "snmp": snmp, "ssh": ssh, "napalm": napalm,
        }  # fmt: skip
        file = {"sites": [{"name": "lab", "mode": "auto"}], "switches": [entry]}
        settings = {"switches": f"{name}-switches.yaml", "containment": {"verify_timeout_s": 0.5, "retry_s": 0.001}}
        (folder / f"{name}-switches.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def _is_note(text: str) -> bool:
    return any(word in text for word in ("1.3.6.1.2.1.31.1.1.1.18", "description", "alias", "comment"))


@dataclass(frozen=True)
class Case:
    """One driver, one store of its own, one port."""

    world: World
    kind: str
    data: Path
    state: SwitchState
    verb: str

    def run(self, what: str, point: str = "never") -> dict[str, Any]:
        """Do it in a process of its own; how that ended, and what it said."""
        brief = self.state.faults.fault != "none"
        return self.world.ask(
            {
                "config": str(self.world.config(self.kind, brief=brief)), "data": str(self.data), "what": what,
                "address": ADDRESS, "verb": self.verb, "point": point,
            }
        )  # fmt: skip

    def is_up(self) -> bool:
        """What the switch itself has."""
        return self.port.admin_up and self.port.pvid == 10

    @property
    def port(self) -> EmulatedPort:
        """The accused port."""
        found = self.state.by_ifindex(IFINDEX)
        assert found is not None
        return found

    def effects(self) -> int:
        """Writes that changed the port, notes on it aside."""
        return sum(write.effect and not _is_note(write.text) for write in self.state.journal)

    def notes(self) -> int:
        """Writes that described the port."""
        return sum(write.effect and _is_note(write.text) for write in self.state.journal)

    def is_definite(self, state: str) -> bool:
        """The store says what the switch has, nothing is unsettled, and only the accused port was touched."""
        others = all(port.admin_up and port.pvid == 10 for port in self.state.ports.values() if port is not self.port)
        wanted = not self.is_up() if state == "contained" else state in ENDED and self.is_up()
        return wanted and others and not self.unsettled()

    def unsettled(self) -> bool:
        """The store does not know what the switch does."""
        return any(row["unsettled"] for row in self.rows())

    def rows(self) -> list[Any]:
        """Containments of the store."""
        store = open_store(f"sqlite:///{self.data / 'cordon.db'}")
        with store.reading() as connection:
            rows = list(containments.listed(connection))
        store.close()
        return rows
