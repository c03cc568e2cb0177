"""The HTTP API: signed requests in, their fate out, health and metrics."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool

from controller.core.errors import CordonError, NotFound
from controller.store import Store, containments, requests
from playbooks.lifecycle import State, is_final

from . import problems
from .intake import Intake


class Unauthenticated(CordonError):
    """No bearer token, or a wrong one."""

    code, exit_code, http_status = "unauthenticated", 4, 401


class TooLarge(CordonError):
    """More body than may be sent."""

    code, http_status = "too-large", 413


class WrongType(CordonError):
    """Not JSON."""

    code, http_status = "wrong-type", 415


@dataclass(frozen=True, slots=True)
class WebServices:
    """What the app needs. `wake` is called after a request was taken; `metrics` gives Prometheus text."""

    store: Store
    intake: Intake
    tokens: Sequence[str]
    most_bytes: int
    wake: Callable[[], None]
    health: Callable[[], dict[str, Any]]
    metrics: Callable[[], str]


def create_app(services: WebServices) -> FastAPI:
    """The application; it starts nothing."""
    app = FastAPI(
        title="Cordon", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json", debug=False
    )
    problems.install(app)

    @app.post("/api/v1/requests", status_code=202, summary="Ask for a containment (signed, Standard Webhooks)")
    async def post_request(request: Request) -> JSONResponse:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise WrongType("send application/json")
        body = await _body(request, services.most_bytes)
        peer = request.client.host if request.client else "?"
        headers = {k.lower(): v for k, v in request.headers.items()}
        request_id, new = await run_in_threadpool(services.intake.take, headers, body, peer=peer)
        if new:
            services.wake()
        place = f"/api/v1/requests/{request_id}"
        return JSONResponse({"request_id": request_id, "status": place}, 202, {"Location": place})

    @app.get("/api/v1/requests/{request_id}", summary="What became of a request (bearer token)")
    def get_request(request_id: str, request: Request) -> dict[str, Any]:
        _authorize(request, services.tokens)
        return _fate(services.store, request_id)

    @app.get("/healthz", summary="Whether every part runs")
    def healthz() -> JSONResponse:
        state = services.health()
        return JSONResponse(state, 200 if state.get("ok") else 503)

    @app.get("/metrics", summary="Prometheus metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(services.metrics(), media_type="text/plain; version=0.0.4")

    return app


async def _body(request: Request, most: int) -> bytes:
    """The raw body; TooLarge before more than `most` bytes are held."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise TooLarge(f"the body may have {most} bytes")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"the body may have {most} bytes")
    return body


def _authorize(request: Request, tokens: Sequence[str]) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    right = [hmac.compare_digest(token.encode(), known.encode()) for known in tokens]
    if scheme.lower() != "bearer" or not any(right):
        raise Unauthenticated("needs a bearer token that is configured under web.tokens")


def _fate(store: Store, request_id: str) -> dict[str, Any]:
    with store.reading() as connection:
        request = requests.find(connection, request_id)
        row = containments.of_request(connection, request_id)
        if request is None or row is None:
            raise NotFound(f"there is no request {request_id}")
        history = containments.history(connection, row["containment_id"])
    location = json.loads(row["location"]) if row["location"] else None
    return {
        "request_id": request_id,
        "containment_id": row["containment_id"],
        "state": row["state"],
        "final": is_final(State(row["state"])),
        "why": row["why"],
        "action": row["verb"],
        "target": request.target.model_dump(exclude_none=True),
        "port": {"switch": row["switch"], "name": row["port"], "ifindex": row["ifindex"]} if row["switch"] else None,
        "evidence": location["evidence"] if location else [],
        "until_ms": row["until_ms"],
        "history": [{"state": h["after"], "at_ms": h["at_ms"], "why": h["why"]} for h in history],
    }
