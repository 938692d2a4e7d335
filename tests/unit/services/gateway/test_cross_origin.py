"""Pages of allowed origins can call the API and read its errors; others cannot."""

import httpx
import pytest
from starlette.requests import HTTPConnection

from services.gateway.app import build_app
from services.gateway.cross_origin import check_websocket_origin
from shared.errors import Forbidden
from tests.unit.services.gateway.gateway_app import client_of, gateway, settings

PAGE = "http://localhost:3000"
OTHER = "http://localhost:4000"
HEADERS = "authorization,content-type,idempotency-key,last-event-id"
JOB = "/v1/jobs/01890000-0000-7000-8000-000000000000"
ERRORS = {
    401: ("GET", "/v1/models", {}),
    404: ("GET", "/v1/unknown", {}),
    405: ("DELETE", "/v1/jobs", {}),
    413: ("POST", "/v1/generations", {"Content-Length": "1000001"}),
    422: ("GET", "/v1/jobs/seven/events?ticket=a", {}),
    503: ("GET", "/v1/models", {"Authorization": "Bearer ost_key"}),
}
"""A request that fails with each status, although PostgreSQL does not answer."""


async def preflight(client: httpx.AsyncClient, origin: str, method: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": HEADERS,
    }
    return await client.options(f"{JOB}/events", headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_preflight_request_needs_no_key(method: str) -> None:
    async with gateway(allowed_origins=PAGE) as client:
        response = await preflight(client, PAGE, method)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == PAGE
    assert method in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"]
    assert allowed == HEADERS


@pytest.mark.parametrize("status", ERRORS)
async def test_a_page_can_read_errors(status: int) -> None:
    method, path, headers = ERRORS[status]
    async with gateway(allowed_origins=f"https://a.example,{PAGE}") as client:
        response = await client.request(method, path, headers={**headers, "Origin": PAGE})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == PAGE
    assert "Retry-After" in response.headers["access-control-expose-headers"]


async def test_a_page_can_read_that_the_service_has_a_fault() -> None:
    """An application that was not started has no connections, which is an unexpected error."""
    async with client_of(build_app(settings(allowed_origins=PAGE)), PAGE) as client:
        response = await client.get("/v1/models", headers={"Origin": PAGE})
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert response.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("allowed_origins", ["", PAGE])
async def test_an_origin_that_is_not_allowed_gets_the_reason(allowed_origins: str) -> None:
    async with gateway(allowed_origins=allowed_origins) as client:
        rejected = await preflight(client, OTHER, "GET")
        response = await client.get("/healthz", headers={"Origin": OTHER})
    assert (rejected.status_code, rejected.json()["code"]) == (403, "forbidden")
    assert f"Pages of {OTHER} may not" in rejected.json()["detail"]
    assert "OSTINATO_ALLOWED_ORIGINS" in rejected.json()["detail"]
    assert "access-control-allow-origin" not in {*rejected.headers, *response.headers}
    assert "Origin" in rejected.headers["vary"]
    assert response.status_code == 200


async def test_a_page_that_was_opened_as_a_file_gets_the_remedy() -> None:
    async with gateway(allowed_origins=PAGE) as client:
        rejected = await preflight(client, "null", "GET")
    assert "python3 -m http.server" in rejected.json()["detail"]


def connection(scheme: str, **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "websocket", "scheme": scheme, "headers": raw})


@pytest.mark.parametrize("origin", [{}, {"origin": PAGE}, {"origin": "http://127.0.0.1:8000"}])
def test_programs_allowed_pages_and_own_pages_may_open_a_websocket(origin: dict[str, str]) -> None:
    check_websocket_origin(connection("ws", host="127.0.0.1:8000", **origin), {PAGE})


@pytest.mark.parametrize(
    "origin",
    [
        *(OTHER, "null", "http://127.0.0.1:80001", "http://127.0.0.1", "http://localhost:8000"),
        *("file://127.0.0.1:8000", "https://127.0.0.1:8000", "127.0.0.1:8000", "://127.0.0.1:8000"),
        *(f"{PAGE}/", PAGE.upper(), "http://127.0.0.1:8000/", "http://a@127.0.0.1:8000"),
    ],
)
def test_other_pages_may_not_open_a_websocket(origin: str) -> None:
    with pytest.raises(Forbidden):
        check_websocket_origin(connection("ws", host="127.0.0.1:8000", origin=origin), {PAGE})


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [("wss", {}), ("ws", {"x_forwarded_proto": "wss"}), ("ws", {"x_forwarded_proto": "https"})],
)
@pytest.mark.parametrize("host", ["a.example", "a.example:443"])
def test_own_pages_have_https_as_their_scheme_under_tls(
    scheme: str, headers: dict[str, str], host: str
) -> None:
    own = connection(scheme, host=host, origin="https://a.example", **headers)
    check_websocket_origin(own, set())
    with pytest.raises(Forbidden):
        check_websocket_origin(
            connection(scheme, host=host, origin="http://a.example", **headers), set()
        )
