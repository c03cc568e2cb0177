"""Identity and uptime of a device, by its version command."""

from __future__ import annotations

import re
from collections.abc import Callable

from controller.core.errors import DeviceError, Unsupported
from controller.core.tables import DeviceFacts

from .vendor import Vendor

UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}


def device_facts(
    vendor: Vendor, show: Callable[[str], str], prompt_name: Callable[[], str], switch: str
) -> DeviceFacts:
    """Name, first line of the version, uptime to the minute. `prompt_name`: what it calls itself, where the version does not."""
    read = vendor.reads.version
    if read is None:
        raise Unsupported("the vendor file does not say how to read the version", where=switch)
    text = show(read.command)
    name, uptime = re.search(read.name, text) if read.name else None, re.search(read.uptime, text)
    if uptime is None:  # never 0, which would read as a reboot just now
        raise DeviceError(f"the output of {read.command!r} shows no uptime", where=switch)
    # Counted to the end of the minute: a device is never taken for rebooted because the display is coarse.
    uptime_ms = uptime_of(uptime.group(1)) + 59_999
    called = name.group(1) if name else prompt_name() or switch
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return DeviceFacts(called, lines[0] if lines else "", uptime_ms)


def uptime_of(text: str) -> int:
    """Milliseconds of `1 week, 2 days`, `1w2d`, `2 days 03:04:05`, `2:03:04:05`."""
    found = re.findall(r"(\d+)\s*(y|w|d|h|m)(?!s)", text.lower())
    clock = re.search(r"\b(?:(\d+):(?=\d+:\d+:))?(\d+):(\d\d)(?::(\d\d))?\b", text)
    clock_ms = (int(clock[1] or 0) * 1440 + int(clock[2]) * 60 + int(clock[3])) * 60_000 if clock else 0
    return clock_ms + sum(int(number) * UNITS_MS[unit] for number, unit in found)
