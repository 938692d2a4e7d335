"""Reads a batch, and inserts it as one job in one transaction."""

import hashlib
import secrets
from asyncio import to_thread
from collections.abc import AsyncIterator
from uuid import UUID

from ostinato.schemas.batches import Batch, BatchLine, BatchParameters, BatchRequest, InvalidLines
from ostinato.schemas.generations import MAX_SEED, Priority
from services.gateway.app_state import AppState
from services.gateway.dependencies import SubmissionHeaders
from services.gateway.owner_submissions import QUOTA_QUEUES
from services.gateway.submission.batch_items import BatchItems, ParsedLine
from services.gateway.submission.batch_lines import read_lines
from services.gateway.submission.generation_submission import (
    check_primer_of,
    check_version,
    check_within_quota,
)
from services.gateway.submission.webhook_checks import check_job_webhook
from shared.broker.queues import Queue
from shared.db.api_keys import ValidKey
from shared.db.batches import Batches
from shared.db.job_queue.results import ItemError
from shared.db.job_queue.submissions import Quota, submit
from shared.db.new_job import NewJob, NewShard, split_evenly
from shared.db.primers import PrimerFacts, Primers
from shared.errors import InvalidRequest

NewBatch = NewJob[BatchParameters]


async def read_batch(
    app: AppState, key: ValidKey, chunks: AsyncIterator[bytes], invalid_lines: InvalidLines
) -> tuple[BatchItems, bytes]:
    """The items of a body of lines, and the SHA-256 of the body.

    Raises:
        InvalidRequest: a line is invalid, unless such lines are reported; or there are too many.
    """
    items = BatchItems(app.settings.default_model, invalid_lines)
    sha256 = hashlib.sha256()
    primers: dict[UUID, PrimerFacts] = {}
    versions = (await app.capabilities.refresh()).visible_to(key)

    async def hashed() -> AsyncIterator[bytes]:
        """The chunks, hashed as they arrive."""
        async for chunk in chunks:
            sha256.update(chunk)
            yield chunk

    async for lines in read_lines(hashed()):
        parsed = await to_thread(items.parse, lines)
        primers |= await _find_primers(app, key.owner, parsed, primers)
        await to_thread(items.add, parsed, versions, primers)
    await to_thread(items.finish)
    return items, sha256.digest()


async def _find_primers(
    app: AppState, owner: str, parsed: list[ParsedLine], known: dict[UUID, PrimerFacts]
) -> dict[UUID, PrimerFacts]:
    """The facts about the primers that these lines name for the first time."""
    ids = {
        line.primer_id
        for _, line in parsed
        if isinstance(line, BatchLine) and line.primer_id is not None
    }
    if not ids - known.keys():
        return {}
    async with app.database.connection() as connection:
        return await Primers(connection).facts(ids - known.keys(), owner)


async def build_uniform_batch(
    app: AppState, key: ValidKey, original: BatchRequest
) -> tuple[BatchParameters, list[NewShard]]:
    """The parameters and the shards of a batch whose melodies differ by their seeds only.

    Raises:
        InvalidRequest: the request is not for one melody at a time, or the version cannot do it.
        NotFound: there is no such version or primer.
        Conflict: the version is not promoted.
    """
    given = original.request
    if (
        given.count != 1
        or given.priority is Priority.INTERACTIVE
        or given.deadline_seconds is not None
        or given.webhook is not None
    ):
        raise InvalidRequest(
            "request: count, deadline_seconds and webhook are parameters of the batch, which is "
            "never interactive.",
            field="request",
        )
    seed = given.seed if given.seed is not None else secrets.randbelow(MAX_SEED - original.count)
    if seed + original.count - 1 > MAX_SEED:
        raise InvalidRequest(
            f"request.seed: seed + count - 1 must not exceed {MAX_SEED}.", field="request.seed"
        )
    model = given.model or app.settings.default_model
    request = given.model_copy(
        update={
            "model": model,
            "seed": seed,
            "priority": Priority.BATCH,
            "tempo": given.resolved_tempo,
        }
    )
    request = await check_version(app, key, request, is_default_model=given.model is None)
    await check_primer_of(app, key, request, original.count)
    parameters = BatchParameters(
        metadata=original.metadata, deadline_seconds=original.deadline_seconds, request=request
    )
    return parameters, split_evenly(request, original.count)


async def submit_batch(
    app: AppState, new_batch: NewBatch, errors: list[ItemError] | None = None
) -> Batch:
    """Insert a batch, with the errors of its invalid lines, in one transaction.

    A batch that its idempotency key identifies as already submitted is returned.
    """
    await check_job_webhook(app, new_batch.owner, new_batch.webhook)
    batch_id = await _insert(app, new_batch, errors or [])
    app.publisher.schedule(batch_id)
    async with app.database.connection() as connection:
        return await Batches(connection).get(batch_id, new_batch.owner)


async def _insert(app: AppState, new_batch: NewBatch, errors: list[ItemError]) -> UUID:
    async with app.database.transaction() as connection:
        limit = app.settings.max_pending_melodies
        submission = await submit(connection, new_batch, quota=Quota(QUOTA_QUEUES, limit))
        check_within_quota(submission, new_batch, limit)
        if submission.created_at is not None and errors:
            await Batches(connection).add_invalid_items(submission.job_id, errors)
    return submission.job_id


def new_batch(
    key: ValidKey,
    parameters: BatchParameters,
    shards: list[NewShard],
    *,
    sha256: bytes,
    headers: SubmissionHeaders,
    retry_of: UUID | None = None,
) -> NewBatch:
    """A batch that is not stored yet."""
    return NewJob(
        owner=key.owner,
        key_id=key.first_id,
        request=parameters,
        original_request=parameters.model_copy(update={"request": None}),
        batch_shards=shards,
        batch_sha256=sha256,
        queue=Queue.BATCH,
        idempotency_key=headers.idempotency_key,
        traceparent=headers.traceparent,
        retry_of=retry_of,
    )
