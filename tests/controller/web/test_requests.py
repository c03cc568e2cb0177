"""Signed requests: what is taken, what is refused with which status, and that a refusal touches nothing (marker security)."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from controller.core.clock import SystemClock
from playbooks.lifecycle import State

from .conftest import Platform, body, whsec

pytestmark = pytest.mark.security

Message = tuple[bytes, dict[str, str]]


def test_the_public_package_signs_one_that_is_taken(platform: Platform) -> None:
    """A platform that uses the standardwebhooks package needs nothing else: 202, an id, and a place to follow it."""
    content, message_id = body(), f"msg_{secrets.token_hex(8)}"
    signature = Webhook(platform.secret).sign(message_id, datetime.now(UTC), content.decode())
    now_s = SystemClock().now_ms() // 1000
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": signature,
    }
    answer = platform.post(content, headers)
    assert 202 == answer.status_code, answer.text
    place = answer.json()["status"]
    assert place == answer.headers["location"]
    fate = platform.get(place).json()
    assert ("requested", False) == (fate["state"], fate["final"])


def test_it_is_carried_out(platform: Platform) -> None:
    """What was taken goes through the one door: contained, and GET shows where, why and on what evidence."""
    content = body(mac="02:00:00:00:00:01", ip=None)
    answer = platform.post(content, platform.headers(content))
    place = answer.json()["status"]
    platform.door.advance(platform.get(place).json()["containment_id"])
    fate = platform.get(place).json()
    assert State.CONTAINED == fate["state"]
    assert ("sw1", 4) == (fate["port"]["switch"], fate["port"]["ifindex"])
    assert fate["evidence"]
    platform.door.release(fate["containment_id"], by="test", reason="done")


def test_both_secrets_work_while_they_are_rotated(platform: Platform) -> None:
    """The older secret is good as long as it is configured; a header may carry both signatures."""
    content = body()
    assert 202 == platform.post(content, platform.headers(content, secret=platform.older_secret)).status_code
    headers = platform.headers(content)
    headers["webhook-signature"] = f"v1,{'A' * 43}= {headers['webhook-signature']}"
    assert 202 == platform.post(content, headers).status_code


def test_an_honest_retry_is_done_once(platform: Platform) -> None:
    """The same id and body again: 202 with the first id, and no second request."""
    content = body()
    headers = platform.headers(content, id="msg_retry")
    first, known = platform.post(content, headers), platform.known()
    again = platform.post(content, platform.headers(content, id="msg_retry"))
    assert (202, first.json()["request_id"]) == (again.status_code, again.json()["request_id"])
    assert known == platform.known()


def test_the_same_id_with_another_body_is_a_conflict(platform: Platform) -> None:
    """409, audited, and nothing new."""
    content = body()
    platform.post(content, platform.headers(content, id="msg_conflict"))
    known = platform.known()
    other = body(ip="10.0.0.10")
    answer = platform.post(other, platform.headers(other, id="msg_conflict"))
    assert 409 == answer.status_code
    assert "id-reused" == platform.refusals()[0]
    assert known == platform.known()


def changed(content: bytes | None = None, **headers: str | None) -> Callable[[Platform], Message]:
    """A message in order, with headers replaced (None: left out) after it was signed."""

    def make(platform: Platform) -> Message:
        text = body() if content is None else content
        made: dict[str, str | None] = {**platform.headers(text), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return text, {name: value for name, value in made.items() if value is not None}

    return make


def signed(ahead_s: int | None = None, **changes: Any) -> Callable[[Platform], Message]:
    """A message signed with other values than it should be."""

    def make(platform: Platform) -> Message:
        text = body()
        when = {} if ahead_s is None else {"at_s": SystemClock().now_ms() // 1000 + ahead_s}
        return text, platform.headers(text, **changes, **when)

    return make


def tampered(platform: Platform) -> Message:
    """The body was changed after it was signed."""
    text = body()
    return text.replace(b"10.0.0.9", b"10.0.0.8"), platform.headers(text)


def envelope(**changes: Any) -> bytes:
    """A body with other keys at the top."""
    found = {**json.loads(body()), **changes}
    return json.dumps({k: v for k, v in found.items() if v is not None}).encode()


NOW_S = SystemClock().now_ms() // 1000
# name -> (message, status)
BAD: dict[str, tuple[Callable[[Platform], Message], int]] = {
    "no signature": (changed(webhook_signature=None), 401),
    "empty signature": (changed(webhook_signature=""), 401),
    "another scheme": (changed(webhook_signature="v1a," + "A" * 43 + "="), 401),
    "signature of nothing": (changed(webhook_signature="v1," + "A" * 43 + "="), 401),
    "signature cut short": (changed(webhook_signature="v1,AAAA"), 401),
    "signature without its version": (changed(webhook_signature="A" * 43 + "="), 401),
    "a hundred signatures": (changed(webhook_signature=" ".join(["v1," + "A" * 43 + "="] * 100)), 401),
    "no id": (changed(webhook_id=None), 401),
    "empty id": (changed(webhook_id=""), 401),
    "id with dots": (signed(id="msg.1.2"), 401),
    "id of 200 characters": (signed(id="a" * 200), 401),
    "another id than was signed": (changed(webhook_id="msg_other"), 401),
    "no timestamp": (changed(webhook_timestamp=None), 401),
    "timestamp is a word": (changed(webhook_timestamp="now"), 401),
    "timestamp is a float": (changed(webhook_timestamp=f"{NOW_S}.5"), 401),
    "timestamp is negative": (changed(webhook_timestamp="-1"), 401),
    "timestamp in milliseconds": (signed(at_s=NOW_S * 1000), 401),
    "another timestamp than was signed": (changed(webhook_timestamp=str(NOW_S - 60)), 401),
    "signed ten minutes ago": (signed(ahead_s=-600), 401),
    "signed ten minutes ahead": (signed(ahead_s=600), 401),
    "unknown secret": (signed(secret=whsec()), 401),
    "body changed": (tampered, 401),
    "no content type": (changed(content_type=None), 415),
    "a form": (changed(content_type="application/x-www-form-urlencoded"), 415),
    "too large": (changed(b'{"pad": "' + b"x" * 300_000 + b'"}'), 413),
    "empty body": (changed(b""), 422),
    "no JSON": (changed(b"block 10.0.0.9 please"), 422),
    "JSON, but a list": (changed(b"[]"), 422),
    "not UTF-8": (changed(b'{"type": "\xff\xfe"}'), 422),
    "nested too deeply": (changed(b"[" * 20_000), 422),
    "a key twice": (changed(b'{"type": "containment.requested", "type": "x"}'), 422),
    "NaN": (changed(body().replace(b"3600", b"NaN")), 422),
    "another type": (changed(envelope(type="containment.released")), 422),
    "no data": (changed(envelope(data=None)), 422),
    "unknown field": (changed(envelope(extra=1)), 422),
    "unknown field inside": (changed(body(vlan=10)), 422),
    "timestamp without a zone": (changed(envelope(timestamp="2026-01-01T00:00:00")), 422),
    "nobody named": (changed(body(ip=None)), 422),
    "ip that is none": (changed(body(ip="10.0.0.300")), 422),
    "ip with a prefix": (changed(body(ip="10.0.0.0/8")), 422),
    "mac that is none": (changed(body(mac="02:00:00:00:00")), 422),
    "port without a switch": (changed(body(port="ge1")), 422),
    "switch with a command in it": (changed(body(switch="sw1;reload", port="ge1")), 422),
    "port with a newline": (changed(body(switch="sw1", port="ge1\nshutdown")), 422),
    "unknown action": (changed(body(action="unshut")), 422),
    "empty reason": (changed(body(reason="  ")), 422),
    "reason of 600 characters": (changed(body(reason="x" * 600)), 422),
    "duration of a second": (changed(body(duration_s=1)), 422),
    "duration of a year": (changed(body(duration_s=31_536_000)), 422),
    "duration is a word": (changed(body(duration_s="long")), 422),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_ones_get_4xx_and_touch_nothing(platform: Platform, name: str) -> None:
    """Each gets its status as problem+json without a secret in it; no request is kept, the switch hears nothing."""
    make, status = BAD[name]
    content, headers = make(platform)
    known, sent, refused = platform.known(), list(platform.switch.sent), len(platform.refusals())
    answer = platform.post(content, headers)
    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.headers["content-type"]
    problem = answer.json()
    assert status == problem["status"]
    assert problem["title"]
    assert platform.secret not in answer.text
    assert (known, sent) == (platform.known(), platform.switch.sent)
    if status in (401, 422):
        assert refused + 1 == len(platform.refusals()), "not audited"


def test_there_are_at_least_25() -> None:
    """The table is the acceptance's own size or more."""
    assert len(BAD) >= 25
