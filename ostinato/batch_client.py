"""The client's methods for batches: jobs of up to 100,000 melodies."""

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar, cast
from uuid import UUID, uuid4

import httpx

from ostinato.base_client import BaseClient, as_json, retry_headers
from ostinato.errors import ClientError
from ostinato.retry import RetryBackoff
from ostinato.schemas.batches import (
    Batch,
    BatchItemError,
    BatchLine,
    BatchParameters,
    BatchRequest,
    InvalidLines,
)
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.pages import Page
from ostinato.transport import IDEMPOTENCY_KEY

T = TypeVar("T")

SUBMIT_TIMEOUT = httpx.Timeout(20.0, connect=5.0, read=300.0)
"""The gateway answers when all lines are stored, which takes seconds for 100,000."""
LINES_IN_MEMORY = 1_000_000
"""Bytes of lines above which they are in a temporary file until the gateway has them."""
BATCHES = "/v1/batches"


class BatchClient(BaseClient):
    """Submits, follows, controls and downloads batches."""

    def submit_batch(self, request: BatchRequest, *, idempotency_key: str | None = None) -> Batch:
        """Request melodies that differ by their seeds; repeating the key returns the same batch."""
        body, headers = as_json(request, idempotency_key)
        return _batch(self._transport.post(BATCHES, body, headers, timeout=SUBMIT_TIMEOUT))

    def submit_batch_lines(
        self,
        lines: Iterable[BatchLine] | IO[bytes],
        parameters: BatchParameters | None = None,
        *,
        invalid_lines: InvalidLines = InvalidLines.REJECT,
        idempotency_key: str | None = None,
    ) -> Batch:
        """Request a melody, or several, per line; repeating the key returns the same batch.

        `lines` are requests, or a file that has one JSON object per line and is sent as it is read.
        """
        params = _query(parameters or BatchParameters(), invalid_lines)
        headers = retry_headers("application/x-ndjson", idempotency_key)
        with _seekable(lines) as file:
            return _batch(
                self._transport.post(BATCHES, file, headers, params=params, timeout=SUBMIT_TIMEOUT)
            )

    def batches(self) -> Iterator[Batch]:
        """All batches, newest first."""
        return self._pages(BATCHES, Page[Batch], {})

    def batch(self, batch_id: UUID) -> Batch:
        """A batch and its progress."""
        return _batch(self._transport.get(f"{BATCHES}/{batch_id}"))

    def follow_batch(self, batch_id: UUID) -> Iterator[Batch]:
        """The batch, again and again until it has ended; tolerates an outage of the gateway."""
        return self._follow(lambda: self.batch(batch_id), lambda batch: batch.is_terminal)

    def wait_for_batch(self, batch_id: UUID, *, seconds: float = math.inf) -> Batch:
        """Poll a batch until it has ended, or for `seconds`."""
        return self._poll(lambda: self.batch(batch_id), lambda batch: batch.is_terminal, seconds)

    def batch_errors(self, batch_id: UUID) -> Iterator[BatchItemError]:
        """The melodies of a batch that failed, in order."""
        return self._pages(f"{BATCHES}/{batch_id}/errors", Page[BatchItemError], {})

    def batch_melodies(self, batch_id: UUID) -> Iterator[MelodySummary]:
        """The finished melodies of a batch, in order."""
        return self._pages(f"{BATCHES}/{batch_id}/melodies", Page[MelodySummary], {})

    def pause_batch(self, batch_id: UUID) -> Batch:
        """Pause a batch: workers claim no more of it, and finish what they have claimed."""
        return self._batch_action(batch_id, "pause")

    def resume_batch(self, batch_id: UUID) -> Batch:
        """Resume a paused batch."""
        return self._batch_action(batch_id, "resume")

    def cancel_batch(self, batch_id: UUID) -> Batch:
        """Cancel a batch; finished melodies are kept."""
        return self._batch_action(batch_id, "cancel")

    def retry_batch(self, batch_id: UUID, *, idempotency_key: str | None = None) -> Batch:
        """Request what failed in a batch again, as a new batch."""
        return self._batch_action(batch_id, "retry", idempotency_key)

    def download_batch(
        self, batch_id: UUID, target: IO[bytes], *, after: int = -1, limit: int | None = None
    ) -> None:
        """Write a zip of the finished melodies, with a manifest, to a file as it arrives.

        It has at most `limit` melodies, those after index `after`. The file is written again from
        its start if the connection breaks or the gateway restarts.
        """
        params = {"after": str(after)} | ({} if limit is None else {"limit": str(limit)})
        path = f"{BATCHES}/{batch_id}/archive.zip"
        self._during_outages(lambda: self._transport.download(path, params, target))

    def _batch_action(
        self, batch_id: UUID, action: str, idempotency_key: str | None = None
    ) -> Batch:
        headers = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
        return _batch(self._transport.post(f"{BATCHES}/{batch_id}/{action}", b"", headers))

    def _during_outages(self, send: Callable[[], T]) -> T:
        backoff = RetryBackoff(self._outage_timeout)
        while True:
            try:
                return send()
            except ClientError as error:
                backoff.wait(error)


def _batch(body: bytes) -> Batch:
    return Batch.model_validate_json(body)


def _query(parameters: BatchParameters, invalid_lines: InvalidLines) -> dict[str, str]:
    query = {"invalid_lines": invalid_lines.value}
    if parameters.metadata:
        query["metadata"] = json.dumps(parameters.metadata)
    if parameters.deadline_seconds is not None:
        query["deadline_seconds"] = str(parameters.deadline_seconds)
    return query


@contextmanager
def _seekable(lines: Iterable[BatchLine] | IO[bytes]) -> Iterator[IO[bytes]]:
    """The lines as a file that can be sent twice; a pipe and requests are copied to one."""
    file = cast("IO[bytes]", lines) if hasattr(lines, "read") else None
    if file is not None and file.seekable():
        yield file
        return
    with tempfile.SpooledTemporaryFile(max_size=LINES_IN_MEMORY) as copy:
        if file is not None:
            shutil.copyfileobj(file, copy)
        else:
            copy.writelines(map(_as_line, cast("Iterable[BatchLine]", lines)))
        copy.seek(0)
        yield copy


def _as_line(line: BatchLine) -> bytes:
    return line.model_dump_json(exclude_unset=True).encode() + b"\n"
