"""Leniency: what a declared role softens, and what a person allowed one host to do for a while.

A role says what a machine is there for (`nms`, `backup`, ...); the catalog says which detectors its ordinary work looks like,
and how much each of them may still ask for. What a role does not name is judged as anybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .alert import Response, weaker
from .exception import Exceptions, HostException

Roles = Mapping[
    str, Mapping[str, Response]
]  # role -> detector -> the most that it may ask for; `none` = it is not accused


def roles_of(data: Mapping[str, Any]) -> Roles:
    """Roles of the catalog; ValueError names a role or a response that is none."""
    found = {}
    for role, softens in data.items():
        if not isinstance(softens, Mapping) or not softens:
            raise ValueError(f"roles.{role}: names no detector")
        found[str(role)] = {str(detector): Response(str(most)) for detector, most in softens.items()}
    return found


class Leniency:
    """Asked before anybody is accused."""

    def __init__(self, roles: Roles, host_roles: Mapping[bytes, str], exceptions: Sequence[HostException]) -> None:
        self._softens = {address: roles[role] for address, role in host_roles.items() if role in roles}
        self._exceptions = Exceptions(exceptions)

    def most(self, address: bytes, detector: str, at_ms: int) -> Response:
        """The most that this detector may ask for about this host; `none` = it is not accused at all."""
        if self._exceptions.hold(address, detector, at_ms):
            return Response.NONE
        return self._softens.get(address, {}).get(detector, Response.AUTO)

    def soften(self, address: bytes, detector: str, asked: Response, at_ms: int) -> Response:
        """What is left of `asked`."""
        return weaker(asked, self.most(address, detector, at_ms))

    def excuses(self, address: bytes, detectors: Iterable[str]) -> bool:
        """Its role leaves nothing of what these detectors could say: they need not look."""
        softens = self._softens.get(address)
        return softens is not None and all(softens.get(name) is Response.NONE for name in detectors)
