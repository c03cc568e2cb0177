"""The rest of the API: who may read, what is not there, health and metrics."""

import httpx2
import pytest

from .conftest import Platform


@pytest.mark.security
@pytest.mark.parametrize("token", [None, "", "wrong", "token-for-test", "token-for-tests2"])
def test_reading_needs_the_token(platform: Platform, token: str | None) -> None:
    """No token or another one: 401 as problem+json."""
    answer = platform.get("/api/v1/requests/req_1", token)
    assert 401 == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"]


def test_a_request_that_is_not_there(platform: Platform) -> None:
    """404 as problem+json."""
    answer = platform.get("/api/v1/requests/req_1")
    assert (404, 404) == (answer.status_code, answer.json()["status"])


@pytest.mark.parametrize(("method", "path", "status"), [("PUT", "/api/v1/requests", 405), ("GET", "/nothing", 404)])
def test_wrong_method_and_place(platform: Platform, method: str, path: str, status: int) -> None:
    """The framework's own errors are problem+json too."""
    answer = httpx2.request(method, f"{platform.url}{path}", timeout=60)
    assert status == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"]


def test_health_and_metrics(platform: Platform) -> None:
    """For a load balancer and for Prometheus, without a token."""
    assert {"ok": True, "failing": {}} == platform.get("/healthz", None).json()
    assert "cordon_up 1" in platform.get("/metrics", None).text
