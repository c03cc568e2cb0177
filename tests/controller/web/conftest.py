"""The real application on a real socket: real store, real containment, a fake switch."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from controller.containment import Containment, ContainmentConfig, Parts
from controller.core.clock import SystemClock
from controller.feeds.config import WebhookConfig
from controller.feeds.signature import key_of, sign
from controller.runtime.choose import load_playbooks
from controller.store import Store, audit, open_store, requests
from controller.web.app import WebServices, create_app
from controller.web.config import WebConfig
from controller.web.intake import Intake
from controller.web.server import WebServer
from tests.fakes import FakeInventory, FakeRulebook, FakeSwitch

TOKEN = "token-for-tests"


def whsec() -> str:
    """A new secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Platform:
    """What a platform has: an address and a secret; and what a test may look at besides."""

    url: str
    secret: str
    older_secret: str
    store: Store
    switch: FakeSwitch
    door: Containment

    def headers(self, body: bytes, **changes: Any) -> dict[str, str]:
        """Headers of a message that is in order; `changes`: id, at_s, secret."""
        message_id = changes.get("id", f"msg_{secrets.token_hex(8)}")
        at_s = changes.get("at_s", SystemClock().now_ms() // 1000)
        key = key_of(changes.get("secret", self.secret), where="test")
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(at_s),
            "webhook-signature": sign(key, message_id, at_s, body),
        }

    def post(self, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """POST a request as it stands."""
        return httpx2.post(f"{self.url}/api/v1/requests", content=body, headers=dict(headers), timeout=60)

    def get(self, path: str, token: str | None = TOKEN) -> httpx2.Response:
        """GET something."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx2.get(f"{self.url}{path}", headers=headers, timeout=60)

    def known(self) -> int:
        """How many requests the store has."""
        with self.store.reading() as connection:
            return requests.count(connection)

    def refusals(self) -> list[str]:
        """Reasons of refused requests, as audited, the newest first."""
        with self.store.reading() as connection:
            found = audit.entries(connection, most=1000)
        return [entry["body"]["reason"] for entry in found if entry["what"] == "request.refused"]


def body(**changes: Any) -> bytes:
    """A request body in order; `changes` replace keys of `data`."""
    data = {"ip": "10.0.0.9", "action": "shut", "reason": "risk terminal", "duration_s": 3600}
    data = {k: v for k, v in {**data, **changes}.items() if v is not None}
    timestamp = datetime.now(UTC).isoformat()
    return json.dumps({"type": "containment.requested", "timestamp": timestamp, "data": data}).encode()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One running API for the file."""
    folder: Path = tmp_path_factory.mktemp("web")
    clock = SystemClock()
    switch = FakeSwitch(clock)
    store = open_store(f"sqlite:///{folder / 'cordon.db'}")
    parts = Parts(
        store=store,
        inventory=FakeInventory(switch, clock),
        drivers=lambda _: switch,
        rulebook=FakeRulebook(),
        playbooks=load_playbooks(None),
        config=ContainmentConfig(),
        clock=clock,
    )
    door = Containment(parts)
    new, old = whsec(), whsec()
    config = WebhookConfig(per_minute=1000)
    keys = [key_of(secret, where="test") for secret in (new, old)]
    intake = Intake(config, keys, store, door, clock)
    services = WebServices(
        store=store,
        intake=intake,
        tokens=[TOKEN],
        most_bytes=config.most_bytes,
        wake=lambda: None,
        health=lambda: {"ok": True, "failing": {}},
        metrics=lambda: "cordon_up 1\n",
    )
    server = WebServer(WebConfig(host="127.0.0.1", port=0), create_app(services), clock)
    server.start()
    yield Platform(server.url, new, old, store, switch, door)
    server.stop()
    store.close()
