"""Upload of a data set on the real PostgreSQL: the zip is stored before its import is queued.

A refused upload leaves nothing in the storage.
"""

import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.stack import Stack
from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings
from shared.db import database
from shared.db.api_keys import ApiKeys
from shared.storage.blobs import Blobs, Upload
from tests.support.midi import zip_of_random_midis

MAX_PENDING = 2


class SlowUpload(Upload):
    """An upload that takes longer than a transaction may be idle."""

    def commit(self) -> None:
        time.sleep(0.6)
        super().commit()


class SlowBlobs(Blobs):
    """A blob store with slow uploads."""

    def upload(self, key: str) -> Upload:
        return SlowUpload(self._files, self._path(key))


@pytest.fixture
async def app(
    backends: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """A gateway in this process."""
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
        yield app


@pytest.fixture
async def key(app: FastAPI) -> str:
    """The API key of a new owner."""
    async with app.state.app_state.database.transaction() as connection:
        return (await ApiKeys(connection).create(uuid4().hex)).key


@pytest.fixture
async def http(app: FastAPI, key: str) -> AsyncIterator[httpx.AsyncClient]:
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


def stored(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.rglob("*") if path.is_file()]


async def test_an_upload_that_is_no_zip_leaves_nothing(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    response = await http.post("/v1/datasets?name=tunes", content=b"no zip" * 100)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_archive")
    assert stored(tmp_path) == []


async def test_an_upload_goes_to_the_storage_and_leaves_nothing_if_the_client_disconnects(
    app: FastAPI, key: str, tmp_path: Path
) -> None:
    parts = iter([b"PK" * 100_000, b"more" * 100_000])
    seen: list[list[str]] = []

    async def receive() -> dict[str, Any]:
        seen.append(stored(tmp_path))
        body = next(parts, None)
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(_: dict[str, Any]) -> None:
        pass

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/datasets",
        "raw_path": b"/v1/datasets",
        "query_string": b"name=tunes",
        "headers": [(b"authorization", f"Bearer {key}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("gateway", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    await app(scope, receive, send)  # type: ignore[arg-type]  # the messages are as ASGI says
    assert len(seen) == 3
    assert [Path(name).suffixes for name in seen[-1]] == [[".zip", ".unfinished"]]
    assert stored(tmp_path) == []
