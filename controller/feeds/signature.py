"""Standard Webhooks 1.0.0: verify and sign. Stricter than the reference library where it lets garbage through.

Signed text: `id.timestamp.body`, HMAC-SHA256, secret `whsec_` + base64 of 24 to 64 octets. The timestamp is an integer, the id
has no dot (it separates the signed text), and nothing that comes from outside can raise anything but Forged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.core.errors import ConfigError, FeedError

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
MOST_SIGNATURES = 8
PREFIX = "whsec_"


class Forged(FeedError):
    """A request that nobody who knows a secret has signed, or not now."""

    code, http_status = "forged", 401


@dataclass(frozen=True, slots=True)
class Signed:
    """Who can be believed: the message id and when it was signed (epoch seconds)."""

    message_id: str
    signed_s: int


def key_of(secret: str, *, where: str) -> bytes:
    """The key inside a `whsec_` secret; ConfigError without the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ConfigError("is no webhook secret", where=where, do="whsec_ and the base64 of 24 to 64 octets")
    return key


def sign(key: bytes, message_id: str, signed_s: int, body: bytes) -> str:
    """The signature header of a message."""
    text = f"{message_id}.{signed_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, now_s: int, tolerance_s: int) -> Signed:
    """The message's id and time, if one of the keys signed exactly this body at about this time; Forged otherwise."""
    message_id = _header(headers, "webhook-id", ID)
    timestamp = _header(headers, "webhook-timestamp", TIMESTAMP)
    offered = headers.get("webhook-signature", "").split(" ")
    signatures = [s for s in offered if SIGNATURE.fullmatch(s)]
    if not signatures or len(offered) > MOST_SIGNATURES:
        raise Forged("the webhook-signature header is missing or malformed", reason="malformed-signature")
    if not keys:
        raise Forged("no webhook secret is configured", reason="no-secret")
    matches = [hmac.compare_digest(sign(k, message_id, int(timestamp), body), s) for k in keys for s in signatures]
    if not any(matches):
        raise Forged("no configured secret made this signature", reason="bad-signature")
    if abs(now_s - int(timestamp)) > tolerance_s:
        raise Forged(f"the timestamp is more than {tolerance_s} s from now", reason="late")
    return Signed(message_id, int(timestamp))


def _header(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not pattern.fullmatch(value):
        raise Forged(f"the {name} header is missing or malformed", reason=f"malformed-{name}")
    return value
