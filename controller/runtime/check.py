"""Reading everything a configuration names, without starting anything: what `cordon config check` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from controller.core.errors import ConfigError
from controller.core.secrets import reveal
from controller.core.sites import Mode, NapalmAccess, SwitchEntry, SwitchFile, load_switches

from .settings import Settings, load_settings


def check_everything(path: Path) -> list[str]:
    """Notes on what is allowed but worth knowing; ConfigError for the first thing that cannot work."""
    from controller.bus.connect import brokers_of

    from .catalog import SHIPPED, load_catalog
    from .choose import load_playbooks

    settings = load_settings(path)
    brokers_of(settings.bus)
    file = load_switches(settings.switches)
    load_playbooks(settings.playbooks)
    catalog = load_catalog(settings.detection.catalog or SHIPPED)
    if settings.detection.policy:
        from . import policies

        policies.configured(settings.detection, catalog)
    _check_secrets(settings)
    for entry in file.switches:
        _check_switch(entry)
    return list(_notes(settings, file))


def _check_secrets(settings: Settings) -> None:
    from controller.feeds.signature import key_of

    for reference in settings.webhook.secrets:
        key_of(reveal(reference, where="webhook.secrets"), where="webhook.secrets")
    for reference in settings.web.tokens:
        reveal(reference, where="web.tokens")


def _check_switch(entry: SwitchEntry) -> None:
    where = f"switch {entry.name}"
    if entry.via == "coa" and entry.coa is None:
        raise ConfigError("has no coa section", where=where, do="add coa: ... to the switch file")
    if entry.coa is not None:
        reveal(entry.coa.secret, where=f"{where} coa.secret")
    if entry.reads_by == "napalm":
        _check_napalm(entry, where)
    elif getattr(entry, entry.reads_by) is None and entry.via == "coa":
        raise ConfigError(
            "CoA needs a way in that reads", where=where, do="add snmp, ssh or napalm: an ACK proves nothing"
        )
    elif getattr(entry, entry.reads_by) is None:
        raise ConfigError(f"has no {entry.via} section", where=where, do=f"add {entry.via}: ... to the switch file")
    if entry.snmp:
        for name in ("community", "auth_key", "priv_key"):
            _reveal_if_given(getattr(entry.snmp, name), f"{where} snmp.{name}")
    if entry.ssh:
        from controller.switches.vendor import load_vendor

        load_vendor(entry.platform)
        for name in ("password", "enable"):
            _reveal_if_given(getattr(entry.ssh, name), f"{where} ssh.{name}")
        if not entry.ssh.host_key and not (entry.ssh.known_hosts and entry.ssh.known_hosts.is_file()):
            raise ConfigError(
                "has no host key to check", where=where, do="give ssh.host_key, or ssh.known_hosts that exists"
            )


def _check_napalm(entry: SwitchEntry, where: str) -> None:
    from controller.switches.napalm.access import trust
    from controller.switches.napalm.platforms import platform_of

    platform, access = platform_of(entry.platform, where=where), entry.napalm or NapalmAccess()
    if platform.reach == "ssh":
        if entry.ssh is None:
            raise ConfigError(f"napalm reaches {entry.platform} over SSH", where=f"{where} ssh", do="add ssh: ...")
        if entry.ssh.jump is not None:
            raise ConfigError("NAPALM cannot use a jump host", where=f"{where} ssh.jump", do="via: ssh can")
        return
    for name in ("username", "password"):
        if getattr(access, name) is None:
            raise ConfigError(
                f"{entry.platform} needs it for its API", where=f"{where} napalm.{name}", do=f"add {name}"
            )
    _reveal_if_given(access.password, f"{where} napalm.password")
    _reveal_if_given(access.enable, f"{where} napalm.enable")
    if access.transport == "https":
        trust(access, where)


def _reveal_if_given(reference: str | None, where: str) -> None:
    if reference is not None:
        reveal(reference, where=where)


def _notes(settings: Settings, file: SwitchFile) -> Iterator[str]:
    observing = [site.name for site in file.sites if site.mode is Mode.OBSERVE]
    if observing:
        yield f"nothing is done by itself at {', '.join(observing)}: mode observe"
    if not settings.webhook.secrets:
        yield "no platform can post requests: webhook.secrets is empty"
    if not settings.web.tokens:
        yield "nobody can read over the API: web.tokens is empty"
    for entry in file.switches:
        if entry.via == "napalm" and entry.napalm is not None and entry.napalm.transport == "http":
            yield f"switch {entry.name}: its password crosses the network in clear (napalm.transport: http)"
    if not file.protected:
        yield "no protected asset is listed: life support and servers belong under `protected`"
