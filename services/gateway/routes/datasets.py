"""Data sets, which the trainer imports: upload, list and cancel them."""

import hashlib
import tempfile
from asyncio import to_thread
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from ostinato.schemas.datasets import Dataset, DatasetImportRequest
from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.keys import Scope
from ostinato.schemas.names import DatasetName
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.dependencies import App, IdCursor, Limit, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob
from shared.db.trainer.datasets import Datasets
from shared.errors import (
    BodyTooLarge,
    Conflict,
    InvalidArchive,
    InvalidRequest,
    NotFound,
    TooManyRequests,
    UserError,
)
from shared.ids import new_id
from shared.storage.archives import count_midi_files, dataset_key

router = APIRouter(tags=["datasets"], prefix="/datasets", dependencies=[requires(Scope.TRAIN)])


@router.post(
    "",
    status_code=201,
    responses=responses(BodyTooLarge, InvalidRequest, InvalidArchive, TooManyRequests),
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
    owner: Owner,
    deadline_seconds: Annotated[
        DeadlineSeconds | None,
        Query(description="Seconds from acceptance until the import is cancelled."),
    ] = None,
) -> Dataset:
    """Upload a zip of MIDI files under a name; 422 names the first problem in it.

    The files are imported after the response: poll the data set until `state` is ready, rejected
    or cancelled, or subscribe to the events of the job with its id.
    """
    with tempfile.TemporaryFile() as file:
        num_bytes, sha256 = await _receive(request, file)
        dataset = Dataset(
            id=new_id(),
            name=name,
            sha256=sha256,
            num_bytes=num_bytes,
            num_files=await to_thread(count_midi_files, file),
            created_at=datetime.now(UTC),
        )
        file.seek(0)
        await to_thread(app.blobs.put, dataset_key(dataset.id), file)
    try:
        await _submit_import(app, dataset, owner, deadline_seconds)
    except UserError:  # after any other error the transaction may have been committed
        await to_thread(app.blobs.remove, dataset_key(dataset.id))
        raise
    app.publisher.schedule(dataset.id)
    return dataset


async def _submit_import(
    app: AppState, dataset: Dataset, owner: str, deadline_seconds: int | None
) -> None:
    """Insert the data set and its import job.

    Call it after the upload is stored: slow storage may take longer than a transaction may be idle.

    Raises:
        TooManyRequests: the owner has too many unfinished imports.
    """
    new_job = _import_job(dataset, owner, deadline_seconds)
    limit = app.settings.max_pending_dataset_imports
    async with app.database.transaction() as connection:
        await check_quota(connection, owner, new_job.kind, limit)
        await Datasets(connection).add(owner, dataset)
        await JobStore(connection).insert(new_job)


def _import_job(
    dataset: Dataset, owner: str, deadline_seconds: int | None
) -> NewJob[DatasetImportRequest]:
    """The import job; it has the id of the data set."""
    request = DatasetImportRequest(
        name=dataset.name, sha256=dataset.sha256, deadline_seconds=deadline_seconds
    )
    return NewJob(
        owner=owner,
        request=request,
        original_request=request,
        queue=TrainerQueue.DATASETS,
        job_id=dataset.id,
    )


async def _receive(request: Request, file: IO[bytes]) -> tuple[int, str]:
    """Write the body to a file as it arrives, and return its size and SHA-256."""
    num_bytes, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        num_bytes += len(chunk)
        digest.update(chunk)
        await to_thread(file.write, chunk)
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


@router.get("", responses=responses(InvalidRequest))
async def list_datasets(
    app: App, owner: Owner, before: IdCursor, limit: Limit = 50
) -> Page[Dataset]:
    """List your data sets, newest first."""
    async with app.database.transaction() as connection:
        page = await Datasets(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)
