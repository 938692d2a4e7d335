"""An upload that finds the disk full is refused as during an outage, and succeeds later."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from tests.support.midi import zip_of_random_midis
from tests.support.servers.gateway import gateway
from tests.support.servers.small_disk import fill, small_disk


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk(megabytes=2) as folder:
        yield folder


async def test_a_full_disk_is_an_outage(backends: Stack, disk: Path) -> None:
    filler, body = disk / "filler", zip_of_random_midis(1).getvalue()
    await asyncio.to_thread(fill, filler)
    async with gateway(backends, uuid4().hex, storage_url=str(disk)) as http:
        headers = {"Content-Type": "application/zip"}
        path = "/v1/datasets?name=songs"
        refused = await http.post(path, content=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert refused.headers["retry-after"] == "60"
        assert "disk of the gateway is full" in refused.json()["detail"]
        await asyncio.to_thread(filler.unlink)
        accepted = await http.post(path, content=body, headers=headers)
    assert accepted.status_code == 201
