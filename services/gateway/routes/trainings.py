"""Trainings: submit, list, get, pause, resume, cancel, and get their metrics.

Only the name of a recipe is checked here; the trainer checks the rest.
"""

from collections.abc import Collection
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.jobs import JobKind
from ostinato.schemas.pages import Page
from ostinato.schemas.trainings import (
    NAMED_DATASETS,
    RECIPES,
    Training,
    TrainingMetrics,
    TrainingOptions,
    TrainingRequest,
)
from services.gateway.dependencies import (
    App,
    Caller,
    IdCursor,
    IdempotencyKey,
    Limit,
    OffsetCursor,
    Owner,
    Traceparent,
)
from services.gateway.job_deletion import DELETION_ERRORS, delete_owned_job
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import SUBMISSION_ERRORS, check_quota
from services.gateway.submission.webhook_checks import check_job_webhook
from shared.broker.queues import TrainerQueue
from shared.db.api_keys import ValidKey
from shared.db.model_versions import ModelVersions
from shared.db.new_job import NewJob
from shared.db.retention.storage_usage import check_storage
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.trainings import Trainings
from shared.errors import Conflict, InvalidRequest, NotFound

router = APIRouter(
    tags=["trainings"],
    prefix="/trainings",
    route_class=JsonBodyRoute,
    dependencies=[requires(Scope.TRAIN)],
)


@router.post("", status_code=202, responses=SUBMISSION_ERRORS)
async def submit_training(
    original_request: TrainingRequest,
    app: App,
    key: Caller,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Training:
    """Submit a training; subscribe to the events of the job with its id, or poll its metrics."""
    new_job = NewJob(
        owner=key.owner,
        key_id=key.first_id,
        request=original_request.model_copy(update={"webhook": None}),
        original_request=original_request,
        queue=TrainerQueue.TRAIN,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
        webhook=original_request.webhook,
    )
    await check_job_webhook(app, key.owner, new_job.webhook)
    async with app.database.transaction() as connection:
        repository = Trainings(connection)
        training = await repository.find_by_idempotency_key(new_job)
        if training is None:
            await _check(connection, original_request, key)
            limit = app.settings.max_pending_trainings
            await check_quota(connection, key.owner, new_job.kind, limit)
            max_bytes = app.settings.max_stored_bytes_per_owner
            await check_storage(connection, key.owner, max_bytes, new_bytes=0)
            training = await repository.create(new_job)
    app.publisher.schedule(training.id)
    return training


async def _check(connection: AsyncConnection, request: TrainingRequest, key: ValidKey) -> None:
    if request.recipe not in RECIPES:
        raise _not_found("recipe", request.recipe, RECIPES)
    if await ModelVersions(connection).owners(request.version):
        raise Conflict(
            f"version: {request.version} is in use; choose another name.", field="version"
        )
    if request.base is not None:
        await _check_base(connection, request.base, key)
    if request.dataset is not None and request.dataset not in NAMED_DATASETS:
        await _check_dataset(connection, request.dataset, key.owner)


async def _check_base(connection: AsyncConnection, name: str, key: ValidKey) -> None:
    versions = await ModelVersions(connection).names(None if key.is_admin else key.owner)
    if name not in versions:
        raise _not_found("model", name, sorted(versions))


async def _check_dataset(connection: AsyncConnection, name: str, owner: str) -> None:
    try:
        dataset = await Datasets(connection).get(UUID(name), owner)
    except (ValueError, NotFound) as error:
        raise _not_found("dataset", name, NAMED_DATASETS) from error
    if dataset.state is DatasetState.PROCESSING:
        raise Conflict(f"dataset: {dataset.name} is being imported; try again when it is ready.")
    if dataset.error is not None:
        raise InvalidRequest(f"dataset: {dataset.error.detail}", field="dataset")


def _not_found(noun: str, name: str, available: Collection[str]) -> NotFound:
    """An error that lists the available names, for clients to show."""
    return NotFound(noun, name, **{f"{noun}s": list(available)})


@router.get("", responses=responses(InvalidRequest))
async def list_trainings(
    app: App, owner: Owner, before: IdCursor, limit: Limit = 50
) -> Page[Training]:
    """List your trainings, newest first."""
    async with app.database.transaction() as connection:
        page = await Trainings(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/recipes")
async def list_recipes(owner: Owner) -> TrainingOptions:  # noqa: ARG001 - requires a key
    """List the names of the recipes and data sets that a training can use."""
    return TrainingOptions(recipes=list(RECIPES), datasets=list(NAMED_DATASETS))


@router.get("/{training_id}", responses=responses(NotFound, InvalidRequest))
async def get_training(training_id: UUID, app: App, owner: Owner) -> Training:
    """Get a training with its state, its latest metrics and its best metrics."""
    async with app.database.transaction() as connection:
        return await Trainings(connection).get(training_id, owner)


@router.get("/{training_id}/metrics", responses=responses(NotFound, InvalidRequest))
async def list_metrics(
    training_id: UUID, app: App, owner: Owner, cursor: OffsetCursor = None, limit: Limit = 200
) -> Page[TrainingMetrics]:
    """List the training's metrics by step; the cursor is the last step of the page before."""
    after = 0 if cursor is None else int(cursor)
    async with app.database.transaction() as connection:
        repository = Trainings(connection)
        await repository.get(training_id, owner)
        page = await repository.metrics(training_id, after=after, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].step) if len(page) == limit else None)


@router.post("/{training_id}/pause", responses=responses(NotFound, Conflict, InvalidRequest))
async def pause_training(training_id: UUID, app: App, owner: Owner) -> Training:
    """Pause a training: the trainer saves a checkpoint and is free for another job."""
    async with app.database.transaction() as connection:
        training = await Trainings(connection).pause(training_id, owner)
    app.publisher.schedule(training.id)
    return training


@router.post("/{training_id}/resume", responses=responses(NotFound, Conflict, InvalidRequest))
async def resume_training(training_id: UUID, app: App, owner: Owner) -> Training:
    """Resume a paused training from its checkpoint; the result is the same as without a pause."""
    async with app.database.transaction() as connection:
        training = await Trainings(connection).resume(training_id, owner)
    app.publisher.schedule(training.id)
    return training


@router.post("/{training_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_training(training_id: UUID, app: App, owner: Owner) -> Training:
    """Cancel a training permanently; its checkpoints are deleted."""
    async with app.database.transaction() as connection:
        training = await Trainings(connection).cancel(training_id, owner)
    app.publisher.schedule(training.id)
    return training


@router.delete("/{training_id}", status_code=204, responses=DELETION_ERRORS)
async def delete_training(training_id: UUID, app: App, owner: Owner) -> None:
    """Delete a training and its metrics; 409 until it has ended, and while its version exists."""
    await delete_owned_job(app, training_id, owner, JobKind.TRAINING)
