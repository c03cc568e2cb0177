"""Secrets come by reference: `env:NAME` or `file:PATH`. The value is read when it is used and never kept in a model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from .errors import ConfigError


def _is_reference(text: str) -> str:
    if not text.startswith(("env:", "file:")) or len(text.split(":", 1)[1]) == 0:
        raise ValueError("a secret is given by reference: env:NAME or file:PATH, never in clear")
    return text


SecretRef = Annotated[str, AfterValidator(_is_reference)]


def reveal(reference: str, *, where: str) -> str:
    """The secret behind a reference; ConfigError (without the secret) if it cannot be had."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name)
        if value is None:
            raise ConfigError(f"the environment has no {name}", where=where, do=f"set {name}")
        return value
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"cannot read the secret file {name}: {error.strerror}", where=where) from error
