"""What logs contain: ids in fields, but not what clients sent, though a statement fails with it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from io import StringIO
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from services.dispatcher.reaper import Reaper
from shared.db.database import Database
from shared.db.driver import Statement
from shared.logs import JsonFormatter, TextFormatter
from shared.metrics.instruments import RECORDED
from tests.support.jobs import EXPIRED, JobFixture
from tests.support.servers.stacks import Servers

INSERT = text("""
    INSERT INTO primers (id, owner, sha256, notes, bars)
    VALUES (CAST(:id AS uuid), CAST(:owner AS text), '', '[]', 1)
""")
log = logging.getLogger(__name__)

Fail = Callable[[Database, dict[str, object]], Awaitable[None]]


@pytest.fixture(params=[TextFormatter(), JsonFormatter("test")], ids=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What is logged in one of the formats."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param)
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)


async def fail_through_sqlalchemy(database: Database, parameters: dict[str, object]) -> None:
    async with database.transaction() as connection:
        for _ in range(2):
            await connection.execute(INSERT, parameters)


async def fail_through_the_driver(database: Database, parameters: dict[str, object]) -> None:
    async with database.driver_connection() as connection:
        for _ in range(2):
            await connection.fetch(Statement(INSERT), parameters)


@pytest.mark.parametrize("fail", [fail_through_sqlalchemy, fail_through_the_driver])
async def test_a_failed_statement_leaves_no_values_in_logs(
    backends: Stack, database: Database, servers: Servers, written: StringIO, fail: Fail
) -> None:
    primer_id, owner = uuid4(), f"owner {uuid4()}"
    before = servers.log.read_text(errors="replace")
    try:
        await fail(database, {"id": primer_id, "owner": owner})
    except Exception:
        log.exception("It failed.")
    assert "primers_pkey" in written.getvalue()
    server = ""
    async with asyncio.timeout(10):
        while "primers_pkey" not in server:
            await asyncio.sleep(0.02)
            server = servers.log.read_text(errors="replace").removeprefix(before)
    for text_of_log in (written.getvalue(), server):
        assert str(primer_id) not in text_of_log
        assert owner not in text_of_log


async def test_an_expired_lease_is_logged_with_its_ids_and_counted(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = JobFixture(database)
    job = await jobs.create()
    shard = await jobs.claim(lease_duration=EXPIRED)
    before = RECORDED.get_sample_value("ostinato_lease_expiries_total") or 0.0
    await Reaper(database, outage_grace_seconds=0).step()
    after = RECORDED.get_sample_value("ostinato_lease_expiries_total") or 0.0
    assert after >= before + 1
    lines = [json.loads(JsonFormatter("dispatcher").format(line)) for line in caplog.records]
    [line] = [line for line in lines if line.get("job") == str(job.id)]
    assert line["shard"] == str(shard.shard_id)
    assert line["level"] == "WARNING"
