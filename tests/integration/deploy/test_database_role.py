"""The role that deploy/postgres/create-role.sh creates owns one schema, and serves Ostinato."""

import subprocess
from uuid import uuid4

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ProgrammingError

from deploy.local import binaries
from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.migrations.migrate import migrate
from tests.architecture.source import ROOT
from tests.support.jobs import JobFixture
from tests.support.servers.databases import create_database

SCRIPTS = ROOT / "deploy" / "postgres"
PASSWORD = "it's a secret"
FORBIDDEN = (
    "CREATE TABLE public.t (id integer)",
    "CREATE DATABASE d",
    "CREATE ROLE r",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT rolpassword FROM pg_authid",
    "COPY (SELECT 1) TO PROGRAM 'true'",
)


class RoleDatabase:
    """A new database, for a role that the script has created."""

    def __init__(self, url: URL) -> None:
        self._superuser = url
        self._role = f"role_{uuid4().hex}"
        self.run("sh", SCRIPTS / "create-role.sh")

    @property
    def url(self) -> str:
        """The URL of the role."""
        url = self._superuser.set(username=self._role, password=PASSWORD)
        return url.render_as_string(hide_password=False)

    def run(self, *command: object, stdin: bytes = b"") -> bytes:
        """Run a program as the image of PostgreSQL does; returns its output."""
        url = self._superuser
        completed = subprocess.run(
            [str(part) for part in command],
            env={
                "PATH": f"{binaries.postgres(None)}:/usr/bin:/bin",
                "PGHOST": str(url.host),
                "PGPORT": str(url.port),
                "PGPASSWORD": str(url.password),
                "POSTGRES_USER": str(url.username),
                "POSTGRES_DB": str(url.database),
                "DATABASE_ROLE": self._role,
                "DATABASE_PASSWORD": PASSWORD,
            },
            input=stdin,
            stdout=subprocess.PIPE,
            check=True,
        )
        return completed.stdout


@pytest.fixture
async def role_database(backends: Stack) -> RoleDatabase:
    return RoleDatabase(make_url(await create_database(backends)))


async def owned_schemas(database: Database) -> list[str]:
    """The schemas with tables of the current role."""
    query = text("SELECT DISTINCT schemaname FROM pg_tables WHERE tableowner = current_user")
    async with database.connection() as connection:
        return list(await connection.scalars(query))


async def test_the_role_can_do_what_the_services_do_and_nothing_else(
    role_database: RoleDatabase,
) -> None:
    await migrate(role_database.url)
    database = Database(role_database.url, pool_size=1)
    jobs = JobFixture(database)
    await jobs.create()
    assert await jobs.finish(await jobs.claim())
    assert await owned_schemas(database) == [make_url(role_database.url).username]
    async with database.connection() as connection:
        is_superuser = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert await connection.scalar(is_superuser) is False
    for statement in FORBIDDEN:
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.connection() as connection:
                await connection.execute(text(statement))
    await database.close()


async def test_a_dump_of_a_superuser_is_restored_for_the_role(
    role_database: RoleDatabase, database: Database, backends: Stack
) -> None:
    before = JobFixture(database)
    job = await before.create()
    superuser = backends.database_url.replace("+asyncpg", "")
    dump = role_database.run("pg_dump", "--format=custom", superuser)
    role_database.run("sh", SCRIPTS / "move-to-role.sh", stdin=dump)
    restored = Database(role_database.url, pool_size=1)
    async with restored.transaction() as connection:
        restored_job = await GenerationJobs(connection).get(job.id, before.owner)
    assert restored_job.request == job.request
    await migrate(role_database.url)
    jobs = JobFixture(restored)
    await jobs.create()
    assert await jobs.finish(await jobs.claim())
    assert await owned_schemas(restored) == [make_url(role_database.url).username]
    await restored.close()
