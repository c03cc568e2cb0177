"""Reading everything a configuration names, without starting anything: what `cordon config check` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from controller.core import yamlfile
from controller.core.complaints import Key
from controller.core.errors import ConfigError, together
from controller.core.files import named_by
from controller.core.secrets import reveal
from controller.core.sites import Mode, SwitchFile, load_switches

from .checkswitch import check_switch
from .settings import Settings, document_of, load_settings


class Complaints:
    """What is wrong so far: a part that cannot work never hides what is wrong with another."""

    def __init__(self) -> None:
        self.errors: list[ConfigError] = []

    @contextmanager
    def about(self, place: str) -> Iterator[None]:
        """Gather what is raised inside: it is about this place (file:line: key)."""
        try:
            yield
        except ConfigError as error:
            self.errors.append(ConfigError(error.what, where=place, do=error.do))

    @contextmanager
    def of_other_file(self, key: str) -> Iterator[None]:
        """Gather what is raised inside: it is about the file that `key` names, and says itself where in that."""
        try:
            with named_by(key):
                yield
        except ConfigError as error:
            self.errors.append(error)


def check_everything(path: Path) -> list[str]:
    """Notes on what is allowed but worth knowing; ConfigError with everything that cannot work, a line each."""
    document, settings = document_of(path), load_settings(path)
    found = Complaints()
    _check_files(settings, document, found)
    for key, look in _secrets(settings):
        with found.about(document.place(key)):
            look()
    file = None
    with found.of_other_file("switches"):
        file = load_switches(settings.switches)
        _check_switches(settings.switches, file, found)
        for key, error in settings.detection.dark.unknown(file):
            with found.about(document.place(("detection", "dark", *key))):
                raise error
    if found.errors or file is None:
        raise together(found.errors)
    return list(_notes(settings, file))


def _check_switches(path: Path, file: SwitchFile, found: Complaints) -> None:
    written = yamlfile.read(path)
    for number, entry in enumerate(file.switches):
        for key, look in check_switch(entry):
            named = " ".join((f"switch {entry.name}", ".".join(key))).strip()
            with found.about(f"{written.where(('switches', number, *key))}: {named}"):
                look()


def _check_files(settings: Settings, document: yamlfile.Document, found: Complaints) -> None:
    from controller.bus.kafkasecurity import context

    from . import policies
    from .catalog import SHIPPED, load_catalog
    from .choose import load_playbooks
    from .excepted import host_exceptions

    detection = settings.detection
    if settings.playbooks is not None and not settings.playbooks.is_dir():
        with found.about(document.place(("playbooks",))):
            raise ConfigError("is no folder", do=f"{settings.playbooks} was looked for")
    if settings.bus_options.tls is not None:
        with found.about(document.place(("bus_options", "tls"))):
            context(settings.bus_options.tls)
    with found.of_other_file("playbooks"):
        load_playbooks(settings.playbooks)
    catalog = None
    with found.of_other_file("detection.catalog"):
        catalog = load_catalog(detection.catalog or SHIPPED)
    if catalog is None:
        return
    if detection.policy:
        with found.of_other_file("detection.policy"):
            policies.configured(detection, catalog)
    for number, exception in enumerate(detection.exceptions):
        with found.about(document.place(("detection", "exceptions", number, "detector"))):
            host_exceptions([exception], catalog.texts)
    if detection.anomaly_model and not detection.anomaly_model.is_file():
        with found.about(document.place(("detection", "anomaly_model"))):
            raise ConfigError("there is no such file", do="`cordon detector train` makes one")


def _secrets(settings: Settings) -> Iterator[tuple[Key, Callable[[], object]]]:
    for number, reference in enumerate(settings.webhook.secrets):
        yield ("webhook", "secrets", number), partial(_webhook_key, reference)
    for number, reference in enumerate(settings.web.tokens):
        yield ("web", "tokens", number), partial(reveal, reference, where="")
    if settings.bus_options.sasl is not None:
        yield ("bus_options", "sasl", "password"), partial(reveal, settings.bus_options.sasl.password, where="")
    if settings.traps.community is not None:
        yield ("traps", "community"), partial(reveal, settings.traps.community, where="")


def _webhook_key(reference: str) -> object:
    from controller.feeds.signature import key_of

    return key_of(reveal(reference, where=""), where="")


def _budgets(settings: Settings) -> Iterator[str]:
    """Allowed, as a network may have so many attackers; but so large that they hold nothing back."""
    limits = settings.containment.limits
    for key, value, most in (
        ("containment.limits.per_switch", limits.per_switch, 48),
        ("containment.limits.per_site", limits.per_site, 200),
        ("containment.bulk_alerts", settings.containment.bulk_alerts, 200),
    ):
        if value > most:
            yield f"{key}: {value} is no budget any more: it holds back nothing that goes wrong"


def _notes(settings: Settings, file: SwitchFile) -> Iterator[str]:
    observing = [site.name for site in file.sites if site.mode is Mode.OBSERVE]
    if observing:
        yield f"nothing is done by itself at {', '.join(observing)}: mode observe"
    yield from _budgets(settings)
    if not settings.webhook.secrets:
        yield "no platform can post requests: webhook.secrets is empty"
    if not settings.web.tokens:
        yield "nobody can read over the API: web.tokens is empty"
    for entry in file.switches:
        if entry.via == "napalm" and entry.napalm is not None and entry.napalm.transport == "http":
            yield f"switch {entry.name}: its password crosses the network in clear (napalm.transport: http)"
    if not file.protected:
        yield "no protected asset is listed: life support and servers belong under `protected`"
