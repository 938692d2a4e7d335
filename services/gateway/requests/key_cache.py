"""Owners of API keys, cached for a second: most requests need no query.

A revoked key therefore works for up to a second longer. Keys that are not cached are looked up
together, by one statement at a time: any number of unknown keys occupies one database connection.
"""

import asyncio
import time
from collections.abc import Callable
from itertools import islice
from typing import TypeVar

from shared.db.api_keys import ApiKeys, key_digest
from shared.db.database import Database

T = TypeVar("T")

LIFETIME_SECONDS = 1.0
MAX_ENTRIES = 10_000
"""Entries of valid keys, and of invalid ones, which therefore never replace valid ones."""
MAX_DIGESTS_PER_QUERY = 500


class KeyCache:
    """The owners of keys, by digest: the cache holds no key."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._valid: dict[bytes, tuple[str, float]] = {}
        self._invalid: dict[bytes, tuple[None, float]] = {}
        self._pending: dict[bytes, asyncio.Future[str | None]] = {}
        self._queries: asyncio.Task[None] | None = None

    async def find_owner(self, key: str) -> str | None:
        """The owner of a key; None if the key is unknown or revoked.

        Raises:
            Unavailable: the key is not cached, and PostgreSQL does not answer.
        """
        digest = key_digest(key)
        entry = self._valid.get(digest) or self._invalid.get(digest)
        if entry is not None and entry[1] > self._clock():
            return entry[0]
        return await self._query(digest)

    async def _query(self, digest: bytes) -> str | None:
        """The result of the next query, which other requests with the same key share."""
        result = self._pending.get(digest)
        if result is None:
            result = self._pending[digest] = asyncio.get_running_loop().create_future()
        if self._queries is None:
            self._queries = asyncio.create_task(self._run_queries())
        return await asyncio.shield(result)  # a cancelled request cancels no other one

    async def _run_queries(self) -> None:
        """Look up the pending keys until none is left."""
        while self._pending:
            digests = list(islice(self._pending, MAX_DIGESTS_PER_QUERY))
            try:
                owners: dict[bytes, str] | Exception = await self._find_owners(digests)
            except Exception as error:  # noqa: BLE001 - each request that waits raises it
                owners = error
            for digest in digests:
                self._resolve(digest, owners)
        self._queries = None

    async def _find_owners(self, digests: list[bytes]) -> dict[bytes, str]:
        async with self._database.connection() as connection:
            return await ApiKeys(connection).find_owners(digests)

    def _resolve(self, digest: bytes, owners: dict[bytes, str] | Exception) -> None:
        result = self._pending.pop(digest)
        if isinstance(owners, Exception):
            result.set_exception(owners)
            result.exception()  # marks it as retrieved: the request may have been cancelled
            return
        owner, expires_at = owners.get(digest), self._clock() + LIFETIME_SECONDS
        self._valid.pop(digest, None)
        self._invalid.pop(digest, None)
        if owner is None:
            _store(self._invalid, digest, (None, expires_at))
        else:
            _store(self._valid, digest, (owner, expires_at))
        result.set_result(owner)


def _store(entries: dict[bytes, T], digest: bytes, entry: T) -> None:
    """Add an entry; the oldest makes room for it."""
    if len(entries) >= MAX_ENTRIES:
        del entries[next(iter(entries))]
    entries[digest] = entry
