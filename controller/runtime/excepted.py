"""Exceptions of the configuration in the words of the detectors."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC

from controller.core.errors import ConfigError
from detectors.address import packed
from detectors.exception import HostException

from .settings import ExceptionConfig

ANY = "*"


def host_exceptions(exceptions: Iterable[ExceptionConfig], detectors: Collection[str]) -> tuple[HostException, ...]:
    """Each with its owner and its end; ConfigError names a detector that does not exist, which would except from nothing."""
    return tuple(_host_exception(number, each, detectors) for number, each in enumerate(exceptions))


def _host_exception(number: int, each: ExceptionConfig, detectors: Collection[str]) -> HostException:
    if each.detector != ANY and each.detector not in detectors:
        known = ", ".join(sorted(detectors))
        raise ConfigError(
            f"there is no detector {each.detector!r}; there are {known}, and *",
            where=f"detection.exceptions.{number}.detector",
        )
    until = each.until if each.until.tzinfo else each.until.replace(tzinfo=UTC)
    until_ms = round(until.timestamp() * 1000)
    return HostException(packed(each.address), each.detector, until_ms, each.owner, each.reason)
