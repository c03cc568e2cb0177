"""Every error as problem+json (RFC 9457), and none with a stack trace."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from controller.core.errors import CordonError

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """A problem details object: type, title, status, detail and what else is known."""
    title = HTTPStatus(status).phrase
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    content = {"type": f"urn:cordon:problem:{code}", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Turn every exception of the app into a problem."""

    @app.exception_handler(CordonError)
    async def _cordon(_: Request, error: CordonError) -> JSONResponse:
        more = {"reason": error.details["reason"]} if "reason" in error.details else {}
        return problem(error.http_status, error.code, error.what, **more)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, "http", str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return problem(422, "bad-request", places)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", path=request.url.path, error=f"{type(error).__name__}: {error}")
        return problem(500, "internal", "something went wrong; the log says what")
