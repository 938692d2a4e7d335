"""Valid API keys, cached for a second: most requests need no query.

A key that was revoked or has expired therefore works for up to a second longer. Keys that are not
cached are looked up together, by one statement at a time: any number of unknown keys occupies one
database connection.
"""

import asyncio
import time
from collections.abc import Callable
from itertools import islice
from typing import TypeVar

from shared.db.api_keys import ApiKeys, ValidKey, key_digest
from shared.db.database import Database

T = TypeVar("T")

LIFETIME_SECONDS = 1.0
MAX_ENTRIES = 10_000
"""Entries of valid keys, and of invalid ones, which therefore never replace valid ones."""
MAX_DIGESTS_PER_QUERY = 500


class KeyCache:
    """What keys permit, by digest: the cache holds no secret."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._valid: dict[bytes, tuple[ValidKey, float]] = {}
        self._invalid: dict[bytes, tuple[None, float]] = {}
        self._pending: dict[bytes, asyncio.Future[ValidKey | None]] = {}
        self._queries: asyncio.Task[None] | None = None

    async def find(self, key: str) -> ValidKey | None:
        """A key by its secret; None if it is unknown or revoked, or has expired.

        Raises:
            Unavailable: the key is not cached, and PostgreSQL does not answer.
        """
        digest = key_digest(key)
        entry = self._valid.get(digest) or self._invalid.get(digest)
        if entry is not None and entry[1] > self._clock():
            return entry[0]
        return await self._query(digest)

    async def _query(self, digest: bytes) -> ValidKey | None:
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
                keys: dict[bytes, ValidKey] | Exception = await self._find_valid(digests)
            except Exception as error:  # noqa: BLE001 - each request that waits raises it
                keys = error
            for digest in digests:
                self._resolve(digest, keys)
        self._queries = None

    async def _find_valid(self, digests: list[bytes]) -> dict[bytes, ValidKey]:
        async with self._database.connection() as connection:
            return await ApiKeys(connection).find_valid(digests)

    def _resolve(self, digest: bytes, keys: dict[bytes, ValidKey] | Exception) -> None:
        result = self._pending.pop(digest)
        if isinstance(keys, Exception):
            result.set_exception(keys)
            result.exception()  # marks it as retrieved: the request may have been cancelled
            return
        key, cached_until = keys.get(digest), self._clock() + LIFETIME_SECONDS
        self._valid.pop(digest, None)
        self._invalid.pop(digest, None)
        if key is None:
            _store(self._invalid, digest, (None, cached_until))
        else:
            _store(self._valid, digest, (key, cached_until))
        result.set_result(key)


def _store(entries: dict[bytes, T], digest: bytes, entry: T) -> None:
    """Add an entry; the oldest makes room for it."""
    if len(entries) >= MAX_ENTRIES:
        del entries[next(iter(entries))]
    entries[digest] = entry
