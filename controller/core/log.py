"""Logging: one event once, lower case, structured; readable on a terminal, JSON lines elsewhere; secrets masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

MASKED = "[masked]"
_SECRET_WORDS = ("password", "secret", "community", "token", "auth_key", "priv_key", "enable", "signature")


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values whose key sounds like a secret, whatever they hold."""
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = MASKED
    return event


class _Stderr:
    """Standard error as it is when something is written: it may have been replaced since logging was set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def configure(*, level: str = "info", stream: TextIO | None = None) -> None:
    """Send everything to `stream` (stderr): stdout is for data."""
    out: Any = stream or _Stderr()
    renderer: Any = structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    # The libraries' own loggers say too much at info, and paramiko prints peers' banners.
    for name in ("paramiko", "netmiko", "kafka", "pysnmp", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name in {"paramiko", "kafka"} else logging.WARNING)
