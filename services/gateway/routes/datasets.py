"""Data sets, which the trainer imports: upload, list, cancel and delete them."""

import hashlib
from asyncio import to_thread
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.datasets import Dataset, DatasetImportRequest
from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.names import DatasetName
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.dependencies import App, Caller, IdCursor, Limit, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.api_keys import ValidKey
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.retention.storage_usage import check_storage
from shared.db.trainer.datasets import Datasets
from shared.errors import (
    BodyTooLarge,
    Conflict,
    InvalidArchive,
    InvalidRequest,
    NotFound,
    StorageQuotaExceeded,
    TooManyRequests,
    UserError,
)
from shared.ids import new_id
from shared.storage.archives import count_midi_files, dataset_key
from shared.storage.blobs import Upload

router = APIRouter(tags=["datasets"], prefix="/datasets", dependencies=[requires(Scope.TRAIN)])


@router.post(
    "",
    status_code=201,
    responses=responses(
        *(BodyTooLarge, StorageQuotaExceeded, InvalidRequest, InvalidArchive, TooManyRequests)
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_dataset(
    name: Annotated[DatasetName, Query()],
    request: Request,
    app: App,
    key: Caller,
    deadline_seconds: Annotated[
        DeadlineSeconds | None,
        Query(description="Seconds from acceptance until the import is cancelled."),
    ] = None,
) -> Dataset:
    """Upload a zip of MIDI files under a name; 422 names the first problem in it.

    The files are imported after the response: poll the data set until `state` is ready, rejected
    or cancelled, or subscribe to the events of the job with its id.
    """
    await _check_declared_size(app, request, key.owner)
    dataset_id = new_id()
    upload = app.blobs.upload(dataset_key(dataset_id))
    try:
        num_bytes, sha256 = await _receive(request, upload)
        dataset = Dataset(
            id=dataset_id,
            name=name,
            sha256=sha256,
            num_bytes=num_bytes,
            num_files=await to_thread(_count_files, upload),
            created_at=datetime.now(UTC),
        )
        await to_thread(upload.commit)
    except BaseException:  # also if the client disconnects
        await to_thread(upload.discard)
        raise
    try:
        await _submit_import(app, dataset, key, deadline_seconds)
    except UserError:  # after any other error the transaction may have been committed
        await to_thread(app.blobs.remove, dataset_key(dataset.id))
        raise
    app.publisher.schedule(dataset.id)
    return dataset


async def _check_declared_size(app: AppState, request: Request, owner: str) -> None:
    """Reject an upload before its body is received, if the client says how large it is.

    Raises:
        StorageQuotaExceeded: the owner would store too much.
    """
    declared = request.headers.get("content-length", "")
    new_bytes = int(declared) if declared.isdigit() else 0
    async with app.database.transaction() as connection:
        limit = app.settings.max_stored_bytes_per_owner
        await check_storage(connection, owner, limit, new_bytes=new_bytes)


def _count_files(upload: Upload) -> int:
    with upload.open() as file:
        return count_midi_files(file)


async def _submit_import(
    app: AppState, dataset: Dataset, key: ValidKey, deadline_seconds: int | None
) -> None:
    """Insert the data set and its import job.

    Call it after the upload is stored: slow storage may take longer than a transaction may be idle.

    Raises:
        StorageQuotaExceeded: the owner would store too much.
        TooManyRequests: the owner has too many unfinished imports.
    """
    new_job = _import_job(dataset, key, deadline_seconds)
    limit = app.settings.max_pending_dataset_imports
    async with app.database.transaction() as connection:
        await check_quota(connection, key.owner, new_job.kind, limit)
        max_bytes = app.settings.max_stored_bytes_per_owner
        await check_storage(connection, key.owner, max_bytes, new_bytes=dataset.num_bytes)
        await Datasets(connection).add(key.owner, dataset)
        await JobStore(connection).insert(new_job)


def _import_job(
    dataset: Dataset, key: ValidKey, deadline_seconds: int | None
) -> NewJob[DatasetImportRequest]:
    """The import job; it has the id of the data set."""
    request = DatasetImportRequest(
        name=dataset.name, sha256=dataset.sha256, deadline_seconds=deadline_seconds
    )
    return NewJob(
        owner=key.owner,
        key_id=key.first_id,
        request=request,
        original_request=request,
        queue=TrainerQueue.DATASETS,
        job_id=dataset.id,
    )


async def _receive(request: Request, upload: Upload) -> tuple[int, str]:
    """Write the body to the storage as it arrives, and return its size and SHA-256."""
    num_bytes, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        num_bytes += len(chunk)
        digest.update(chunk)
        await to_thread(upload.write, chunk)
    return num_bytes, digest.hexdigest()


@router.get("/{dataset_id}", responses=responses(NotFound, InvalidRequest))
async def get_dataset(dataset_id: UUID, app: App, owner: Owner) -> Dataset:
    """Get a data set, with the report of its import."""
    async with app.database.transaction() as connection:
        return await Datasets(connection).get(dataset_id, owner)


@router.post("/{dataset_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_import(dataset_id: UUID, app: App, owner: Owner) -> Dataset:
    """Cancel the import of a data set, and delete its zip. Idempotent."""
    async with app.database.transaction() as connection:
        dataset = await Datasets(connection).cancel(dataset_id, owner)
    app.publisher.schedule(dataset.id)
    with suppress(FileNotFoundError):  # an earlier request deleted it
        await to_thread(app.blobs.remove, dataset_key(dataset.id))
    return dataset


@router.delete(
    "/{dataset_id}", status_code=204, responses=responses(NotFound, Conflict, InvalidRequest)
)
async def delete_dataset(dataset_id: UUID, app: App, owner: Owner) -> None:
    """Delete a data set and its zip; 409 while it is imported, or while a training uses it.

    Versions that were trained on it stay; they cannot be evaluated any more.
    """
    async with app.database.transaction() as connection:
        await Datasets(connection).delete(dataset_id, owner)
    with suppress(FileNotFoundError):  # the zip of a rejected data set is deleted already
        await to_thread(app.blobs.remove, dataset_key(dataset_id))


@router.get("", responses=responses(InvalidRequest))
async def list_datasets(
    app: App, owner: Owner, before: IdCursor, limit: Limit = 50
) -> Page[Dataset]:
    """List your data sets, newest first."""
    async with app.database.transaction() as connection:
        page = await Datasets(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)
