"""`/readyz` reports both Redis servers (of notifications, of event streams) and the models."""

from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from tests.support.servers.gateway import gateway

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("unreachable", "status"),
    [((), "ok"), (("redis_url",), "down"), (("event_streams_url",), "down")],
)
async def test_redis_is_ok_if_every_server_answers(
    backends: Stack, unreachable: tuple[str, ...], status: str
) -> None:
    urls = dict.fromkeys(("redis_url", "event_streams_url"), backends.redis_url)
    urls |= dict.fromkeys(unreachable, UNREACHABLE)
    async with gateway(backends, uuid4().hex, **urls) as http:
        response = await http.get("/readyz")
    assert response.json()["redis"] == status
