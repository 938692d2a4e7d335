"""PostgreSQL: committed data survive a crash, and a password is required."""

import asyncio
import os
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import StackError, StartupFailed
from deploy.local.log import Log
from deploy.local.postgres import Postgres
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.state_dir import StateDir

SLOW_QUERY = "SELECT count(*) FROM generate_series(1, 2e7)"
IS_COUNTING = """
SELECT count(*) FROM pg_stat_activity
WHERE query LIKE '%2e7)' AND query_start < now() - interval '300 ms'
"""
"""After 300 ms the query is counting; before, while it reads catalogs, it detects the crash."""


@pytest.fixture
def postgres(state_dir: StateDir) -> Postgres:
    state_dir.allocate_ports(postgres=0)
    postgres = Postgres(state_dir)
    postgres.prepare()
    return postgres


async def query(postgres: Postgres, sql: str) -> object:
    connection = await asyncpg.connect(postgres.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_committed_data_survive_a_crash(
    postgres: Postgres, spawner: ProcessSpawner, log: Log
) -> None:
    process = postgres.start(spawner, log)
    await query(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
    process.kill()
    process = postgres.start(spawner, log)
    assert await query(postgres, "SELECT number FROM kept") == 7
    process.stop(timeout=5)
    assert process.returncode == 0


async def test_a_wrong_password_is_rejected(
    postgres: Postgres, spawner: ProcessSpawner, log: Log
) -> None:
    process = postgres.start(spawner, log)
    wrong = postgres.url.replace("+asyncpg", "").replace("ostinato:", "ostinato:x")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    process.stop(timeout=5)


async def test_it_restarts_although_a_backend_of_the_killed_server_is_still_busy(
    postgres: Postgres, spawner: ProcessSpawner, log: Log, state_dir: StateDir
) -> None:
    process = postgres.start(spawner, log)
    connection = await asyncpg.connect(postgres.url.replace("+asyncpg", ""))
    busy = asyncio.create_task(connection.execute(SLOW_QUERY))
    while await query(postgres, IS_COUNTING) == 0:
        pass
    process.kill()
    process = await asyncio.to_thread(postgres.start, spawner, log)
    assert await query(postgres, "SELECT 1") == 1
    assert "pre-existing shared memory" in (state_dir.path / "log").read_text()
    process.stop(timeout=5)
    await asyncio.gather(busy, return_exceptions=True)
    connection.terminate()


def test_a_leftover_pid_file_with_the_pid_of_another_process_is_ignored(
    postgres: Postgres, state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    postgres.start(spawner, log).stop(timeout=5)
    spec = ProgramSpec(
        name="other", command=["/bin/sleep", "60"], env={}, account=Account.for_postgres()
    )
    other = Process(spec, spawner, log)
    pid_file = state_dir.path / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{other.pid}\n{pid_file.parent}\n0\n0\n\n\n0 0\nready\n")
    postgres.prepare()
    postgres.start(spawner, log).stop(timeout=5)
    other.kill()


def test_an_interrupted_creation_of_the_cluster_is_repeated(
    state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    state_dir.allocate_ports(postgres=0)
    postgres = Postgres(state_dir)
    incomplete = state_dir.path / "postgres" / "new"
    incomplete.mkdir()
    (incomplete / "PG_VERSION").touch()
    (state_dir.path / "postgres" / "password").touch()
    postgres.prepare()
    postgres.start(spawner, log).stop(timeout=5)


def test_a_server_that_cannot_start_raises_after_the_timeout(
    postgres: Postgres,
    state_dir: StateDir,
    spawner: ProcessSpawner,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deploy.local.postgres.START_TIMEOUT", 1.0)
    (state_dir.path / "postgres" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(StartupFailed, match="the log has the reason"):
        postgres.start(spawner, log)
    assert "incompatible with server" in (state_dir.path / "log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it under another account")
def test_for_root_with_a_private_folder_the_data_are_in_the_system_folder(
    tmp_path: Path,
    state_dir: StateDir,
    spawner: ProcessSpawner,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_DIR", state_dir.path)
    private = StateDir(tmp_path)
    private.allocate_ports(postgres=0)
    postgres = Postgres(private)
    postgres.prepare()
    postgres.start(spawner, log).stop(timeout=5)
    assert (tmp_path / "postgres").resolve().is_relative_to(state_dir.path)
    assert Postgres(private).url == postgres.url


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a folder")
def test_data_of_another_account_are_rejected(state_dir: StateDir) -> None:
    state_dir.allocate_ports(postgres=0)
    os.chown(Postgres(state_dir)._dir, 12345, 12345)
    with pytest.raises(StackError, match="start as its owner, or delete it"):
        Postgres(state_dir)


def test_an_error_of_initdb_is_reported(state_dir: StateDir) -> None:
    state_dir.allocate_ports(postgres=0)
    postgres = Postgres(state_dir)
    with pytest.raises(StackError, match="The database cannot be created: initdb: error: "):
        postgres._initdb("--pgdata", str(state_dir.path / "postgres" / "new"), "--builtin-locale=x")


def test_missing_data_are_an_error_and_not_created_again(state_dir: StateDir) -> None:
    (state_dir.path / "postgres").symlink_to(state_dir.path / "no such folder")
    with pytest.raises(StackError, match="are missing: restore them, or delete"):
        Postgres(state_dir)
