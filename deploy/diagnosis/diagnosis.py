"""Runs all checks of a running stack: servers, processes, models, outbox, disk."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.diagnosis import records
from deploy.diagnosis.finding import Finding, failed, ok
from shared.broker.connections import connect
from shared.db.database import Database
from shared.errors import Unavailable
from shared.redis_url import parse_redis_url
from shared.settings import CommonSettings

Named = tuple[str, Finding]
Check = Callable[[AsyncConnection], Awaitable[Finding]]

ANSWER_SECONDS = 5.0
"""A server that takes longer counts as away."""
MIN_FREE_BYTES = 500_000_000
"""Less is soon filled by uploads, checkpoints or the log of PostgreSQL."""
RECORDS: dict[str, Check] = {
    "gateway": records.gateway,
    "dispatcher": records.dispatcher,
    "worker": records.worker,
    "trainer": records.trainer,
    "models": records.models,
    "outbox": records.outbox,
    "leases": records.leases,
}


async def diagnose(settings: CommonSettings) -> list[Named]:
    """What each check found, the servers first."""
    postgres, redis = await asyncio.gather(_postgres(settings), _redis(settings))
    return [*postgres, redis, ("disk", _disk(settings))]


async def _postgres(settings: CommonSettings) -> list[Named]:
    """PostgreSQL, and what the processes have written to it."""
    database = Database.from_settings(settings, pool_size=1)
    url = make_url(settings.database_url)
    address = f"{url.host}:{url.port or 5432}"
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.connection() as connection:
            findings = [(name, await check(connection)) for name, check in RECORDS.items()]
    except (Unavailable, TimeoutError):
        text = (
            f"does not answer at {address} (OSTINATO_DATABASE_URL): start it, or free its disk. "
            "Until then requests get 503, and workers wait with what they have generated."
        )
        return [("PostgreSQL", failed(text))]
    except DBAPIError as error:
        cause = str(error.orig).splitlines()[0]
        text = (
            f"answers at {address}, but does not let the services work ({cause}): check user and "
            "password, and run `python -m shared.db.migrations.migrate`."
        )
        return [("PostgreSQL", failed(text))]
    finally:
        await database.close()
    return [("PostgreSQL", ok(f"answers at {address}")), *findings]


async def _redis(settings: CommonSettings) -> Named:
    urls = dict.fromkeys((settings.redis_url, settings.streams_url))
    silent = [_addresses(url) for url in urls if not await _answers(url)]
    if silent:
        return "Redis", failed(
            f"does not answer at {', '.join(silent)} (OSTINATO_REDIS_URL, "
            "OSTINATO_EVENT_STREAMS_URL): start it. Until then jobs run, but event streams get 503."
        )
    return "Redis", ok(f"answers at {', '.join(map(_addresses, urls))}")


async def _answers(url: str) -> bool:
    connections = connect(url, 1)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await connections.ping()
    except (Unavailable, TimeoutError):
        return False
    finally:
        await connections.close()
    return True


def _addresses(redis_url: str) -> str:
    """The addresses in a URL, without its password."""
    return ", ".join(f"{host}:{port}" for host, port in parse_redis_url(redis_url).hosts)


def _disk(settings: CommonSettings) -> Finding:
    """The space for uploads and checkpoints, as far as they are folders of this machine."""
    folders = [settings.checkpoints_dir]
    if "://" not in settings.storage_url:
        folders.append(Path(settings.storage_url))
    free, folder = min((_free_bytes(folder), folder.absolute()) for folder in folders)
    text = f"{free / 1e9:.1f} GB are free for {folder}"
    if free < MIN_FREE_BYTES:
        return failed(f"{text}: delete files there. On a full disk nothing is accepted or saved.")
    return ok(text)


def _free_bytes(folder: Path) -> int:
    """The free space of the file system that has the folder, or will have it."""
    existing = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    return shutil.disk_usage(existing).free
