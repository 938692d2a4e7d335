"""The health checks of the containers, and the log, of a running stack."""

import subprocess
import sys
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import make_url

from deploy.diagnosis.diagnosis import RECORDS
from deploy.health import CHECKS
from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from tests.support.http_api import create_ticket, websocket_events

WRONG_KEY = f"ost_{uuid4().hex}"


@pytest.mark.parametrize("program", CHECKS)
def test_the_services_of_a_running_stack_are_healthy(program: str, stack: Stack) -> None:
    command = [sys.executable, "-m", "deploy.health", program]
    assert subprocess.run(command, env=stack.env(), check=False).returncode == 0


def test_the_diagnosis_has_a_line_for_each_check(stack: Stack) -> None:
    command = [sys.executable, "-m", "deploy.diagnosis"]
    completed = subprocess.run(
        command, env=stack.env(), check=False, capture_output=True, text=True
    )
    lines = [line.split(maxsplit=2) for line in completed.stdout.splitlines()]
    assert [*RECORDS] == [name for _, name, _ in lines[1:-2]]
    found = {name: level for level, name, _ in lines}
    assert {found[name] for name in ("PostgreSQL", "Redis", "gateway", "dispatcher")} == {"ok"}
    assert completed.returncode == int("failed" in found.values())


def test_the_log_of_a_run_has_no_secrets(stack: Stack, client: Client, http: httpx.Client) -> None:
    key = f"key {uuid4()}"
    job = client.generate(GenerationRequest(bars=1, seed=3), idempotency_key=key)
    ticket = create_ticket(http, str(job.id))
    websocket_events(stack, str(job.id), f"ticket={ticket}")
    for body in ({"bars": 1, "model": key}, {"bars": key}, key):
        assert http.post("/v1/generations", json=body).is_client_error
    assert http.get("/v1/jobs", headers={"Authorization": f"Bearer {WRONG_KEY}"}).is_client_error
    log = stack.state_dir.path / "log"
    text = log.read_text(errors="replace")
    assert "Claimed 1 shards" in text
    secrets = {
        *(stack.key_file.read_text().strip(), WRONG_KEY, ticket, key),
        *(str(make_url(url).password) for url in (stack.database_url, stack.redis_url)),
    }
    assert {secret for secret in secrets if secret in text} == set()
    assert log.stat().st_mode & 0o777 == 0o600
