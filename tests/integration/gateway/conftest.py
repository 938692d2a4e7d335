"""Batches that are submitted over HTTP, of a version of their own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from shared.db.database import Database
from tests.support.servers.batches import BatchFixture
from tests.support.servers.gateway import gateway
from tests.support.versions import add_version


@pytest.fixture
async def fixture(backends: Stack, database: Database) -> AsyncIterator[BatchFixture]:
    version = await add_version(database)
    async with gateway(backends, uuid4().hex) as http:
        yield BatchFixture(database, version, http)
