"""What the methods of the client share: sending, polling, paging."""

import math
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from ostinato.errors import ClientError
from ostinato.retry import RetryBackoff
from ostinato.schemas.pages import Page
from ostinato.transport import IDEMPOTENCY_KEY, Transport

T = TypeVar("T")

OUTAGE_TIMEOUT = 60.0
"""Seconds that the gateway may be unreachable while the client waits; a restart takes less."""
POLL_SECONDS = 0.5


class BaseClient:
    """A connection to one gateway; close it, or use it in a `with` block."""

    def __init__(
        self, url: str, key: str | None, *, outage_timeout: float = OUTAGE_TIMEOUT
    ) -> None:
        self._transport = Transport(url, key)
        self._outage_timeout = outage_timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transport.close()

    def _poll(self, fetch: Callable[[], T], is_done: Callable[[T], bool], seconds: float) -> T:
        """Fetch until `is_done`, or for `seconds`; tolerate an outage of the gateway."""
        *_, last = self._follow(fetch, is_done, seconds)
        return last

    def _follow(
        self, fetch: Callable[[], T], is_done: Callable[[T], bool], seconds: float = math.inf
    ) -> Iterator[T]:
        """Everything that is fetched until `is_done`, or for `seconds`; at least one."""
        backoff = RetryBackoff(min(self._outage_timeout, seconds))
        deadline = time.monotonic() + seconds
        while True:
            try:
                fetched = fetch()
            except ClientError as error:
                backoff.wait(error)
                continue
            yield fetched
            if is_done(fetched) or time.monotonic() > deadline:
                return
            backoff.reset()
            time.sleep(POLL_SECONDS)

    def _pages(self, path: str, schema: type[Page[T]], params: dict[str, str]) -> Iterator[T]:
        while True:
            page = schema.model_validate_json(self._transport.get(path, params))
            yield from page.items
            if page.next_cursor is None:
                return
            params = {**params, "cursor": page.next_cursor}


def as_json(request: BaseModel, idempotency_key: str | None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request that can be retried."""
    return request.model_dump_json().encode(), retry_headers("application/json", idempotency_key)


def retry_headers(content_type: str, idempotency_key: str | None) -> dict[str, str]:
    """Headers with which a request can be retried: with a key that only this one has."""
    return {"Content-Type": content_type, IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
