"""Upload of a data set on the real PostgreSQL: the zip is stored before its import is queued."""

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
from shared.db.api_keys import ApiKeys
from shared.storage.blobs import Blobs
from tests.support.midi import zip_of_random_midis

MAX_PENDING = 2


class SlowBlobs(Blobs):
    """A blob store that takes longer than a transaction may be idle."""

    def put(self, key: str, source: IO[bytes]) -> None:
        time.sleep(0.6)
        super().put(key, source)


@pytest.fixture
async def http(
    backends: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway in this process, with the API key of a new owner."""
    monkeypatch.setitem(database.SERVER_SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    settings = GatewaySettings(
        environment="development",
        database_url=backends.database_url,
        redis_url=backends.redis_url,
        max_pending_dataset_imports=MAX_PENDING,
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        app_state = app.state.app_state
        app.state.app_state = dataclasses.replace(app_state, blobs=SlowBlobs(str(tmp_path)))
        async with app_state.database.transaction() as connection:
            key = (await ApiKeys(connection).create(uuid4().hex)).key
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {key}"},
        ) as http:
            yield http


async def upload(http: httpx.AsyncClient) -> httpx.Response:
    headers = {"Content-Type": "application/zip"}
    body = zip_of_random_midis(1).getvalue()
    return await http.post("/v1/datasets?name=tunes", content=body, headers=headers)


async def test_an_upload_to_a_slow_blob_store_succeeds(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    response = await upload(http)
    assert response.status_code == 201, response.text
    assert (tmp_path / "datasets" / f"{response.json()['id']}.zip").exists()


async def test_the_zip_of_a_rejected_upload_is_deleted(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    accepted = [(await upload(http)).json()["id"] for _ in range(MAX_PENDING)]
    assert (await upload(http)).status_code == 429
    stored = {path.name for path in (tmp_path / "datasets").iterdir()}
    assert stored == {f"{dataset}.zip" for dataset in accepted}
