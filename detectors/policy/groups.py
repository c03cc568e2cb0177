"""Whose machine an address is: by its declared role, else by its kind, else by the longest prefix that holds it, else `other`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from detectors.address import Network, packed

from .matrix import OTHER, Group

KindOf = Callable[[bytes], str | None]  # address -> kind in the inventory, None if it is not known


def unknown_kind(_address: bytes) -> str | None:
    """Where there is no inventory."""
    return None


class Groups:
    """Groups as tables: an address costs one look-up for each length of prefix there is."""

    def __init__(
        self, groups: Iterable[Group], host_roles: Mapping[bytes, str] | None = None, kind_of: KindOf = unknown_kind
    ) -> None:
        self._host_roles, self._kind_of = dict(host_roles or {}), kind_of
        self._by_role: dict[str, str] = {}
        self._by_kind: dict[str, str] = {}
        by_length: dict[int, dict[int, str]] = {}
        for group in groups:
            self._by_role |= dict.fromkeys(group.roles, group.name)
            self._by_kind |= dict.fromkeys(group.kinds, group.name)
            for prefix in group.prefixes:
                free, number = _numbered(prefix)
                by_length.setdefault(free, {})[number] = group.name
        self._prefixes = sorted(by_length.items())  # the longest prefix leaves the fewest bits free

    def group_of(self, address: bytes) -> str:
        """The group of 16 octets."""
        role = self._by_role.get(self._host_roles.get(address, ""))
        if role is not None:
            return role
        kind = self._by_kind.get(self._kind_of(address) or "") if self._by_kind else None
        if kind is not None:
            return kind
        number = int.from_bytes(address, "big")
        return next(
            (name for free, held in self._prefixes if (name := held.get(number >> free)) is not None),
            OTHER,
        )


def _numbered(prefix: Network) -> tuple[int, int]:
    """Bits that a prefix leaves free, and what remains of its address."""
    free = prefix.max_prefixlen - prefix.prefixlen
    return free, int.from_bytes(packed(str(prefix.network_address)), "big") >> free
