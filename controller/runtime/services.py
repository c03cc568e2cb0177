"""The one place that builds and wires parts. What is built is inert; `start` starts, `stop` stops, in the right order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from controller.bus.connect import open_bus
from controller.bus.embedded import EmbeddedBus
from controller.bus.port import Bus
from controller.containment import Containment, Parts
from controller.containment.parts import Observer, ignore
from controller.core.clock import Clock, SystemClock
from controller.core.errors import UsageError
from controller.core.precedence import Precedence, nobody
from controller.core.secrets import reveal
from controller.core.sites import SwitchFile, load_switches
from controller.inventory import Inventory
from controller.store import Store, alerts, open_store

from .choose import RequestOfAlert, load_playbooks
from .drivers import Drivers
from .loop import Loop
from .rulebook import FileRulebook
from .settings import Settings

ROLES = ("collect", "detect", "respond", "web")
RECONCILE_S, SIGHTINGS_S, EXPORTERS_S, WORK_S = 60.0, 5.0, 5.0, 0.25


class Services:
    """Everything of one process. Parts that a role does not need are not built."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, observer: Observer = ignore) -> None:
        self.settings, self.clock = settings, clock or SystemClock()
        self.file: SwitchFile = load_switches(settings.switches)
        self.rulebook = FileRulebook(self.file)
        self.playbooks = load_playbooks(settings.playbooks)
        self.store: Store = open_store(settings.store_url)
        self.precedence = Precedence()
        self._give_way = self.precedence.give_way
        self._drivers = Drivers(self.file, settings.switches, self.clock)
        self.inventory = Inventory(self.file, self._drivers.reader, settings.inventory, self.clock)
        self.containment = Containment(
            Parts(
                store=self.store,
                inventory=self.inventory,
                drivers=self._drivers.writer,
                rulebook=self.rulebook,
                playbooks=self.playbooks,
                config=settings.containment,
                clock=self.clock,
                observer=observer,
                precedence=self.precedence,
            )
        )
        self._bus: Bus | None = None
        self._loops: list[Loop] = []
        self._closing: list[Callable[[], Any]] = []
        self._warnings: list[Callable[[], list[str]]] = []
        self.counters: dict[str, Callable[[], Any]] = {
            **self.containment.counters(),
            "inventory": lambda: self.inventory.counts,
            "precedence": lambda: self.precedence.counts,
        }
        self.addresses: dict[str, Any] = {}

    @property
    def bus(self) -> Bus:
        """The bus, opened at the first use."""
        if self._bus is None:
            settings = self.settings
            self._bus = open_bus(settings.bus, settings.data_dir, self.clock, settings.bus_options)
            if isinstance(self._bus, EmbeddedBus):
                self.counters["bus"] = self._bus.counts
        return self._bus

    def start(self, roles: tuple[str, ...] = ROLES) -> None:
        """Start the parts of these roles, those that receive first: a missing listener costs templates and flows."""
        unknown = set(roles) - set(ROLES)
        if unknown:
            raise UsageError(f"there is no role {', '.join(sorted(unknown))}", do=f"one of {', '.join(ROLES)}")
        if "collect" in roles:
            self._start_collect(metrics="web" not in roles)
        if "respond" in roles or "detect" in roles:
            self.inventory.refresh()
            self._loop("inventory", self.inventory.poll, idle_s=1.0)
            self._start_traps()
        elif "collect" in roles and self.settings.collector.ask_switches and self.file.switches:
            self._loop("inventory", self.inventory.poll, idle_s=1.0)
        if "respond" in roles:
            self._start_respond()
        if "detect" in roles:
            self._start_detect()
        if "web" in roles:
            self._start_web()

    def stop(self) -> None:
        """Stop what was started, the last first; nothing that was taken is lost, and what cannot be closed keeps nothing else
        open."""
        for loop in reversed(self._loops):
            loop.stop()
        with ExitStack() as closing:
            for close in (self.store.close, self._drivers.close, *self._closing):
                closing.callback(close)

    def health(self) -> dict[str, Any]:
        """Whether every loop's last turn went well, and what is amiss outside: `warnings`, sentences."""
        failing = {loop.name: loop.counts.last_failure for loop in self._loops if loop.failing}
        return {"ok": not failing, "failing": failing, "warnings": [text for told in self._warnings for text in told()]}

    def work(self) -> int:
        """Drive every containment on."""
        return self.containment.work()

    def _start_traps(self) -> None:
        from .trapping import trap_receiver

        if self.settings.traps.listen:
            receiver = trap_receiver(self.settings.traps, self.file, self.inventory, self.clock)
            receiver.start()
            self.addresses["traps"] = receiver.addresses
            self._loop("traps", receiver.turn)
            self._closing.append(receiver.stop)
            self.counters["traps"] = lambda: receiver.counts

    def _start_collect(self, *, metrics: bool) -> None:
        from .collecting import Collecting

        part = Collecting(self.settings, self.bus, self.file, self.inventory, self.clock, give_way=self._give_way)
        part.start()
        self.addresses["collect"] = part.collector.addresses
        self._closing.append(part.stop)
        self._warnings.append(part.warnings)
        self.counters |= part.counters()
        self._loop("exporters", part.look, idle_s=EXPORTERS_S)
        if metrics and self.settings.collector.metrics_listen:
            from .metrics import serve

            self._closing.append(serve(self.settings.collector.metrics_listen, self.counters))

    def _start_detect(self) -> None:
        from controller.bus.codec import decode

        from .detect import DetectWorker
        from .detecting import Detecting
        from .headsup import HeadsUp

        part = Detecting(self.settings, self.inventory, self.file, self.clock)
        worker = DetectWorker(
            self.bus,
            part.engine,
            lambda message: decode(message.payload, message.headers),
            writer="detector",
            lookback_ms=self.settings.detection.lookback_s * 1000,
            give_way=self._give_way,
            heads_up=HeadsUp(self.containment, self.clock),
        )

        def turn() -> None:
            part.dark.turn()
            worker.turn()
            part.learning.turn(worker.settle)

        self._loop("detect", turn)
        for name, look, idle_s in part.looks():
            self._loop(name, look, idle_s=idle_s)
        self._warnings.append(part.dark.warnings)
        self._closing += [worker.close, part.learning.save, worker.settle]  # the last first
        self.counters |= {"detect": lambda: worker.counts, **part.counters()}

    def _start_respond(self) -> None:
        from .respond import RespondWorker
        from .sightings import SightingKeeper
        from .warm import WARM_S, WarmSessions

        warm = WarmSessions(self.file, self._drivers.writer, self.clock)
        warm.load()
        self.containment.start()
        self._loop("work", self.containment.dispatch, idle_s=WORK_S)
        worker = RespondWorker(
            self.bus,
            record=self._record_alert,
            flush=self.store.flush,
            request_for=RequestOfAlert(self.playbooks, self.rulebook.site_of_agent, self.clock),
            door=self.containment,
            give_way=self._give_way,
        )
        self._loop("respond", worker.turn)
        keeper = SightingKeeper(self.inventory, self.store, self.file)
        self._loop("sightings", keeper.turn, idle_s=SIGHTINGS_S)
        self._loop("reconcile", self.containment.reconcile, idle_s=RECONCILE_S)
        self._loop("sessions", warm.turn, idle_s=WARM_S)
        self._closing += [worker.close, self.containment.stop]
        self.counters |= {
            "respond": lambda: worker.counts,
            "sightings": lambda: keeper.counts,
            "sessions": lambda: warm.counts,
        }

    def _start_web(self) -> None:
        from controller.feeds.signature import key_of
        from controller.web.app import WebServices, create_app
        from controller.web.intake import Intake
        from controller.web.server import WebServer

        from .metrics import render

        settings = self.settings
        keys = [
            key_of(reveal(ref, where="webhook.secrets"), where="webhook.secrets") for ref in settings.webhook.secrets
        ]
        intake = Intake(settings.webhook, keys, self.store, self.containment, self.clock)
        self.counters["intake"] = lambda: intake.counts
        services = WebServices(
            store=self.store,
            intake=intake,
            tokens=[reveal(ref, where="web.tokens") for ref in settings.web.tokens],
            most_bytes=settings.webhook.most_bytes,
            wake=self._wake,
            health=self.health,
            metrics=lambda: render(self.counters),
        )
        server = WebServer(settings.web, create_app(services), self.clock)
        server.start()
        self.addresses["web"] = server.url
        self._closing.append(server.stop)

    def _wake(self) -> None:
        for loop in self._loops:
            if loop.name == "work":
                loop.wake()

    def _loop(self, name: str, turn: Callable[[], object], *, idle_s: float = 0.0) -> Loop:
        # Those that rest between their turns have time; the others know themselves what is urgent.
        loop = Loop(name, turn, idle_s=idle_s, give_way=self._give_way if idle_s else nobody)
        loop.start()
        self._loops.append(loop)
        return loop

    def _record_alert(self, alert: Any) -> bool:
        site = self.rulebook.site_of_agent(alert["exporter"]) if alert.get("exporter") else None
        with self.store.transaction(durable=False) as tx:  # the responder flushes before the bus may forget it
            return alerts.record(tx, alert, site=site, now_ms=self.clock.now_ms())


def build(path: Path | None, *, clock: Clock | None = None) -> Services:
    """Services of a configuration file."""
    from .settings import load_settings

    return Services(load_settings(path), clock=clock)
