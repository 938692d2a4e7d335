"""Batches: up to 100,000 melodies as one job, each with parameters of its own."""

import hashlib
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.account.webhooks import JobWebhook
from ostinato.schemas.batches import (
    MAX_ITEMS,
    Batch,
    BatchItemError,
    BatchParameters,
    BatchRequest,
    Deadline,
    InvalidLines,
    Metadata,
)
from ostinato.schemas.jobs import JobKind
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.pages import Page
from services.gateway import validation_messages
from services.gateway.archive import archive_response
from services.gateway.dependencies import (
    App,
    Caller,
    IdCursor,
    Limit,
    OffsetCursor,
    Owner,
    SubmittedWith,
)
from services.gateway.job_deletion import DELETION_ERRORS, delete_owned_job
from services.gateway.middleware import DEFAULT_MAX_BODY_BYTES
from services.gateway.problem_details import content, responses
from services.gateway.requests.scopes import requires
from services.gateway.submission.batch_submission import (
    build_uniform_batch,
    new_batch,
    read_batch,
    submit_batch,
)
from services.gateway.submission.generation_submission import SUBMISSION_ERRORS
from shared.db.batches import Batches
from shared.db.job_queue.positions import next_model
from shared.db.melodies import Melodies
from shared.db.new_job import with_earlier_defaults
from shared.errors import BodyTooLarge, Conflict, InvalidRequest, NotFound, UriTooLong

router = APIRouter(tags=["batches"], prefix="/batches", dependencies=[requires(Scope.GENERATE)])

JSON = "application/json"
METADATA: TypeAdapter[dict[str, str]] = TypeAdapter(Metadata)
ArchiveAfter = Annotated[
    int, Query(ge=-1, lt=MAX_ITEMS, description="Only melodies after this index.")
]
ArchiveLimit = Annotated[int, Query(ge=1, le=MAX_ITEMS, description="Number of melodies.")]
CHANGE_ERRORS = responses(NotFound, Conflict, InvalidRequest)


class LinesQuery(BaseModel):
    """The parameters of a batch of lines."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    invalid_lines: InvalidLines = InvalidLines.REJECT
    """What happens if some lines are invalid."""
    deadline_seconds: Deadline | None = None
    """Seconds from acceptance after which unfinished melodies expire."""
    metadata: Annotated[str, Field(max_length=20_000)] = "{}"
    """A JSON object of at most 16 names and texts."""
    webhook: Annotated[str, Field(max_length=3_000)] | None = None
    """A JSON object with the `url`, and the `events`, of a webhook of the batch."""


@router.post(
    "",
    status_code=202,
    responses=SUBMISSION_ERRORS | responses(UriTooLong),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string", "description": "One BatchLine a line."}
                },
                JSON: {"schema": {"$ref": "#/components/schemas/BatchRequest"}},
            },
        }
    },
)
async def submit(
    request: Request,
    app: App,
    key: Caller,
    query: Annotated[LinesQuery, Query()],
    headers: SubmittedWith,
) -> Batch:
    """Submit a batch: lines of JSON, or one request with a count.

    The query parameters are for lines; a JSON body has fields of the same names. Nothing is
    accepted if the body is cut off.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
        original = _parse_request(await request.body())
        parameters, shards = await build_uniform_batch(app, key, original)
        sha256 = _digest(original)
        errors, webhook = [], original.webhook
    else:
        parameters = BatchParameters(
            metadata=_parse_metadata(query.metadata), deadline_seconds=query.deadline_seconds
        )
        webhook = None if query.webhook is None else _parse_webhook(query.webhook)
        items, sha256 = await read_batch(app, key, request.stream(), query.invalid_lines)
        shards, errors = items.shards, items.errors
    batch = new_batch(key, parameters, shards, sha256=sha256, headers=headers)
    return await submit_batch(app, replace(batch, webhook=webhook), errors)


def _digest(original: BatchRequest) -> bytes:
    """SHA-256 of a batch of one request, as earlier releases computed it."""
    request = with_earlier_defaults(original.request)
    return hashlib.sha256(to_json(original.model_dump(mode="json") | {"request": request})).digest()


def _parse_request(body: bytes) -> BatchRequest:
    if len(body) > DEFAULT_MAX_BODY_BYTES:
        raise BodyTooLarge(
            f"A request with a count has at most {DEFAULT_MAX_BODY_BYTES:,} bytes.",
            max_bytes=DEFAULT_MAX_BODY_BYTES,
        )
    try:
        return BatchRequest.model_validate_json(body)
    except ValidationError as error:
        raise validation_messages.invalid_body(error, BatchRequest) from error


def _parse_metadata(text: str) -> dict[str, str]:
    try:
        return METADATA.validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(
            "metadata: send a JSON object of at most 16 names (64 characters) and texts (512).",
            field="metadata",
        ) from error


def _parse_webhook(text: str) -> JobWebhook:
    try:
        return JobWebhook.model_validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(
            'webhook: send a JSON object, such as {"url": "https://example.com/ostinato"}.',
            field="webhook",
        ) from error


@router.get("", responses=responses(InvalidRequest))
async def list_batches(app: App, owner: Owner, before: IdCursor, limit: Limit = 50) -> Page[Batch]:
    """List your batches, newest first; their queue positions are null."""
    async with app.database.connection() as connection:
        page = await Batches(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/{batch_id}", responses=responses(NotFound, InvalidRequest))
async def get_batch(batch_id: UUID, app: App, owner: Owner) -> Batch:
    """Get a batch: its counts, its rate, and what it waits for."""
    async with app.database.connection() as connection:
        batch = await Batches(connection).get(batch_id, owner)
        model = await next_model(connection, batch_id) if batch.waiting_for else None
    if model is None:
        return batch
    cause = (await app.serving.get()).waiting_for(model)
    return batch if cause is None else batch.model_copy(update={"waiting_for": cause})


@router.get("/{batch_id}/errors", responses=responses(NotFound, InvalidRequest))
async def list_errors(
    batch_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: Limit = 50
) -> Page[BatchItemError]:
    """List the melodies that failed, by index."""
    async with app.database.connection() as connection:
        batches = Batches(connection)
        await batches.check(batch_id, owner)
        page = await batches.errors(batch_id, after=_after(cursor), limit=limit)
    return Page(items=page, next_cursor=str(page[-1].index) if len(page) == limit else None)


@router.get("/{batch_id}/melodies", responses=responses(NotFound, InvalidRequest))
async def list_melodies(
    batch_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: Limit = 50
) -> Page[MelodySummary]:
    """List the melodies by index, also while it runs; if it was stopped, partial ones, too."""
    async with app.database.connection() as connection:
        await Batches(connection).check(batch_id, owner)
        melodies = Melodies(connection, app.settings.generation_lifetime)
        page = await melodies.list_by_job(batch_id, after=_after(cursor), limit=limit)
    return Page(items=page, next_cursor=str(page[-1].index) if len(page) == limit else None)


def _after(cursor: str | None) -> int:
    return -1 if cursor is None else int(cursor)


@router.post("/{batch_id}/pause", responses=CHANGE_ERRORS)
async def pause_batch(batch_id: UUID, app: App, owner: Owner) -> Batch:
    """Pause a batch: what workers hold is finished, the rest waits. Idempotent."""
    async with app.database.transaction() as connection:
        batch = await Batches(connection).pause(batch_id, owner)
    app.publisher.schedule(batch_id)
    return batch


@router.post("/{batch_id}/resume", responses=CHANGE_ERRORS)
async def resume_batch(batch_id: UUID, app: App, owner: Owner) -> Batch:
    """Continue a paused batch. Idempotent."""
    async with app.database.transaction() as connection:
        batch = await Batches(connection).resume(batch_id, owner)
    app.publisher.schedule(batch_id)
    return batch


@router.post("/{batch_id}/cancel", responses=CHANGE_ERRORS)
async def cancel_batch(batch_id: UUID, app: App, owner: Owner) -> Batch:
    """Cancel a batch at the next decode step; finished melodies and bars remain. Idempotent."""
    async with app.database.transaction() as connection:
        batch = await Batches(connection).cancel(batch_id, owner)
    app.publisher.schedule(batch_id)
    return batch


@router.post("/{batch_id}/retry", status_code=202, responses=SUBMISSION_ERRORS)
async def retry_batch(
    batch_id: UUID,
    app: App,
    key: Caller,
    headers: SubmittedWith,
) -> Batch:
    """Submit a new batch with only the melodies that failed in this one, which has ended."""
    async with app.database.connection() as connection:
        parameters, shards = await Batches(connection).failed_items(batch_id, key.owner)
    batch = new_batch(
        key,
        parameters,
        shards,
        sha256=batch_id.bytes,
        headers=headers,
        retry_of=batch_id,
    )
    return await submit_batch(app, batch)


@router.get(
    "/{batch_id}/archive.zip",
    response_class=StreamingResponse,
    responses=content("application/zip") | responses(NotFound, InvalidRequest),
)
async def get_archive(
    batch_id: UUID,
    app: App,
    owner: Owner,
    after: ArchiveAfter = -1,
    limit: ArchiveLimit = MAX_ITEMS,
) -> StreamingResponse:
    """Get a zip of the MIDI files of finished melodies by index, also while the batch is running.

    Its last entry, `manifest.jsonl`, has index, custom_id, model, seed and SHA-256 of each file.
    """
    async with app.database.connection() as connection:
        await Batches(connection).check(batch_id, owner)
    return archive_response(app.database, batch_id, after=after, limit=limit)


@router.delete("/{batch_id}", status_code=204, responses=DELETION_ERRORS)
async def delete_batch(batch_id: UUID, app: App, owner: Owner) -> None:
    """Delete a batch and all its melodies, favourites too; 409 until it has ended."""
    await delete_owned_job(app, batch_id, owner, JobKind.BATCH)
