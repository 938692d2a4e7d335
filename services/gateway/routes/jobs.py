"""Generation jobs: list, get, cancel and delete them, get their melodies."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.jobs import GenerationJob, JobKind, JobState
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.archive import archive_response
from services.gateway.dependencies import App, IdCursor, Limit, OffsetCursor, Owner
from services.gateway.job_deletion import DELETION_ERRORS, delete_owned_job
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
    items = [await _described(app, job) for job in jobs]
    return Page(items=items, next_cursor=str(jobs[-1].id) if len(jobs) == limit else None)


@router.get("/{job_id}", responses=responses(NotFound, InvalidRequest))
async def get_job(job_id: UUID, app: App, owner: Owner) -> GenerationJob:
    """Get a job: its state, and how many melodies are finished."""
    async with app.database.driver_connection() as connection:
        job = await read_generation_job(connection, job_id, owner)
    return await _described(app, job)


async def _described(app: AppState, job: GenerationJob) -> GenerationJob:
    """The job with what it waits for if no worker serves its model, or when it is deleted."""
    lifetime = app.settings.generation_lifetime
    if job.finished_at is not None and lifetime is not None:
        return job.model_copy(update={"expires_at": job.finished_at + lifetime})
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        return job
    serving = await app.serving.get()
    cause = serving.waiting_for(job.request.resolved_model)
    return job if cause is None else job.model_copy(update={"waiting_for": cause})


@router.post("/{job_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_job(job_id: UUID, app: App, owner: Owner) -> GenerationJob:
    """Cancel a job at the next decode step; finished melodies and bars remain. Idempotent."""
    async with app.database.transaction() as connection:
        job = await GenerationJobs(connection).cancel(job_id, owner)
    app.publisher.schedule(job.id)
    return job


@router.get("/{job_id}/melodies", responses=responses(NotFound, InvalidRequest))
async def list_job_melodies(
    job_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: Limit = 50
) -> Page[MelodySummary]:
    """List the job's melodies by index: finished ones and, after a cancellation, partial ones."""
    after = -1 if cursor is None else int(cursor)
    async with app.database.connection() as connection:
        await GenerationJobs(connection).get(job_id, owner)
        melodies = Melodies(connection, app.settings.generation_lifetime)
        page = await melodies.list_by_job(job_id, after=after, limit=limit)
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


@router.delete("/{job_id}", status_code=204, responses=DELETION_ERRORS)
async def delete_job(job_id: UUID, app: App, owner: Owner) -> None:
    """Delete a job and all its melodies, favourites too; 409 until it has ended."""
    await delete_owned_job(app, job_id, owner, JobKind.GENERATION)
