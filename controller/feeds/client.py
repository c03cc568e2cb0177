"""The other side of the webhook: sign a block request and post it, as a platform would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2

from controller.core.clock import Clock
from controller.core.errors import Unreachable, UsageError

from .signature import key_of, sign
from .webhook import TYPE

TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer: HTTP status and its JSON."""

    status: int
    body: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        """202."""
        return self.status == 202


def post_request(url: str, secret: str, data: Mapping[str, Any], *, message_id: str, clock: Clock) -> Posted:
    """POST a signed `containment.requested`; Unreachable if nothing answers."""
    now_s = clock.now_ms() // 1000
    timestamp = datetime.fromtimestamp(now_s, UTC).isoformat().replace("+00:00", "Z")
    body = json.dumps({"type": TYPE, "timestamp": timestamp, "data": dict(data)}, separators=(",", ":")).encode()
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": sign(key_of(secret, where="--secret"), message_id, now_s, body),
    }
    return _answer("POST", f"{url.rstrip('/')}/api/v1/requests", headers=headers, content=body)


def get_request(url: str, request_id: str, token: str) -> Posted:
    """What became of a request."""
    headers = {"authorization": f"Bearer {token}"}
    return _answer("GET", f"{url.rstrip('/')}/api/v1/requests/{request_id}", headers=headers, content=None)


def _answer(method: str, url: str, *, headers: Mapping[str, str], content: bytes | None) -> Posted:
    if not url.startswith(("http://", "https://")):
        raise UsageError("is no address", where=url, do="http://HOST:PORT or https://HOST:PORT")
    try:
        answer = httpx2.request(method, url, headers=dict(headers), content=content, timeout=TIMEOUT_S)
    except httpx2.HTTPError as error:
        raise Unreachable(f"no answer: {type(error).__name__}", where=url) from error
    try:
        body = answer.json()
    except ValueError:
        body = {"detail": answer.text[:200]}
    return Posted(answer.status_code, body if isinstance(body, dict) else {"detail": str(body)})
