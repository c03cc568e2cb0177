"""The intake of signed requests: authenticated, read, made idempotent, and handed through the one door."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.containment import Containment
from controller.core.clock import Clock
from controller.core.errors import FeedError
from controller.feeds.config import WebhookConfig
from controller.feeds.webhook import authenticate, request_of
from controller.store import Store, audit, requests

SOURCE = "webhook"


class Conflict(FeedError):
    """The same id with another body."""

    code, http_status = "conflict", 409


class TooMany(FeedError):
    """More requests than a platform may make in a minute."""

    code, http_status, retriable = "too-many", 429, True


@dataclass(slots=True)
class IntakeCounts:
    """Requests taken, repeated and refused."""

    accepted: int = 0
    repeated: int = 0
    refused: int = 0


class Intake:
    """Takes raw requests. Whatever is refused is audited, and touches nothing."""

    def __init__(
        self, config: WebhookConfig, keys: Sequence[bytes], store: Store, door: Containment, clock: Clock
    ) -> None:
        self._config, self._keys, self._store, self._door, self._clock = config, tuple(keys), store, door, clock
        self._lock = threading.Lock()
        self._recent: deque[int] = deque()
        self.counts = IntakeCounts()

    def take(self, headers: Mapping[str, str], body: bytes, *, peer: str) -> tuple[str, bool]:
        """(request id, whether it is new); a FeedError for everything that must not be served."""
        try:
            with self._lock:  # two copies of one message must not both look new
                return self._take(headers, body)
        except FeedError as error:
            self.counts.refused += 1
            self._audit(error, headers, peer)
            raise

    def _take(self, headers: Mapping[str, str], body: bytes) -> tuple[str, bool]:
        signed = authenticate(headers, body, self._keys, self._config, self._clock)
        digest = hashlib.sha256(body).hexdigest()
        with self._store.reading() as connection:
            known = requests.by_key(connection, SOURCE, signed.message_id)
        if known is not None:
            if known[1] != digest:
                raise Conflict("this id was used for another body", reason="id-reused")
            self.counts.repeated += 1
            return known[0], False
        request = request_of(signed, body, source=SOURCE, now_ms=self._clock.now_ms())
        self._pace()
        self._door.submit(request, source=SOURCE, body_hash=digest)
        self.counts.accepted += 1
        return request.request_id, True

    def _pace(self) -> None:
        now_ms = self._clock.now_ms()
        while self._recent and self._recent[0] <= now_ms - 60_000:
            self._recent.popleft()
        if len(self._recent) >= self._config.per_minute:
            raise TooMany(f"more than {self._config.per_minute} requests in a minute", reason="rate")
        self._recent.append(now_ms)

    def _audit(self, error: FeedError, headers: Mapping[str, str], peer: str) -> None:
        body = {"reason": error.details.get("reason", error.code), "detail": error.what[:300], "peer": peer}
        subject = headers.get("webhook-id", "-")[:100]
        with self._store.transaction() as tx:
            audit.append(
                tx, at_ms=self._clock.now_ms(), actor=SOURCE, what="request.refused", subject=subject, body=body
            )
