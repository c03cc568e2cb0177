"""When a flow began and ended, in whichever of nine forms an exporter says it (RFC 3954 section 8, RFC 7011 section 6.1)."""

from __future__ import annotations

from controller.collector.datagram import Row
from detectors.flow import Has, Version

from .options import SYSTEM_INIT, number
from .store import About, Origin
from .template import Values

NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
# (first, last) elements: epoch milliseconds, epoch seconds, NTP fractions of micro- and nanoseconds, uptime
MILLISECONDS, SECONDS, MICROSECONDS, NANOSECONDS, UPTIME = (152, 153), (150, 151), (154, 155), (156, 157), (22, 21)


def times(origin: Origin, values: Values, about: About, found: Row) -> None:
    """Set first_ms and last_ms, as far as they can be known."""
    first, last = (_moment(origin, values, about, place) for place in (0, 1))
    if first is None and last is None:
        return
    found["first_ms"], found["last_ms"] = last if first is None else first, first if last is None else last
    found["has"] |= Has.TIMES | (Has.NO_FIRST if first is None else Has.NO_LAST if last is None else 0)


def _moment(origin: Origin, values: Values, about: About, place: int) -> int | None:
    value = number(values, MILLISECONDS[place])
    if value is not None:
        return _sane(value)
    value = number(values, SECONDS[place])
    if value is not None:
        return _sane(value * 1000)
    for elements in (MICROSECONDS, NANOSECONDS):
        value = number(values, elements[place])
        if value is not None:
            return _sane(((value >> 32) - NTP_EPOCH_S) * 1000 + ((value & 0xFFFF_FFFF) * 1000 >> 32))
    value = number(values, UPTIME[place])
    return None if value is None else _by_uptime(origin, values, about, value)


def _by_uptime(origin: Origin, values: Values, about: About, uptime_ms: int) -> int | None:
    if origin.session[1] == Version.V9:
        return origin.export_ms - _signed(origin.uptime_ms - uptime_ms)
    started = number(values, SYSTEM_INIT) or about.started_ms
    return None if started is None else _sane(started + uptime_ms)


def _signed(difference: int) -> int:
    """Modulo 2^32 as a signed number: uptimes wrap after 49.7 days."""
    difference &= 0xFFFF_FFFF
    return difference - (1 << 32) if difference >= 1 << 31 else difference


def _sane(value: int) -> int | None:
    """Within what a column can hold."""
    return value if -(1 << 62) < value < 1 << 62 else None
