"""The diagnosis names each fault of a running stack in a sentence."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.diagnosis import diagnosis
from deploy.diagnosis.finding import Level
from shared.db.database import Database
from shared.db.operations.process_metrics import ProcessMetrics
from shared.db.outbox import MessageKind, Outbox
from shared.db.workers import WorkerRow, Workers
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.support.jobs import JobFixture
from tests.support.servers.stacks import EMPTY, Servers
from tests.support.versions import SHA256, add_version

SERVICES = ("gateway", "dispatcher", "worker", "trainer")
NOWHERE = "127.0.0.1:1"
EVERYTHING = ("PostgreSQL", *SERVICES, "models", "outbox", "leases", "Redis", "disk")


class StackRecords:
    """A database in which the processes of a sound stack have reported."""

    def __init__(self, settings: CommonSettings, database: Database, version: str) -> None:
        self.settings = settings
        self.database = database
        self.version = version

    async def execute(self, statement: str, **parameters: object) -> None:
        async with self.database.connection() as connection:
            await connection.execute(text(statement), parameters)

    async def diagnose(self, **settings: object) -> dict[str, str]:
        """The sentences of the checks that found something."""
        found = await diagnosis.diagnose(self.settings.model_copy(update=settings))
        assert {name for name, _ in found} <= set(EVERYTHING)
        return {
            name: f"{finding.level}: {finding.text}"
            for name, finding in found
            if finding.level is not Level.OK
        }


@pytest.fixture(scope="module")
def urls(servers: Servers) -> tuple[str, str]:
    """The URLs of a database and of a Redis database."""
    return servers.new_urls()


@pytest.fixture(scope="module")
def empty_url(servers: Servers) -> str:
    """The URL of a database without tables."""
    return servers.new_urls(EMPTY)[0]


@pytest.fixture
async def sound(urls: tuple[str, str], tmp_path: Path) -> AsyncIterator[StackRecords]:
    database_url, redis_url = urls
    database = Database(database_url, pool_size=1)
    async with database.transaction() as connection:
        await connection.execute(
            text("TRUNCATE process_metrics, workers, models, outbox, jobs, shards CASCADE")
        )
    version = await add_version(database)
    async with database.transaction() as connection:
        for service in SERVICES:
            await ProcessMetrics(connection).report(new_id(), service, f"7@{service}", {})
        row = WorkerRow(
            id=new_id(), name="7@worker", engine_stats={}, loaded_models={version: SHA256}
        )
        await Workers(connection).upsert_heartbeat(row)
    settings = CommonSettings.model_validate(
        {
            "environment": "development",
            "database_url": database_url,
            "redis_url": redis_url,
            "checkpoints_dir": tmp_path,
            "storage_url": str(tmp_path / "not created yet"),
        }
    )
    yield StackRecords(settings, database, version)
    await database.close()


async def test_a_sound_stack_has_no_finding(sound: StackRecords) -> None:
    assert await sound.diagnose() == {}
    assert [name for name, _ in await diagnosis.diagnose(sound.settings)] == [*EVERYTHING]


async def test_postgresql_is_away(sound: StackRecords) -> None:
    found = await sound.diagnose(database_url=f"postgresql+asyncpg://ostinato:x@{NOWHERE}/ostinato")
    assert found.keys() == {"PostgreSQL"}
    assert found["PostgreSQL"].startswith(f"failed: does not answer at {NOWHERE}")


async def test_redis_is_away(sound: StackRecords) -> None:
    found = await sound.diagnose(redis_url=f"redis://:secret@{NOWHERE}/0")
    assert found.keys() == {"Redis"}
    assert found["Redis"].startswith(f"failed: does not answer at {NOWHERE}")


async def test_the_database_was_not_migrated(sound: StackRecords, empty_url: str) -> None:
    found = await sound.diagnose(database_url=empty_url)
    assert "python -m shared.db.migrations.migrate" in found["PostgreSQL"]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_was_stopped(sound: StackRecords, service: str) -> None:
    await sound.execute("DELETE FROM process_metrics WHERE service = :service", service=service)
    found = await sound.diagnose()
    assert found.keys() == {service}
    assert found[service].startswith("failed: none is running. Until one is started")


async def test_the_dispatcher_was_killed(sound: StackRecords) -> None:
    await sound.execute(
        "UPDATE process_metrics SET reported_at = now() - interval '90 seconds'"
        " WHERE service = 'dispatcher'"
    )
    found = await sound.diagnose()
    assert found.keys() == {"dispatcher"}
    assert "seen last: 7@dispatcher 90 s ago" in found["dispatcher"]


async def test_one_of_two_workers_is_silent(sound: StackRecords) -> None:
    await sound.execute(
        "INSERT INTO process_metrics (id, service, name, samples, reported_at)"
        " VALUES (gen_random_uuid(), 'worker', '8@b', '{}', now() - interval '90 seconds')"
    )
    found = await sound.diagnose()
    assert found.keys() == {"worker"}
    assert found["worker"].startswith("warning: 1 running; 8@b 90 s ago became silent")


async def test_no_worker_has_the_promoted_weights(sound: StackRecords) -> None:
    other = await add_version(sound.database)
    found = await sound.diagnose()
    assert found.keys() == {"models"}
    assert f"weights of {other} ({SHA256}) are not loaded by any worker" in found["models"]


async def test_a_worker_refused_the_promoted_weights(sound: StackRecords) -> None:
    refused = await add_version(sound.database)
    await sound.execute(
        "UPDATE workers SET load_errors = jsonb_build_object(CAST(:version AS text), 'not finite')",
        version=refused,
    )
    found = await sound.diagnose()
    assert found.keys() == {"models"}
    assert f"{refused} ({SHA256}) are refused by worker 7@worker: not finite" in found["models"]


async def test_messages_are_not_published(sound: StackRecords) -> None:
    async with sound.database.transaction() as connection:
        await Outbox(connection).add(uuid4(), MessageKind.JOB, [{"state": "queued"}])
    assert await sound.diagnose() == {}
    await sound.execute("UPDATE outbox SET created_at = now() - interval '40 seconds'")
    found = await sound.diagnose()
    assert found.keys() == {"outbox"}
    assert found["outbox"].startswith("failed: the oldest message has waited for 40 s")


async def test_expired_leases_are_not_requeued(sound: StackRecords) -> None:
    jobs = JobFixture(sound.database)
    await jobs.create()
    assert await jobs.try_claim() is not None
    assert await sound.diagnose() == {}
    await sound.execute("UPDATE shards SET lease_expires_at = now() - interval '2 minutes'")
    found = await sound.diagnose()
    assert found.keys() == {"leases"}
    assert found["leases"].startswith("failed: 1 expired more than 60 s ago")


async def test_the_disk_is_nearly_full(
    sound: StackRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "MIN_FREE_BYTES", 2**62)
    found = await sound.diagnose()
    assert found.keys() == {"disk"}
    assert "GB are free for" in found["disk"]
