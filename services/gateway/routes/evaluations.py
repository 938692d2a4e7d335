"""Evaluations: a version judged by the melodies of a job, which is checked before it is accepted.

Refuses to judge: that is the trainer's.
"""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.evaluations import Evaluation, EvaluationRequest
from ostinato.schemas.jobs import Job
from ostinato.schemas.pages import Page
from services.gateway.dependencies import (
    Before,
    Gateway,
    IdempotencyKey,
    Limit,
    Owner,
    Traceparent,
)
from services.gateway.quotas import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.evaluations import Evaluations
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies
from shared.db.models import Models
from shared.db.new_job import Order
from shared.errors import Conflict, InvalidRequest

router = APIRouter(tags=["evaluations"], prefix="/evaluations")

FIELD = "job_id"


@router.post("", status_code=202)
async def evaluate(
    posted: EvaluationRequest,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Evaluation:
    """Accept an evaluation; follow it by the events of the job that has its id, or poll it.

    Its outcome is written to the card of the version, too, unless the judgement there rests on
    more pieces. Pieces that were asked for as `ostinato evaluate` asks, with `model`, `count` and
    `seed` alone, outweigh any number of others.
    """
    order = Order(
        owner=owner,
        request=posted,
        posted=posted,
        queue=TrainerQueue.EVALUATE,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with gateway.database.transaction() as connection:
        repository = Evaluations(connection)
        evaluation = await repository.accepted_before(order)
        if evaluation is None:
            job = await _finished(connection, posted.job_id, owner)
            sha256 = await _weights_of(connection, job)
            most = gateway.settings.max_unfinished_evaluations
            await check_quota(connection, owner, order.kind, most)
            evaluation = await repository.accept(
                order, version=job.request.model, model_sha256=sha256
            )
    gateway.publisher.soon(evaluation.id)
    return evaluation


async def _finished(connection: AsyncConnection, job_id: UUID, owner: str) -> Job:
    job = await Jobs(connection).get(job_id, owner)
    if not job.is_terminal:
        raise Conflict(f"job_id: the job is {job.state}; ask again when it has ended.", field=FIELD)
    if job.request.primer_id is not None:
        raise InvalidRequest(
            "job_id: its melodies begin with a theme that somebody handed in; a version is judged "
            "by pieces that are its own. Generate some without a primer.",
            field=FIELD,
        )
    return job


async def _weights_of(connection: AsyncConnection, job: Job) -> str:
    """SHA-256 of the weights that made the job's melodies, which must be those that are played."""
    version = job.request.model
    made = sorted(await Melodies(connection).weights_of(job.id))
    if not made:
        why = f": {job.error.detail}" if job.error else "; generate again."
        nothing = f"job_id: the job is {job.state} and has no melody to judge {version} by"
        raise InvalidRequest(f"{nothing}{why}", field=FIELD)
    if len(made) > 1:
        named = " and ".join(sha256[:12] for sha256 in made)
        raise Conflict(
            f"job_id: {version} was promoted anew while the job ran, so that its melodies are "
            f"of two weights, {named}; generate again.",
            field=FIELD,
        )
    played = (await Models(connection).promoted()).get(version)
    if made[0] != played:
        raise Conflict(
            f"job_id: its melodies were made by weights {made[0][:12]}, and {version} is played "
            f"with {'none' if played is None else played[:12]} now; generate again.",
            field=FIELD,
        )
    return made[0]


@router.get("")
async def list_evaluations(
    gateway: Gateway, owner: Owner, before: Before, limit: Limit = 50
) -> Page[Evaluation]:
    """Your evaluations, newest first."""
    async with gateway.database.transaction() as connection:
        page = await Evaluations(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/{evaluation_id}")
async def get_evaluation(evaluation_id: UUID, gateway: Gateway, owner: Owner) -> Evaluation:
    """One evaluation: its state, and what came of it."""
    async with gateway.database.transaction() as connection:
        return await Evaluations(connection).get(evaluation_id, owner)
