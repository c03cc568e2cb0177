"""From an alert to the request it asks for, by the playbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import playbooks
from controller.core import yamlfile
from controller.core.clock import Clock
from controller.core.errors import ConfigError
from playbooks.request import FlowEvidence, Origin, Request, Target
from playbooks.select import Playbook, PlaybookError, choose, load

SHIPPED = Path(playbooks.__file__).parent / "library"


def load_playbooks(folder: Path | None) -> dict[str, Playbook]:
    """Shipped playbooks, and those of `folder`, which replace shipped ones of the same name."""
    found: dict[str, Playbook] = {}
    for place in (SHIPPED, folder):
        for path in sorted(place.glob("*.yaml")) if place else ():
            try:
                playbook = load(yamlfile.read(path).data, source=str(path))
            except PlaybookError as error:
                raise ConfigError(str(error), do="see playbooks/library for examples") from None
            found[playbook.name] = playbook
    return found


class RequestOfAlert:
    """Turns an alert into a request. Its id follows from the alert's and what it asks for: a replay asks nothing twice."""

    def __init__(self, books: Mapping[str, Playbook], site_of_agent: Callable[[str], str | None], clock: Clock) -> None:
        self._books, self._site_of_agent, self._clock = books, site_of_agent, clock

    def __call__(self, alert: Mapping[str, Any]) -> Request | None:
        """The request, or None if no playbook answers this alert."""
        playbook = choose(alert, self._books.values())
        if playbook is None:
            return None
        agent = alert.get("exporter")
        return Request(
            request_id=f"req_{alert['alert_id']}_{alert['response']}",
            origin=Origin.ALERT,
            requested_by=f"detector {alert['detector']}",
            requested_ms=self._clock.now_ms(),
            site=self._site_of_agent(agent) if agent else None,
            playbook=playbook.name,
            verb=playbook.verbs[0],
            target=Target(ip=alert["src_ip"], mac=alert.get("src_mac")),
            reason=alert["explanation"]["en"][:500],
            alert_id=alert["alert_id"],
            severity=alert["severity"],
            response=alert["response"],
            sampling_known=alert.get("sampling_known", True),
            flow=_flow(alert),
        )


def _flow(alert: Mapping[str, Any]) -> FlowEvidence | None:
    if not alert.get("exporter") or alert.get("in_if") is None:
        return None
    return FlowEvidence(
        agent=alert["exporter"], in_if=alert["in_if"], src_mac=alert.get("src_mac"), seen_ms=alert["alerted_at"]
    )
