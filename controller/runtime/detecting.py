"""The engine of the live service, with all that it asks and all that looks beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from controller.core.clock import Clock
from controller.core.sites import SwitchFile
from controller.inventory import Inventory
from detectors import fastwatch, observers
from detectors.address import Networks, packed, text
from detectors.engine import Engine

from . import anomaly, policies
from .catalog import SHIPPED, load_catalog
from .dark import InventoryDark
from .excepted import host_exceptions
from .kinds import InventoryKinds
from .learning import LearningObservers
from .roles import InventoryRoles
from .settings import Settings

ROLES_S, KINDS_S = 5.0, 60.0


class Detecting:
    """Built with what was learned before; importing and building it takes seconds where kernels are not compiled yet."""

    def __init__(self, settings: Settings, inventory: Inventory, file: SwitchFile, clock: Clock) -> None:
        fastwatch.warm()  # compiled or loaded by now: never at the first flow
        observers.warm()
        config = settings.detection
        catalog, internal = load_catalog(config.catalog or SHIPPED), Networks(config.internal)
        declared = {packed(ip): role for role, ips in config.hosts.items() for ip in ips}
        self._roles, self._kinds = InventoryRoles(inventory, text), InventoryKinds(inventory)
        self.dark = InventoryDark(config, inventory, file, clock)
        self.learning = LearningObservers(catalog, internal, declared, settings.data_dir, clock)
        self._looking = anomaly.of_site(config.anomaly_model, catalog, internal, self._roles)
        self._rules = policies.of_site(config, catalog, internal, declared, self._kinds)
        seers = [part.space for part in self.dark.parts]
        self.engine = Engine(
            catalog,
            internal=internal,
            roles=self._roles,
            host_roles=declared,
            dark=self.dark.space,
            exceptions=host_exceptions(config.exceptions, catalog.texts),
            observers=[*seers, *self.learning.observers, *self._looking, *self._rules],
        )
        self.engine.touch()
        self.learning.keep("risk", self.engine.risk)
        self.learning.keep("policy", *self._rules)
        self.learning.keep("dark", *self.dark.parts)

    def looks(self) -> Iterator[tuple[str, Callable[[], object], float]]:
        """What has to be looked at again and again: a name, how, and after how many seconds."""
        yield "roles", self._roles.refresh, ROLES_S
        if self._rules:
            yield "kinds", self._kinds.refresh, KINDS_S
        if self.dark.parts:
            yield "dark", self.dark.refresh, KINDS_S

    def counters(self) -> dict[str, Callable[[], Any]]:
        """Counts by the name of the part."""
        return {
            "engine": lambda: self.engine.counts,
            "dark": lambda: self.dark.counts,
            **anomaly.counters(self._looking),
            **policies.counters(self._rules),
            **self.learning.counters(),
        }
