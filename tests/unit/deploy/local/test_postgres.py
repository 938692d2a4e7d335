"""PostgreSQL: back after a crash with all that was committed, and closed to strangers."""

import asyncio
import os
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import NeverReady, StackError
from deploy.local.log import Log
from deploy.local.postgres import Postgres
from deploy.local.process import Keeper, Process, Program
from deploy.local.state_dir import Folder

WORK = "SELECT count(*) FROM generate_series(1, 2e7)"
AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE query LIKE '%2e7)' AND query_start < now() - interval '300 ms'
"""
"""It counts by now: a backend that still reads its catalogues would notice the server's death."""


@pytest.fixture
def postgres(folder: Folder) -> Postgres:
    folder.choose_ports(postgres=0)
    postgres = Postgres(folder)
    postgres.prepare()
    return postgres


async def query(postgres: Postgres, sql: str) -> object:
    connection = await asyncpg.connect(postgres.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_what_was_committed_survives_a_crash(
    postgres: Postgres, keeper: Keeper, log: Log
) -> None:
    process = postgres.start(keeper, log)
    await query(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
    process.kill()
    process = postgres.start(keeper, log)
    assert await query(postgres, "SELECT number FROM kept") == 7
    process.stop(patience=5)
    assert process.returncode == 0


async def test_a_wrong_password_opens_nothing(postgres: Postgres, keeper: Keeper, log: Log) -> None:
    process = postgres.start(keeper, log)
    wrong = postgres.url.replace("+asyncpg", "").replace("ostinato:", "ostinato:x")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    process.stop(patience=5)


async def test_it_comes_back_though_a_backend_of_the_killed_one_still_works(
    postgres: Postgres, keeper: Keeper, log: Log, folder: Folder
) -> None:
    process = postgres.start(keeper, log)
    connection = await asyncpg.connect(postgres.url.replace("+asyncpg", ""))
    busy = asyncio.create_task(connection.execute(WORK))
    while await query(postgres, AT_WORK) == 0:
        pass
    process.kill()
    process = await asyncio.to_thread(postgres.start, keeper, log)
    assert await query(postgres, "SELECT 1") == 1
    assert "pre-existing shared memory" in (folder.path / "log").read_text()
    process.stop(patience=5)
    await asyncio.gather(busy, return_exceptions=True)
    connection.terminate()


def test_a_pid_file_that_now_has_the_number_of_a_stranger_is_no_obstacle(
    postgres: Postgres, folder: Folder, keeper: Keeper, log: Log
) -> None:
    postgres.start(keeper, log).stop(patience=5)
    sleep = Program(
        name="stranger",
        command=["/bin/sleep", "60"],
        environment={},
        account=Account.for_servers(),
    )
    stranger = Process(sleep, keeper, log)
    pid_file = folder.path / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n0\n0\n\n\n0 0\nready\n")
    postgres.prepare()
    postgres.start(keeper, log).stop(patience=5)
    stranger.kill()


def test_a_creation_cut_short_is_begun_anew(folder: Folder, keeper: Keeper, log: Log) -> None:
    folder.choose_ports(postgres=0)
    postgres = Postgres(folder)
    half = folder.path / "postgres" / "new"
    half.mkdir()
    (half / "PG_VERSION").touch()
    (folder.path / "postgres" / "password").touch()
    postgres.prepare()
    postgres.start(keeper, log).stop(patience=5)


def test_a_server_that_cannot_start_is_given_up(
    postgres: Postgres, folder: Folder, keeper: Keeper, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.postgres.PATIENCE", 1.0)
    (folder.path / "postgres" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(NeverReady, match="the log says why"):
        postgres.start(keeper, log)
    assert "incompatible with server" in (folder.path / "log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it under another account")
def test_for_root_with_a_private_folder_the_data_lies_where_the_account_can_reach(
    tmp_path: Path, folder: Folder, keeper: Keeper, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM", folder.path)
    private = Folder(tmp_path)
    private.choose_ports(postgres=0)
    postgres = Postgres(private)
    postgres.prepare()
    postgres.start(keeper, log).stop(patience=5)
    assert (tmp_path / "postgres").resolve().is_relative_to(folder.path)
    assert Postgres(private).url == postgres.url


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_data_of_another_account_is_refused(folder: Folder) -> None:
    folder.choose_ports(postgres=0)
    os.chown(Postgres(folder)._place, 12345, 12345)
    with pytest.raises(StackError, match="start as its owner, or delete it"):
        Postgres(folder)


def test_initdb_says_why_it_fails(folder: Folder) -> None:
    folder.choose_ports(postgres=0)
    postgres = Postgres(folder)
    with pytest.raises(StackError, match="initdb failed: "):
        postgres._initdb("--pgdata", str(folder.path / "postgres" / "new"), "--builtin-locale=x")


def test_data_that_are_gone_are_missed_and_not_made_anew(folder: Folder) -> None:
    (folder.path / "postgres").symlink_to(folder.path / "no such place")
    with pytest.raises(StackError, match="are gone: restore them, or delete"):
        Postgres(folder)
