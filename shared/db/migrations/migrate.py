"""`python -m shared.db.migrations.migrate`: upgrade to the newest revision.

Each revision is a transaction, and so is each batch of rows that `backfill` of a revision converts
before. A migration that was interrupted continues there. No statement has a time limit, but none
waits long for a lock, because the services would wait behind it: it is tried again.

Several processes may run it at once: an advisory lock makes all but one of them wait. That lock and
all settings end with the transaction, so PgBouncer may run in transaction mode.
"""

import asyncio
import logging
import time
from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.db.database import CONNECT_TIMEOUT_SECONDS, NAMED_STATEMENTS
from shared.errors import Unavailable
from shared.logs import configure
from shared.settings import CommonSettings

log = logging.getLogger(__name__)

LOCK_ID = 0x0571_A710
"""An arbitrary number, the same for every process."""
SETTINGS = {
    # Less than the services wait for a lock: their statements queue behind this one meanwhile
    "lock_timeout": "1s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "enable_seqscan": "on",
}
RETRY_SECONDS = 1.0
"""Pause in which the services get the locks that they wait for."""
LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED = "55P03", "40P01"
OLDEST_TRANSACTION = text("""
    SELECT pid, application_name, date_trunc('second', now() - xact_start) AS age
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 1
""")


class UnknownRevision(Exception):
    """The database is of a newer release."""


class StepResult(Enum):
    """What a transaction of a migration has achieved."""

    APPLIED = auto()
    """A revision, or a batch of its rows."""
    FINISHED = auto()
    """Nothing: the database has the newest revision."""
    BLOCKED = auto()
    """Nothing: another transaction has a lock."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the revisions of this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


async def migrate(database_url: str, *, prepared_statements: bool = True) -> None:
    """Apply all missing revisions.

    If one fails, those before it stay applied; the next call continues with it.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
        UnknownRevision: the database is of a newer release.
    """
    engine = create_async_engine(
        database_url,
        poolclass=NullPool,
        connect_args={
            "timeout": CONNECT_TIMEOUT_SECONDS,
            "statement_cache_size": NAMED_STATEMENTS if prepared_statements else 0,
        },
    )
    try:
        while await _step_unblocked(engine) is not StepResult.FINISHED:
            pass
    finally:
        await engine.dispose()


async def _step_unblocked(engine: AsyncEngine) -> StepResult:
    """Repeat a step for as long as another transaction blocks it."""
    attempt = 1
    while (result := await _step(engine, attempt)) is StepResult.BLOCKED:
        await asyncio.sleep(RETRY_SECONDS)
        attempt += 1
    return result


async def _step(engine: AsyncEngine, attempt: int) -> StepResult:
    """Apply the next revision, or convert the next batch of its rows, in one transaction."""
    is_logged = attempt.bit_count() == 1  # 1, 2, 4, 8 ...
    try:
        async with engine.begin() as connection:
            for name, value in SETTINGS.items():
                await connection.execute(text(f"SET LOCAL {name} = '{value}'"))
            lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
            if await connection.scalar(lock, {"lock": LOCK_ID}):
                return await connection.run_sync(apply_next)
        if is_logged:
            log.info("Another process is migrating this database; waiting for it.")
    except OSError as error:
        raise Unavailable("PostgreSQL") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}:
            raise
        if is_logged:
            await _log_blocker(engine)
    return StepResult.BLOCKED


async def _log_blocker(engine: AsyncEngine) -> None:
    """Name the oldest transaction, which most probably has the lock."""
    async with engine.connect() as connection:
        oldest = (await connection.execute(OLDEST_TRANSACTION)).one_or_none()
    log.warning(
        "Another transaction has a lock that this revision needs; trying again until it ends. %s",
        ""
        if oldest is None
        else f"The oldest one runs since {oldest.age}; to end it: "
        f"SELECT pg_terminate_backend({oldest.pid}) -- {oldest.application_name or 'no name'}",
    )


def apply_next(connection: Connection) -> StepResult:
    """Apply the next revision, or convert the next batch of its rows.

    Raises:
        UnknownRevision: the database is of a newer release.
    """
    config = alembic_config(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    script = _revision_after(ScriptDirectory.from_config(config), current)
    if script is None:
        return StepResult.FINISHED
    start = time.monotonic()
    backfill = getattr(script.module, "backfill", None)
    num_rows = backfill(connection) if backfill else 0
    if num_rows:
        seconds = time.monotonic() - start
        log.info("Revision %s: %d rows in %.1f s.", script.revision, num_rows, seconds)
        return StepResult.APPLIED
    log.info("Revision %s: %s", script.revision, script.doc)
    command.upgrade(config, script.revision)
    log.info("Revision %s took %.1f s.", script.revision, time.monotonic() - start)
    return StepResult.APPLIED


def _revision_after(scripts: ScriptDirectory, current: str | None) -> Script | None:
    """The revision that follows the current one; None if there is none."""
    following = {script.down_revision: script for script in scripts.walk_revisions()}
    if current is not None and current not in {script.revision for script in following.values()}:
        raise UnknownRevision(
            f"The database has revision {current}, which this release does not have: start the "
            "release that migrated it, or restore the backup from before."
        )
    return following.get(current)


def main() -> None:
    """Migrate the database of the settings; an error is one sentence."""
    settings = CommonSettings.load()
    configure("migrate", settings.log_level, settings.log_format)
    options = {"prepared_statements": settings.prepared_statements}
    try:
        asyncio.run(migrate(settings.database_url, **options))
    except Unavailable as error:
        raise SystemExit(error.detail) from error
    except UnknownRevision as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
