"""Maintenance windows: when people work on a network, nothing acts by itself, or only with their approval."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is no time zone; for example Asia/Shanghai, Europe/Berlin, UTC") from error
    return name


TimeZone = Annotated[str, AfterValidator(_is_zone)]


class MaintenanceWindow(BaseModel):
    """A time of every week (`days`, `begins`, `ends`), or one stretch of time (`first`, `last`), in a time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1)
    policy: Literal["refuse", "approve"] = "refuse"  # of what is not a person's own request
    days: tuple[Day, ...] = DAYS
    begins: time | None = None  # 22:00
    ends: time | None = None  # 06:00; before `begins` = on the next day
    first: datetime | None = None  # 2026-12-24T18:00
    last: datetime | None = None
    time_zone: TimeZone | None = None  # default: the site's

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> MaintenanceWindow:
        weekly, once = (self.begins, self.ends), (self.first, self.last)
        given = [pair.count(None) for pair in (weekly, once)]
        if sorted(given) != [0, 2]:
            raise ValueError("a window has begins and ends, or first and last")
        if self.first and self.last and (self.first.tzinfo is None) != (self.last.tzinfo is None):
            raise ValueError("first and last both say their offset from UTC, or neither does")
        if self.first and self.last and self.first >= self.last:
            raise ValueError("last is not after first")
        return self

    def is_open(self, now_ms: int, time_zone: str) -> bool:
        """Whether it is open at that moment, by the clock on the wall of its zone."""
        zone = ZoneInfo(self.time_zone or time_zone)
        now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
        if self.first is not None and self.last is not None:
            return _at(self.first, zone) <= now < _at(self.last, zone)
        assert self.begins is not None  # noqa: S101 the validator has seen to it
        assert self.ends is not None  # noqa: S101
        today, clock = now.date(), now.time()
        if self.begins < self.ends:
            return self._has(today.weekday()) and self.begins <= clock < self.ends
        yesterday = (today - timedelta(days=1)).weekday()
        return (self._has(today.weekday()) and clock >= self.begins) or (self._has(yesterday) and clock < self.ends)

    def _has(self, weekday: int) -> bool:
        return DAYS[weekday] in self.days


def open_windows(windows: Iterable[MaintenanceWindow], now_ms: int, time_zone: str) -> tuple[MaintenanceWindow, ...]:
    """Those that are open now."""
    return tuple(window for window in windows if window.is_open(now_ms, time_zone))


def _at(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
