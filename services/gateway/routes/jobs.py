"""Jobs: listed, looked at, cancelled, and what they made."""

import io
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.app_state import State
from services.gateway.dependencies import Before, Gateway, Limit, Owner, Place
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies

router = APIRouter(tags=["jobs"], prefix="/jobs")

FILES_AT_A_TIME = 100


@router.get("")
async def list_jobs(
    gateway: Gateway,
    owner: Owner,
    before: Before,
    limit: Limit = 50,
    state: JobState | None = None,
) -> Page[Job]:
    """Your jobs, newest first."""
    async with gateway.database.transaction() as connection:
        jobs = await Jobs(connection).page(owner, before=before, limit=limit, state=state)
    return Page(items=jobs, next_cursor=str(jobs[-1].id) if len(jobs) == limit else None)


@router.get("/{job_id}")
async def get_job(job_id: UUID, gateway: Gateway, owner: Owner) -> Job:
    """One job: its state and how many melodies are there."""
    async with gateway.database.transaction() as connection:
        return await Jobs(connection).get(job_id, owner)


@router.post("/{job_id}/cancel")
async def cancel_job(job_id: UUID, gateway: Gateway, owner: Owner) -> Job:
    """Stop it at the next step; what is finished stays. Doing it twice changes nothing."""
    async with gateway.database.transaction() as connection:
        job = await Jobs(connection).cancel(job_id, owner)
    gateway.publisher.soon(job.id)
    return job


@router.get("/{job_id}/melodies")
async def list_melodies(
    job_id: UUID, gateway: Gateway, owner: Owner, place: Place = None, limit: Limit = 50
) -> Page[MelodySummary]:
    """What the job has made so far, in order."""
    after = -1 if place is None else int(place)
    async with gateway.database.transaction() as connection:
        await Jobs(connection).get(job_id, owner)
        page = await Melodies(connection).of_job(job_id, after=after, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].index) if len(page) == limit else None)


@router.get("/{job_id}/archive.zip", response_class=StreamingResponse)
async def archive(job_id: UUID, gateway: Gateway, owner: Owner) -> StreamingResponse:
    """The MIDI files that are there so far, zipped as they are sent."""
    async with gateway.database.transaction() as connection:
        await Jobs(connection).get(job_id, owner)
    name = f'attachment; filename="{job_id}.zip"'
    return StreamingResponse(
        _zip(gateway, job_id), media_type="application/zip", headers={"Content-Disposition": name}
    )


async def _zip(gateway: State, job_id: UUID) -> AsyncIterator[bytes]:
    sink = _Sink()
    last = -1
    with zipfile.ZipFile(sink, "w") as archived:
        while True:
            async with gateway.database.transaction() as connection:
                files = await Melodies(connection).files_of_job(
                    job_id, after=last, limit=FILES_AT_A_TIME
                )
            for last, seed, midi in files:
                archived.writestr(
                    zipfile.ZipInfo(f"{last:05d}-{seed}.mid"), midi, zipfile.ZIP_DEFLATED
                )
            yield sink.take()
            if len(files) < FILES_AT_A_TIME:
                break
    yield sink.take()


class _Sink(io.RawIOBase):
    """What the zip writer has written and nobody has sent yet."""

    def __init__(self) -> None:
        super().__init__()
        self._pending = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._pending += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._pending)
        self._pending.clear()
        return taken
