"""Evaluations of model versions: submit, list, get and cancel them."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.evaluations import Evaluation, EvaluationRequest
from ostinato.schemas.jobs import GenerationJob, JobKind
from ostinato.schemas.notes import Metre
from ostinato.schemas.pages import Page
from services.gateway.dependencies import (
    App,
    Caller,
    IdCursor,
    IdempotencyKey,
    Limit,
    Owner,
    Traceparent,
)
from services.gateway.job_deletion import DELETION_ERRORS, delete_owned_job
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import SUBMISSION_ERRORS, check_quota
from shared.broker.queues import TrainerQueue
from shared.db.generation_jobs import GenerationJobs
from shared.db.melodies import Melodies
from shared.db.model_versions import ModelVersions
from shared.db.new_job import NewJob
from shared.db.trainer.evaluations import Evaluations
from shared.errors import Conflict, InvalidRequest, NotFound

router = APIRouter(
    tags=["evaluations"],
    prefix="/evaluations",
    route_class=JsonBodyRoute,
    dependencies=[requires(Scope.TRAIN)],
)

FIELD = "job_id"


@router.post("", status_code=202, responses=SUBMISSION_ERRORS)
async def submit_evaluation(
    original_request: EvaluationRequest,
    app: App,
    key: Caller,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Evaluation:
    """Submit an evaluation; poll it, or subscribe to the events of the job with its id.

    With the scope `admin`, and for a version of your own that is not published, the result is also
    written to the card of the version, unless the card has the result of an evaluation with more
    melodies. Melodies that were requested with `model`, `count` and `seed` only, as `ostinato
    evaluate` does, take precedence over any number of others.
    """
    new_job = NewJob(
        owner=key.owner,
        key_id=key.first_id,
        request=original_request,
        original_request=original_request,
        queue=TrainerQueue.EVALUATE,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with app.database.transaction() as connection:
        repository = Evaluations(connection)
        evaluation = await repository.find_by_idempotency_key(new_job)
        if evaluation is None:
            job = await _finished_job(connection, original_request.job_id, key.owner)
            sha256 = await _check_weights(connection, job)
            limit = app.settings.max_pending_evaluations
            await check_quota(connection, key.owner, new_job.kind, limit)
            evaluation = await repository.create(
                new_job,
                version=job.request.resolved_model,
                model_sha256=sha256,
                by_admin=key.is_admin,
            )
    app.publisher.schedule(evaluation.id)
    return evaluation


async def _finished_job(connection: AsyncConnection, job_id: UUID, owner: str) -> GenerationJob:
    job = await GenerationJobs(connection).get(job_id, owner)
    if not job.is_terminal:
        raise Conflict(f"job_id: the job is {job.state}; try again when it has ended.", field=FIELD)
    if job.request.primer_id is not None:
        raise InvalidRequest(
            "job_id: its melodies start with an uploaded primer, and a version is evaluated by "
            "melodies that it generated entirely; generate some without a primer.",
            field=FIELD,
        )
    if job.request.time_signature not in (None, Metre.FOUR_FOUR):
        raise InvalidRequest(
            "job_id: its melodies are not in 4/4, and evaluations compare bars in 4/4.",
            field=FIELD,
        )
    return job


async def _check_weights(connection: AsyncConnection, job: GenerationJob) -> str:
    """The SHA-256 of the weights that generated all melodies of the job.

    Raises:
        InvalidRequest: the job has no melody.
        Conflict: the weights differ between melodies, or are not the promoted ones.
    """
    version = job.request.resolved_model
    generated_by = sorted(await Melodies(connection).model_sha256s(job.id))
    if not generated_by:
        reason = f": {job.error.detail}" if job.error else "; generate again."
        raise InvalidRequest(
            f"job_id: the job is {job.state} and has no melody to evaluate {version} by{reason}",
            field=FIELD,
        )
    if len(generated_by) > 1:
        weights = " and ".join(sha256[:12] for sha256 in generated_by)
        raise Conflict(
            f"job_id: {version} was promoted again while the job was running, so its melodies are "
            f"from different weights, {weights}; generate again.",
            field=FIELD,
        )
    promoted = (await ModelVersions(connection).promoted_weights()).get(version)
    if generated_by[0] != promoted:
        raise Conflict(
            f"job_id: its melodies are from weights {generated_by[0][:12]}, and the promoted "
            f"weights of {version} are {'none' if promoted is None else promoted[:12]}; generate "
            "again.",
            field=FIELD,
        )
    return generated_by[0]


@router.get("", responses=responses(InvalidRequest))
async def list_evaluations(
    app: App, owner: Owner, before: IdCursor, limit: Limit = 50
) -> Page[Evaluation]:
    """List your evaluations, newest first."""
    async with app.database.transaction() as connection:
        page = await Evaluations(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/{evaluation_id}", responses=responses(NotFound, InvalidRequest))
async def get_evaluation(evaluation_id: UUID, app: App, owner: Owner) -> Evaluation:
    """Get an evaluation, with its result."""
    async with app.database.transaction() as connection:
        return await Evaluations(connection).get(evaluation_id, owner)


@router.post("/{evaluation_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_evaluation(evaluation_id: UUID, app: App, owner: Owner) -> Evaluation:
    """Cancel an evaluation; the card of the version stays as it is. Idempotent."""
    async with app.database.transaction() as connection:
        evaluation = await Evaluations(connection).cancel(evaluation_id, owner)
    app.publisher.schedule(evaluation.id)
    return evaluation


@router.delete("/{evaluation_id}", status_code=204, responses=DELETION_ERRORS)
async def delete_evaluation(evaluation_id: UUID, app: App, owner: Owner) -> None:
    """Delete an evaluation; the card of the version stays. 409 until it has ended."""
    await delete_owned_job(app, evaluation_id, owner, JobKind.EVALUATION)
