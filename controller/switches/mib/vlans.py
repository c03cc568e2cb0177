"""Which VLAN a forwarding database (FID) is of: Q-BRIDGE-MIB's map, or the maker's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from . import objects as o
from .walk import Walk

FIRST, LAST = 1, 4094


class VlanOfFid:
    """FID -> (VLANs, where that is from). A FID without an entry is taken as the VLAN itself (RFC 4363 allows both)."""

    def __init__(self, private: Mapping[int, int] | None = None) -> None:
        self._standard: dict[int, set[int]] = defaultdict(set)
        self._private = dict(private or {})

    @classmethod
    def of(cls, walk: Walk) -> VlanOfFid:
        """By dot1qVlanFdbId, and Juniper's tables."""
        found = cls(_juniper(walk))
        for instance, fid in walk.numbers(o.VLAN_FDB_ID):
            if instance:  # index: time mark, VLAN
                found.add(instance[-1], fid)
        return found

    def add(self, vlan: int, fid: int) -> None:
        """This VLAN's frames are learned in that FID."""
        self._standard[fid].add(vlan)

    def __call__(self, fid: int) -> tuple[tuple[int, ...], str]:
        """VLANs of a FID, and one of the words fdbid-map, fdbid-shared, fdbid-assumed, fdbid-no-map, vendor, unknown."""
        shared = self._standard.get(fid)
        if shared:
            return tuple(sorted(shared)), "fdbid-map" if len(shared) == 1 else "fdbid-shared"
        if fid in self._private:
            return (self._private[fid],), "vendor"
        if FIRST <= fid <= LAST:
            return (fid,), "fdbid-assumed" if self._standard or self._private else "fdbid-no-map"
        return (), "unknown"


def _juniper(walk: Walk) -> dict[int, int]:
    """EX switches without ELS index by the VLAN's internal number; with ELS the FID is a column of its own."""
    found = {i[-1]: tag for i, tag in walk.numbers(o.JUNIPER_EX_TAG) if i and FIRST <= tag <= LAST}
    tags = dict(walk.numbers(o.JUNIPER_L2_TAG))
    for instance, fid in walk.numbers(o.JUNIPER_L2_FID):
        tag = tags.get(instance, 0)
        if FIRST <= tag <= LAST:
            found[fid] = tag
    return found
