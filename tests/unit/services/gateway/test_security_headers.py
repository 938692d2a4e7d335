"""Every response limits what a browser does with it."""

from pathlib import Path

import httpx
import pytest

from services.gateway.security_headers import API_HEADERS, HEADERS, POLICY
from tests.unit.services.gateway.gateway_app import gateway

PAGE = "http://localhost:3000"
REQUESTS = [
    ("GET", "/healthz", {}, 200),
    ("GET", "/v1", {}, 200),
    ("GET", "/v1/jobs", {}, 401),
    ("GET", "/v1/unknown", {}, 404),
    ("POST", "/v1/generations", {"Content-Length": "1000001"}, 413),
    ("GET", "/v1/models", {"Authorization": "Bearer ost_key"}, 503),
    ("OPTIONS", "/v1/jobs", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}, 200),
]
PAGES = ["/docs", "/", "/missing", "/script.js"]


def assert_limited(response: httpx.Response) -> None:
    headers = {name: response.headers.get(name) for name in HEADERS}
    assert headers == HEADERS
    assert response.headers.get_list("content-security-policy") != []
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "strict-transport-security" not in response.headers


@pytest.mark.parametrize(("method", "path", "headers", "status"), REQUESTS)
async def test_responses_that_are_no_pages_permit_nothing(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    async with gateway(allowed_origins=PAGE) as client:
        response = await client.request(method, path, headers=headers)
    assert response.status_code == status
    assert_limited(response)
    assert response.headers.get_list("content-security-policy") == [API_HEADERS[POLICY]]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_permit_what_they_need(path: str, tmp_path: Path) -> None:
    for name in ("index.html", "404.html", "script.js"):
        (tmp_path / name).write_text("")
    async with gateway(static_dir=tmp_path) as client:
        response = await client.get(path)
    assert_limited(response)
    [policy] = response.headers.get_list("content-security-policy")
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert "'self'" in directives["default-src"]
    assert "http" not in policy
    assert directives["base-uri"] == directives["form-action"] == "'none'"


async def test_only_clients_with_tls_have_to_keep_it() -> None:
    async with gateway() as client:
        plain = await client.get("/healthz", headers={"X-Forwarded-Proto": "http"})
        behind_a_proxy = await client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
        direct = await client.get("https://127.0.0.1:8000/healthz")
    assert "strict-transport-security" not in plain.headers
    assert behind_a_proxy.headers["strict-transport-security"] == "max-age=31536000"
    assert direct.headers["strict-transport-security"] == "max-age=31536000"
