"""Where the time goes: from the first attack packet to the proof, by the marks that the service leaves in its own store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from controller.lab.service import LabService
from controller.store import containments
from controller.store.tables import alerts

# In the order of the way. Each names the mark it ends with.
STAGES = (
    ("detected", "first connect -> the alert's deciding row was received"),
    ("requested", "-> the alert was taken from the bus, the request stored"),
    ("applying", "-> located, port and machine read, judged, planned"),
    ("sent", "-> the intent was on the disk, the command sent and answered"),
    ("verified", "-> read back"),
    ("contained", "-> contained"),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Epoch seconds of each mark of one containment."""

    at: dict[str, float]

    def since(self, begun: float) -> dict[str, float]:
        """Seconds after `begun`."""
        return {name: at - begun for name, at in self.at.items()}


def marks_of(service: LabService, row: containments.Row) -> Marks:
    """Marks of a containment that came to its end."""
    with service.store.reading() as connection:
        history = {one["after"]: one["at_ms"] for one in containments.history(connection, row["containment_id"])}
        # The first one is the shut; the note on the port comes after `contained`.
        steps = [one for one in containments.journal(connection, row["containment_id"]) if one["direction"] == "apply"]
        alert = _alert(connection, row)
    found: dict[str, Any] = {
        "detected": alert["alerted_ms"] if alert else None,
        "requested": history.get("requested", row["created_ms"]),
        "applying": history.get("applying"),
        "sent": steps[0]["sent_ms"] if steps else None,
        "verified": steps[0]["settled_ms"] if steps else None,
        "contained": row["contained_ms"],
    }
    return Marks({name: at / 1000 for name, at in found.items() if at})


def _alert(connection: Connection, row: containments.Row) -> Mapping[str, Any] | None:
    wanted = select(alerts.c.alerted_ms).where(alerts.c.src_mac == row["mac"])
    found = connection.execute(wanted).mappings().first()
    return dict(found) if found else None
