"""The world of the demo: three emulated switches, a configuration in a temporary folder, and the services that run on it."""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from pathlib import Path
from types import TracebackType

import yaml

from controller.core.clock import Clock
from controller.emulate import Credentials, EmulatedSwitch, agent_address, site_of_lab

from .services import Services
from .settings import load_settings

SSH_SWITCHES = frozenset({"sw2"})  # acted on over SSH; the others over SNMP


class DemoWorld:
    """Everything on loopback, in one process; gone when it is closed. `root` may be given to keep the folder."""

    def __init__(self, clock: Clock, *, bus: str = "embedded", root: Path | None = None, mode: str = "auto") -> None:
        self.clock, self._bus, self._mode = clock, bus, mode
        self._temporary = None if root else tempfile.TemporaryDirectory(prefix="cordon-demo-")
        self.root = root or Path(self._temporary.name if self._temporary else ".")
        self.credentials = Credentials()
        self.switches = [EmulatedSwitch(state, self.credentials) for state in site_of_lab(clock)]
        self.webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.token = secrets.token_urlsafe(24)
        self.services: Services | None = None

    def __enter__(self) -> DemoWorld:
        for switch in self.switches:
            switch.start()
        self._publish_secrets()
        self._write_files()
        self.services = Services(load_settings(self.root / "cordon.yaml", {}), clock=self.clock)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self.services is not None:
            self.services.stop()
        for switch in self.switches:
            switch.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    def switch(self, name: str) -> EmulatedSwitch:
        """An emulated switch by name."""
        return next(s for s in self.switches if s.state.name == name)

    def _publish_secrets(self) -> None:
        """Secrets come by reference here too: from this process's environment."""
        keys = self.credentials
        os.environ.update(
            CORDONDEMO_COMMUNITY=keys.community_rw,
            CORDONDEMO_AUTH=keys.v3_auth_key,
            CORDONDEMO_PRIV=keys.v3_priv_key,
            CORDONDEMO_PASSWORD=keys.password,
            CORDONDEMO_ENABLE=keys.enable,
            CORDONDEMO_WEBHOOK=self.webhook_secret,
            CORDONDEMO_TOKEN=self.token,
        )

    def _write_files(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        switches = [self._entry(number, switch) for number, switch in enumerate(self.switches, start=1)]
        file = {
            "sites": [{"name": "lab", "mode": self._mode}],
            "protected": [{"mac": "02:77:00:00:00:05", "why": "ventilator, ward 3"}],
            "switches": switches,
        }
        settings = {
            "data_dir": "data",
            "switches": "switches.yaml",
            "bus": self._bus,
            "log_level": "warning",
            "collector": {"listen": ["127.0.0.1:0"]},
            "web": {"host": "127.0.0.1", "port": 0, "tokens": ["env:CORDONDEMO_TOKEN"]},
            "webhook": {"secrets": ["env:CORDONDEMO_WEBHOOK"]},
        }
        (self.root / "switches.yaml").write_text(yaml.safe_dump(file, sort_keys=False), encoding="utf-8")
        (self.root / "cordon.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def _entry(self, number: int, switch: EmulatedSwitch) -> dict[str, object]:
        return {
            "name": switch.state.name,
            "site": "lab",
            "address": switch.host,
            "agent": agent_address(number),
            "platform": "cisco_ios",
            "via": "ssh" if switch.state.name in SSH_SWITCHES else "snmp",
            "uplinks": ["up1"],
            "quarantine_vlan": 666,
            "quarantine_isolated": True,
            "snmp": {
                "version": "3",
                "port": switch.snmp_port,
                "user": self.credentials.v3_user,
                "timeout_s": 15.0,  # a machine with other work answers late
                "auth_key": "env:CORDONDEMO_AUTH",
                "priv_key": "env:CORDONDEMO_PRIV",
            },
            "ssh": {
                "username": self.credentials.username,
                "port": switch.ssh_port,
                "password": "env:CORDONDEMO_PASSWORD",
                "enable": "env:CORDONDEMO_ENABLE",
                "host_key": switch.host_key,
            },
        }
