"""The real Traefik routes, limits and adds headers as its files in deploy/traefik say."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.servers.traefik import is_healthy, traefik

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
RATE = "{average: 500, period: 1s, burst: 2000}"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Traefik with another rate limit of the studio and the API: six requests, one in an hour."""
    slow = {RATE: "{average: 1, period: 1h, burst: 6}"}
    with (
        traefik(tmp_path_factory.mktemp("traefik"), replace=slow) as url,
        httpx.Client(base_url=url, trust_env=False) as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/jobs", "gateway"),
        ("/readyz", "gateway"),
        ("/flower/tasks", "flower"),
        ("/metrics", "web"),
    ],
)
def test_each_path_has_its_service_and_the_headers(
    http: httpx.Client, path: str, service: str
) -> None:
    response = http.get(path)
    assert (response.status_code, response.text) == (200, service)
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "Server" not in response.headers
    assert "Strict-Transport-Security" not in response.headers


def test_a_client_that_sends_more_than_the_rate_gets_429(http: httpx.Client) -> None:
    statuses = [http.get("/v1/jobs").status_code for _ in range(7)]
    assert (statuses[-1], http.get("/flower").status_code) == (429, 200)


def test_the_profile_tls_serves_https_with_the_certificate(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", tmp_path / "key.pem", "-out", certificate, "-days", "1"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    with (
        traefik(tmp_path, "traefik-tls.yml", TLS="on") as url,
        httpx.Client(
            base_url=url, trust_env=False, verify=ssl.create_default_context(cafile=certificate)
        ) as http,
    ):
        response = http.get("/v1/jobs")
        assert is_healthy(tmp_path / "traefik-tls.yml")
    assert not is_healthy(tmp_path / "traefik-tls.yml")
    assert (response.status_code, response.text) == (200, "gateway")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
