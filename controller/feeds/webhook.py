"""A platform's block request: from raw bytes and headers to a Request, or to a typed refusal."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, ValidationError

from controller.core import ids
from controller.core.clock import Clock
from controller.core.errors import FeedError
from detectors.address import mac_number, mac_text
from playbooks.model import Value
from playbooks.plan import Verb
from playbooks.request import MAX_DURATION_S, Origin, Request, Target

from .config import WebhookConfig
from .signature import Signed, verify

TYPE = "containment.requested"
PLAYBOOK = "platform"


class BadRequest(FeedError):
    """Signed, and still nothing that can be served."""

    code, http_status = "bad-request", 422


def _is_ip(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _is_mac(text: str) -> str:
    return mac_text(mac_number(text))


Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[\w./:-]+$")]


class RequestData(Value):
    """Who, what, why, for how long."""

    ip: Annotated[str, AfterValidator(_is_ip)] | None = None
    mac: Annotated[str, AfterValidator(_is_mac)] | None = None
    switch: Name | None = None
    port: Name | None = None
    action: Literal["shut", "quarantine-vlan", "mac-block", "observe"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    duration_s: int | None = Field(default=None, ge=60, le=MAX_DURATION_S)
    site: Name | None = None


class Envelope(Value):
    """The payload of Standard Webhooks: type, timestamp, data."""

    type: Literal["containment.requested"]
    timestamp: AwareDatetime
    data: RequestData


def authenticate(
    headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], config: WebhookConfig, clock: Clock
) -> Signed:
    """Only what is signed is looked at any further."""
    return verify(headers, body, keys, now_s=clock.now_ms() // 1000, tolerance_s=config.tolerance_s)


def request_of(signed: Signed, body: bytes, *, source: str, now_ms: int) -> Request:
    """The request in a signed body; BadRequest says which field is wrong."""
    try:
        envelope = Envelope.model_validate(_json(body))
        data = envelope.data
        target = Target(ip=data.ip, mac=data.mac, switch=data.switch, port=data.port)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
        raise BadRequest(places, reason="malformed-body") from None
    return Request(
        request_id=ids.new_id("req", now_ms),
        key=signed.message_id,
        origin=Origin.PLATFORM,
        requested_by=source,
        requested_ms=now_ms,
        site=data.site,
        playbook=PLAYBOOK,
        verb=Verb(data.action),
        target=target,
        reason=data.reason,
        duration_s=data.duration_s,
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except RecursionError:
        raise BadRequest("the body is nested too deeply", reason="malformed-body") from None
    except ValueError as error:
        raise BadRequest(f"the body is no JSON: {error}", reason="malformed-body") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice: two readers could take two different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
