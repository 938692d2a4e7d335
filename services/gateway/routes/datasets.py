"""Data sets: zips of MIDI files, streamed into the blob storage, where a trainer reads them."""

import hashlib
import tempfile
from asyncio import to_thread
from datetime import UTC, datetime
from typing import IO, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from ostinato.schemas.datasets import Dataset, DatasetName, ReadingRequest
from ostinato.schemas.pages import Page
from services.gateway.app_state import State
from services.gateway.dependencies import Before, Gateway, Limit, Owner
from services.gateway.quotas import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.datasets import Datasets
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.errors import UserError
from shared.ids import new_id
from shared.storage.archives import blob_of, count_midi_files

router = APIRouter(tags=["datasets"], prefix="/datasets")


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_dataset(
    name: Annotated[DatasetName, Query()], request: Request, gateway: Gateway, owner: Owner
) -> Dataset:
    """Hand in a zip of MIDI files under a name; 422 says what is wrong with it.

    Its files are read afterwards: poll it until `state` is ready or refused, or listen to the
    events of the job that has its id.
    """
    with tempfile.TemporaryFile() as file:
        size, sha256 = await _receive(request, file)
        dataset = Dataset(
            id=new_id(),
            name=name,
            sha256=sha256,
            size=size,
            files=await to_thread(count_midi_files, file),
            created_at=datetime.now(UTC),
        )
        file.seek(0)
        await to_thread(gateway.blobs.put, blob_of(dataset.id), file)
    try:
        await _accept(gateway, dataset, owner)
    except UserError:  # after anything else it may have been accepted all the same
        await to_thread(gateway.blobs.remove, blob_of(dataset.id))
        raise
    gateway.publisher.soon(dataset.id)
    return dataset


async def _accept(gateway: State, dataset: Dataset, owner: str) -> None:
    """Promise to read what is stored: a slow store takes longer than a transaction may stand idle.

    Raises:
        TooManyRequests: the owner waits for as many as one may.
    """
    order, most = _order(dataset, owner), gateway.settings.max_unfinished_readings
    async with gateway.database.transaction() as connection:
        await check_quota(connection, owner, order.kind, most)
        await Datasets(connection).add(owner, dataset)
        await Ledger(connection).enter(order)


def _order(dataset: Dataset, owner: str) -> Order[ReadingRequest]:
    """To read it, under its own id."""
    request = ReadingRequest(name=dataset.name, sha256=dataset.sha256)
    return Order(
        owner=owner,
        request=request,
        posted=request,
        queue=TrainerQueue.DATA,
        job_id=dataset.id,
    )


async def _receive(request: Request, file: IO[bytes]) -> tuple[int, str]:
    """Write the body to a file as it comes; its size and SHA-256."""
    size, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        size += len(chunk)
        digest.update(chunk)
        await to_thread(file.write, chunk)
    return size, digest.hexdigest()


@router.get("/{dataset_id}")
async def get_dataset(dataset_id: UUID, gateway: Gateway, owner: Owner) -> Dataset:
    """One data set, and what was found in it."""
    async with gateway.database.transaction() as connection:
        return await Datasets(connection).get(dataset_id, owner)


@router.get("")
async def list_datasets(
    gateway: Gateway, owner: Owner, before: Before, limit: Limit = 50
) -> Page[Dataset]:
    """What you have handed in, newest first."""
    async with gateway.database.transaction() as connection:
        page = await Datasets(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)
