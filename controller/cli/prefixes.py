"""`--internal`: prefixes that count as inside, checked before anything is read."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import typer


def _prefixes(given: list[str]) -> list[str]:
    for prefix in given:
        try:
            ip_network(prefix, strict=False)
        except ValueError as error:
            raise typer.BadParameter(f"{error}; give a prefix such as 10.0.0.0/8") from None
    return given


INSIDE: Any = typer.Option(
    [], "--internal", help="Prefix that counts as inside; may be given again.", callback=_prefixes
)
