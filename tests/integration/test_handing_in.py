"""A zip that is handed in, on the real PostgreSQL: it is stored before its reading is promised."""

import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings
from shared.db import database
from shared.db.api_keys import Keys
from shared.storage.blobs import Blobs
from tests.tunes import tunes

MOST = 2


class SlowBlobs(Blobs):
    """A store that takes longer than a transaction may stand idle."""

    def put(self, key: str, source: IO[bytes]) -> None:
        time.sleep(0.6)
        super().put(key, source)


@pytest.fixture
async def http(
    servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway of this process, with a key of somebody new."""
    monkeypatch.setitem(database.SERVER_SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    settings = GatewaySettings(
        environment="development",
        database_url=servers.database_url,
        redis_url=servers.redis_url,
        max_unfinished_readings=MOST,
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        gateway = app.state.gateway
        app.state.gateway = dataclasses.replace(gateway, blobs=SlowBlobs(str(tmp_path)))
        async with gateway.database.transaction() as connection:
            key = await Keys(connection).create(uuid4().hex)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {key}"},
        ) as http:
            yield http


async def hand_in(http: httpx.AsyncClient) -> httpx.Response:
    headers = {"Content-Type": "application/zip"}
    body = tunes(1).getvalue()
    return await http.post("/v1/datasets?name=tunes", content=body, headers=headers)


async def test_a_slow_store_refuses_no_upload(http: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await hand_in(http)
    assert answer.status_code == 201, answer.text
    assert (tmp_path / "datasets" / f"{answer.json()['id']}.zip").exists()


async def test_what_is_refused_is_not_kept(http: httpx.AsyncClient, tmp_path: Path) -> None:
    accepted = [(await hand_in(http)).json()["id"] for _ in range(MOST)]
    assert (await hand_in(http)).status_code == 429
    kept = {path.name for path in (tmp_path / "datasets").iterdir()}
    assert kept == {f"{dataset}.zip" for dataset in accepted}
