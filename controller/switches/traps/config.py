"""What the receiver of notifications can be told."""

from __future__ import annotations

from pydantic import Field

from controller.core.secrets import SecretRef
from controller.core.sites import Section


class TrapConfig(Section):
    """Nothing is received unless `listen` names an address."""

    # host:port, e.g. 0.0.0.0:162 (a port below 1024 needs the right to bind it).
    listen: tuple[str, ...] = ()
    # Community of v2c notifications; default: the one each switch is read with.
    community: SecretRef | None = None
    # Of one switch in one second; more are dropped and counted: a flapping link must not keep everybody busy.
    most_per_s: int = Field(default=100, ge=1, le=10_000)
