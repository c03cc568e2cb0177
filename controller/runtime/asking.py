"""Which switches a request by hand has to read: one, where `cordon serve` proved moments ago that nobody else has a say."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from controller.core.sites import SwitchFile
from controller.store import endpoints

SETTLED = (
    2  # a machine that two switches claim changes its place at every reading; one that did not for so many ages has one
)


def switches_to_read(
    connection: Connection, file: SwitchFile, target: Mapping[str, str], *, now_ms: int, stale_s: float
) -> list[str]:
    """Names of switches. All of them, unless the store says where the target hangs: at an edge port, as told by the tables of
    every switch, not older than an action may rest on, and nowhere else since. An address needs the tables of its routers: so
    does a machine that is not known by exactly one (it may be a gateway), and any machine where addresses are protected."""
    every = [entry.name for entry in file.switches]
    if "ip" in target or any(asset.ip for asset in file.protected):
        return every
    if "mac" in target:
        found = endpoints.find(connection, target["mac"])
    else:
        found = endpoints.on_port(connection, target.get("switch", ""), target.get("port", ""))
    places = {row["switch"] for row in found} | {target.get("switch", row["switch"]) for row in found}
    oldest_ms, since_ms = now_ms - int(stale_s * 1000), now_ms - int(SETTLED * stale_s * 1000)
    fresh = [row for row in found if row["last_seen_ms"] >= oldest_ms and row["ip"]]
    settled = [row for row in fresh if endpoints.history(connection, row["mac"])[0]["from_ms"] <= since_ms]
    if not found or len(settled) < len(found) or len(places) > 1 or not places <= set(every):
        return every
    return sorted(places)
