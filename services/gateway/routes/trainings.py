"""Trainings: asked for, followed by their curves, paused, resumed and cancelled.

Refuses to know recipes beyond their names: what does not fit is found by the trainer.
"""

from collections.abc import Collection
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.pages import Page
from ostinato.schemas.trainings import (
    NAMED_DATASETS,
    RECIPES,
    RecipeBook,
    Training,
    TrainingPoint,
    TrainingRequest,
)
from services.gateway.dependencies import (
    Before,
    Gateway,
    IdempotencyKey,
    Limit,
    Owner,
    Place,
    Traceparent,
)
from services.gateway.quotas import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.datasets import Datasets
from shared.db.models import Models
from shared.db.new_job import Order
from shared.db.trainings import Trainings
from shared.errors import Conflict, InvalidRequest, NotFound

router = APIRouter(tags=["trainings"], prefix="/trainings")


@router.post("", status_code=202)
async def train(
    posted: TrainingRequest,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Training:
    """Accept a training; follow it by the events of the job that has its id, or by its metrics."""
    order = Order(
        owner=owner,
        request=posted,
        posted=posted,
        queue=TrainerQueue.TRAIN,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with gateway.database.transaction() as connection:
        repository = Trainings(connection)
        training = await repository.accepted_before(order)
        if training is None:
            await _check(connection, posted, owner)
            most = gateway.settings.max_unfinished_trainings
            await check_quota(connection, owner, order.kind, most)
            training = await repository.accept(order)
    gateway.publisher.soon(training.id)
    return training


async def _check(connection: AsyncConnection, request: TrainingRequest, owner: str) -> None:
    if request.recipe not in RECIPES:
        raise _unknown("recipe", request.recipe, RECIPES)
    versions = {model.version for model in await Models(connection).all()}
    if request.version in versions:
        raise Conflict(
            f"version: there is a {request.version} already; choose another name.", field="version"
        )
    if request.base is not None and request.base not in versions:
        raise _unknown("model", request.base, sorted(versions))
    if request.dataset is not None and request.dataset not in NAMED_DATASETS:
        await _check_dataset(connection, request.dataset, owner)


async def _check_dataset(connection: AsyncConnection, name: str, owner: str) -> None:
    try:
        dataset = await Datasets(connection).get(UUID(name), owner)
    except (ValueError, NotFound) as error:
        raise _unknown("dataset", name, NAMED_DATASETS) from error
    if dataset.state is DatasetState.READING:
        raise Conflict(f"dataset: {dataset.name} is still being read; ask again when it is ready.")
    if dataset.error is not None:
        raise InvalidRequest(f"dataset: {dataset.error.detail}", field="dataset")


def _unknown(noun: str, name: str, known: Collection[str]) -> NotFound:
    """The code and the list are what clients show."""
    return NotFound(noun, name, **{f"{noun}s": list(known)})


@router.get("")
async def list_trainings(
    gateway: Gateway, owner: Owner, before: Before, limit: Limit = 50
) -> Page[Training]:
    """Your trainings, newest first."""
    async with gateway.database.transaction() as connection:
        page = await Trainings(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/recipes")
async def list_recipes(owner: Owner) -> RecipeBook:  # noqa: ARG001 - a key is asked for
    """What a training can be asked for by name."""
    return RecipeBook(recipes=list(RECIPES), datasets=list(NAMED_DATASETS))


@router.get("/{training_id}")
async def get_training(training_id: UUID, gateway: Gateway, owner: Owner) -> Training:
    """One training: its state, its last point and its best one."""
    async with gateway.database.transaction() as connection:
        return await Trainings(connection).get(training_id, owner)


@router.get("/{training_id}/metrics")
async def get_metrics(
    training_id: UUID, gateway: Gateway, owner: Owner, place: Place = None, limit: Limit = 200
) -> Page[TrainingPoint]:
    """The learning curve, in order; the cursor is the step of the last point that you have."""
    after = 0 if place is None else int(place)
    async with gateway.database.transaction() as connection:
        repository = Trainings(connection)
        await repository.get(training_id, owner)
        page = await repository.curve(training_id, after=after, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].step) if len(page) == limit else None)


@router.post("/{training_id}/pause")
async def pause(training_id: UUID, gateway: Gateway, owner: Owner) -> Training:
    """Let it wait: a checkpoint is written, and the trainer is free for another."""
    async with gateway.database.transaction() as connection:
        training = await Trainings(connection).pause(training_id, owner)
    gateway.publisher.soon(training.id)
    return training


@router.post("/{training_id}/resume")
async def resume(training_id: UUID, gateway: Gateway, owner: Owner) -> Training:
    """Let it go on from where it was paused, as if it had not been."""
    async with gateway.database.transaction() as connection:
        training = await Trainings(connection).resume(training_id, owner)
    gateway.publisher.soon(training.id)
    return training


@router.post("/{training_id}/cancel")
async def cancel(training_id: UUID, gateway: Gateway, owner: Owner) -> Training:
    """Stop it for good; nothing of it stays."""
    async with gateway.database.transaction() as connection:
        training = await Trainings(connection).cancel(training_id, owner)
    gateway.publisher.soon(training.id)
    return training
