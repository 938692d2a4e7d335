"""Generation jobs: list, get and cancel them, and get their melodies."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.keys import Scope
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.archive import archive_response
from services.gateway.dependencies import App, IdCursor, Limit, OffsetCursor, Owner
from services.gateway.problem_details import content, responses
from services.gateway.requests.scopes import requires
from shared.db.generation_jobs import GenerationJobs, read_generation_job
from shared.db.melodies import Melodies
from shared.errors import Conflict, InvalidRequest, NotFound

router = APIRouter(tags=["jobs"], prefix="/jobs", dependencies=[requires(Scope.GENERATE)])


@router.get("", responses=responses(InvalidRequest))
async def list_jobs(
    app: App, owner: Owner, before: IdCursor, limit: Limit = 50, state: JobState | None = None
) -> Page[GenerationJob]:
    """List your generation jobs, newest first."""
    async with app.database.connection() as connection:
        jobs = await GenerationJobs(connection).page(owner, before=before, limit=limit, state=state)
    return Page(items=jobs, next_cursor=str(jobs[-1].id) if len(jobs) == limit else None)


@router.get("/{job_id}", responses=responses(NotFound, InvalidRequest))
async def get_job(job_id: UUID, app: App, owner: Owner) -> GenerationJob:
    """Get a job: its state, and how many melodies are finished."""
    async with app.database.driver_connection() as connection:
        return await read_generation_job(connection, job_id, owner)


@router.post("/{job_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_job(job_id: UUID, app: App, owner: Owner) -> GenerationJob:
    """Cancel a job at the next decode step; finished melodies remain. Idempotent."""
    async with app.database.transaction() as connection:
        job = await GenerationJobs(connection).cancel(job_id, owner)
    app.publisher.schedule(job.id)
    return job


@router.get("/{job_id}/melodies", responses=responses(NotFound, InvalidRequest))
async def list_job_melodies(
    job_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: Limit = 50
) -> Page[MelodySummary]:
    """List the job's finished melodies by index."""
    after = -1 if cursor is None else int(cursor)
    async with app.database.connection() as connection:
        await GenerationJobs(connection).get(job_id, owner)
        page = await Melodies(connection).list_by_job(job_id, after=after, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].index) if len(page) == limit else None)


@router.get(
    "/{job_id}/archive.zip",
    response_class=StreamingResponse,
    responses=content("application/zip") | responses(NotFound, InvalidRequest),
)
async def get_archive(job_id: UUID, app: App, owner: Owner) -> StreamingResponse:
    """Get a zip of the MIDI files of all finished melodies, and a manifest with their SHA-256."""
    async with app.database.connection() as connection:
        await GenerationJobs(connection).get(job_id, owner)
    return archive_response(app.database, job_id)
