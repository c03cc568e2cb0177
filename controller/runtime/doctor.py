"""What this machine and configuration have, and what they lack. Looks, and touches nothing."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from controller.core.clock import SystemClock
from controller.core.errors import CordonError
from controller.core.portname import nobodys
from controller.core.sites import SwitchEntry, SwitchFile, load_switches

from .check import check_everything
from .settings import Settings, load_settings

LEAST_FREE_BYTES = 1 << 30
MOST_NAMES = 8  # of ports, in one line
RMEM_MAX = Path("/proc/sys/net/core/rmem_max")


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: ok, warn or fail; what was looked at, what it says, and what to do about it."""

    state: str
    part: str
    says: str
    do: str = ""

    def to_json(self) -> dict[str, str]:
        """As an object."""
        return asdict(self)


def examine(path: Path, *, switches: bool) -> Iterator[Finding]:
    """Every look in turn; a failing one never hides the others."""
    yield Finding("ok", "python", f"{sys.version_info.major}.{sys.version_info.minor}")
    try:
        notes = check_everything(path)
        settings = load_settings(path)
        file = load_switches(settings.switches)
    except CordonError as error:
        yield Finding("fail", "configuration", str(error), error.do or "")
        return
    yield Finding("ok", "configuration", str(path))
    yield from (Finding("warn", "configuration", note) for note in notes)
    yield _data_dir(settings)
    yield _receive_buffer(settings)
    yield from _listeners(settings)
    yield _bus(settings)
    if switches:
        yield from _switches(file)


def _data_dir(settings: Settings) -> Finding:
    place = settings.data_dir
    existing = next(p for p in (place, *place.resolve().parents) if p.exists())
    free = shutil.disk_usage(existing).free
    says = f"{place}, {free / 2**30:.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        return Finding("fail", "disk", says, "the bus log and the database need at least 1 GiB")
    return Finding("ok", "disk", says)


def _receive_buffer(settings: Settings) -> Finding:
    asked = settings.collector.receive_buffer_bytes
    try:
        granted = int(RMEM_MAX.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return Finding("warn", "receive buffer", "the kernel does not say what it grants")
    if granted < asked:
        do = f"sysctl -w net.core.rmem_max={asked}"
        return Finding("warn", "receive buffer", f"{asked} bytes asked for, the kernel grants {granted}", do)
    return Finding("ok", "receive buffer", f"{asked} bytes a socket")


def _listeners(settings: Settings) -> Iterator[Finding]:
    for host, port in settings.collector.addresses():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, port))
            except OSError as error:
                do = "does cordon run already? then all is well"
                yield Finding("warn", "listener", f"udp {host}:{port}: {error.strerror}", do)
            else:
                yield Finding("ok", "listener", f"udp {host}:{port} is free")


def _bus(settings: Settings) -> Finding:
    from controller.bus.connect import greet

    try:
        greet(settings.bus, SystemClock(), settings.bus_options)
    except CordonError as error:
        return Finding("fail", "bus", f"{error.where}: {error.what}", error.do or "may this machine reach it?")
    return Finding("ok", "bus", settings.bus)


def _switches(file: SwitchFile) -> Iterator[Finding]:
    from controller.switches.registry import connect

    clock = SystemClock()
    for entry in file.switches:
        for via in ("snmp", "ssh", "napalm"):
            if entry.reads_by == via or (via != "napalm" and getattr(entry, via) is not None):
                yield _asked(f"{entry.name} over {via}", partial(connect, entry, clock, via))
        if entry.uplinks or entry.protected_ports:
            yield _named_ports(entry, partial(connect, entry, clock, entry.reads_by))
        if entry.coa is not None:
            yield Finding("ok", f"{entry.name} by coa", "configured; not tried, as every request would end a session")


def _named_ports(entry: SwitchEntry, make: Callable[[], Any]) -> Finding:
    """An uplink or a protected port that the switch does not have leaves the real one open to be shut."""
    part, driver = f"{entry.name} ports", None
    try:
        driver = make()
        names = [port.name for port in driver.ports() if port.name]
    except CordonError as error:
        return Finding("fail", part, f"not read: {error}", error.do or "")
    finally:
        if driver is not None:
            driver.close()
    for key, written in (("uplinks", entry.uplinks), ("protected_ports", entry.protected_ports)):
        if wrong := nobodys(written, names):
            shown = ", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
            return Finding("fail", part, f"{key}: no port is called {', '.join(wrong)}", f"it has {shown}")
    return Finding("ok", part, "uplinks and protected_ports are ports that it has")


def _asked(part: str, make: Callable[[], Any]) -> Finding:
    driver = None
    try:
        driver = make()
        facts = driver.facts()
    except CordonError as error:
        return Finding("fail", part, str(error), error.do or "")
    finally:
        if driver is not None:
            driver.close()
    return Finding("ok", part, f"{facts.sys_name}, up {facts.uptime_ms / 3_600_000:.1f} h")
