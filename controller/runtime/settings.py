"""The whole configuration: each part owns its section; YAML < environment (CORDON_WEB__PORT=8080) < command line."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from controller.bus.config import BusConfig
from controller.bus.connect import brokers_of
from controller.collector.config import CollectorConfig
from controller.containment.config import ContainmentConfig
from controller.core import yamlfile
from controller.core.complaints import Key, at_key
from controller.core.errors import ConfigError
from controller.core.sites import Section
from controller.feeds.config import WebhookConfig
from controller.inventory.config import InventoryConfig
from controller.switches.traps.config import TrapConfig
from controller.web.config import WebConfig
from detectors.address import INTERNAL

from .darkconfig import DarkConfig

PREFIX = "CORDON_"
LISTS = ("listen", "exporters", "secrets", "tokens")  # keys whose value in the environment is split at commas


class ExceptionConfig(Section):
    """What one host may do although it looks like an attack, and until when."""

    address: str
    # The detector that leaves it alone; `*` is every one.
    detector: str = "*"
    # When the exception ends; without a time zone it is UTC.
    until: datetime
    # The person to ask.
    owner: str = Field(min_length=1)
    reason: str = ""

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        ip_address(value)
        return value


class DetectionConfig(Section):
    """What the detectors are told beside the catalog."""

    # What counts as inside: only traffic between two inside addresses is looked at.
    internal: tuple[str, ...] = INTERNAL
    # Another catalog of thresholds than the shipped one.
    catalog: Path | None = None
    # Declared hosts: role to addresses. The catalog says what each role softens: nms and scanner are never accused of scanning.
    hosts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    # The site's model for the anomaly detector, made by `cordon detector train`. Without one it does not look.
    anomaly_model: Path | None = None
    # The site's own rules of who may talk to whom (docs/detection.md has the form). Without them nothing is looked at.
    policy: Path | None = None
    # What single hosts are allowed, by whom and until when.
    exceptions: tuple[ExceptionConfig, ...] = ()
    # Addresses that nobody has: contacts that go there fail, though nobody sees it (docs/detection.md).
    dark: DarkConfig = DarkConfig()
    # How far back a worker reads again to rebuild its state.
    lookback_s: int = Field(default=900, ge=0, le=86_400)

    @field_validator("internal")
    @classmethod
    def _are_prefixes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, prefix in enumerate(value):
            with at_key((number,)):
                ip_network(prefix, strict=False)
        return value

    @field_validator("hosts")
    @classmethod
    def _are_addresses(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for role, addresses in value.items():
            for number, address in enumerate(addresses):
                with at_key((role, number)):
                    ip_address(address)
        return value


class Settings(Section):
    """cordon.yaml."""

    # Bus log and database live here.
    data_dir: Path = Path("cordon-data")
    # The file with sites and switches; relative to this file.
    switches: Path = Path("switches.yaml")
    # `embedded`, or kafka://host:port[,host:port].
    bus: str = "embedded"
    # SQLAlchemy address; default: cordon.db in data_dir.
    store: str | None = None
    # A folder of playbooks beside the shipped ones.
    playbooks: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    collector: CollectorConfig = CollectorConfig()
    bus_options: BusConfig = BusConfig()
    detection: DetectionConfig = DetectionConfig()
    inventory: InventoryConfig = InventoryConfig()
    traps: TrapConfig = TrapConfig()
    containment: ContainmentConfig = ContainmentConfig()
    webhook: WebhookConfig = WebhookConfig()
    web: WebConfig = WebConfig()

    @field_validator("bus")
    @classmethod
    def _is_bus(cls, value: str) -> str:
        try:
            brokers_of(value)
        except ConfigError as error:
            raise ValueError(f"{error.what}: {error.do}") from None
        return value

    @property
    def store_url(self) -> str:
        """Address of the database."""
        return self.store or f"sqlite:///{self.data_dir.resolve() / 'cordon.db'}"


def load_settings(path: Path | None, environment: dict[str, str] | None = None) -> Settings:
    """Settings of a file and the environment; without a file the defaults. ConfigError says what is wrong where."""
    return _anchored(document_of(path, environment).checked(Settings), path)


def document_of(path: Path | None, environment: dict[str, str] | None = None) -> yamlfile.Document:
    """What a file and the environment say, not checked yet, and where each key stands."""
    document = yamlfile.read(path) if path else yamlfile.Document(Path("defaults"), {}, {})
    data = document.data if document.data is not None else {}
    if not isinstance(data, dict):
        raise ConfigError("is no mapping of sections", where=str(path))
    above, names = _from_environment(os.environ if environment is None else environment)
    return replace(document, data=_merge(data, above), elsewhere=names)


def _anchored(settings: Settings, path: Path | None) -> Settings:
    """Relative paths are relative to the file they stand in."""
    base = path.parent if path else Path()
    changes: dict[str, Any] = {"switches": base / settings.switches, "data_dir": base / settings.data_dir}
    names = ("catalog", "anomaly_model", "policy")
    files = {name: base / path for name in names if (path := getattr(settings.detection, name))}
    changes["detection"] = settings.detection.model_copy(update=files)
    if settings.playbooks:
        changes["playbooks"] = base / settings.playbooks
    if tls := settings.bus_options.tls:
        pems = {name: base / path for name in ("ca", "certificate", "key") if (path := getattr(tls, name))}
        changes["bus_options"] = settings.bus_options.model_copy(update={"tls": tls.model_copy(update=pems)})
    return settings.model_copy(update=changes)


def _from_environment(environment: Any) -> tuple[dict[str, Any], dict[Key, str]]:
    """`CORDON_WEB__PORT=8080` as {"web": {"port": "8080"}} for the names there are, and which name said it."""
    found: dict[str, Any] = {}
    names: dict[Key, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if section not in Settings.model_fields:
            continue  # other programs' names may begin like ours
        names[(section, key) if key else (section,)] = f"environment {name}"
        if key:
            found.setdefault(section, {})[key] = value.split(",") if key in LISTS else value
        else:
            found[section] = value
    return found, names


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        merged[key] = {**inner, **value} if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
