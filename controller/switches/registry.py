"""Which driver a switch gets: the way in its entry names, or another one that it has access data for."""

from __future__ import annotations

from controller.core.clock import Clock
from controller.core.errors import ConfigError
from controller.core.sites import CoaAccess, SnmpAccess, SwitchEntry

from .driver import Driver
from .session import Session, SnmpSession


def connect(entry: SwitchEntry, clock: Clock, via: str | None = None) -> Driver:
    """A driver, inert until its first call. ConfigError if the entry has no access data for that way in."""
    if entry.coa is not None and (via or entry.via) == entry.via:
        return _with_coa(entry, entry.coa, clock)
    return _ordinary(entry, clock, via or entry.via)


def _with_coa(entry: SwitchEntry, access: CoaAccess, clock: Clock) -> Driver:
    from .coa.client import CoaClient  # noqa: PLC0415
    from .coa.driver import CoaDriver  # noqa: PLC0415

    client = CoaClient(entry.name, entry.address, access, clock)
    inner = _ordinary(entry, clock, entry.reads_by)
    return CoaDriver(inner, client, access, entry.address, alone=entry.via == "coa")


def _ordinary(entry: SwitchEntry, clock: Clock, way: str) -> Driver:
    if way == "snmp" and entry.snmp is not None:
        from .snmp import SnmpDriver  # noqa: PLC0415

        return SnmpDriver(entry, _snmp_session(entry, entry.snmp, clock), clock)
    if way == "ssh" and entry.ssh is not None:
        from .shell import ShellSession  # noqa: PLC0415 netmiko is heavy
        from .ssh import SshDriver  # noqa: PLC0415
        from .vendor import load_vendor  # noqa: PLC0415

        vendor = load_vendor(entry.platform)
        return SshDriver(entry, vendor, ShellSession(entry.name, entry.address, entry.ssh, vendor), clock)
    if way == "napalm":
        from .napalm.access import Access  # noqa: PLC0415
        from .napalm.driver import NapalmDriver  # noqa: PLC0415
        from .napalm.session import NapalmSession  # noqa: PLC0415
        from .vendor import load_vendor  # noqa: PLC0415

        known = load_vendor(entry.platform)
        return NapalmDriver(entry, known, NapalmSession(entry.name, Access(entry), known), clock)
    raise ConfigError(f"has no {way} section", where=f"switch {entry.name}", do=f"add {way}: ... to the switch file")


def _snmp_session(entry: SwitchEntry, access: SnmpAccess, clock: Clock) -> Session:
    if access.library == "pysnmp":
        from .pysnmpsession import PysnmpSession  # noqa: PLC0415 pysnmp is heavy

        return PysnmpSession(entry.name, entry.address, access)
    return SnmpSession(entry.name, entry.address, access, clock)
