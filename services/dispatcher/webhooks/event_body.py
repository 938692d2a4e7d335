"""The body of a webhook: the event, and the job as its own route shows it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.webhooks import WebhookEvent
from ostinato.schemas.jobs import JobKind
from shared.db.batches import Batches
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.engravings import Engravings
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainings import Trainings
from shared.db.webhooks.delivery_queue import ClaimedDelivery
from shared.errors import NotFound

REPOSITORIES: Mapping[JobKind, type[Any]] = {
    JobKind.GENERATION: GenerationJobs,
    JobKind.BATCH: Batches,
    JobKind.TRAINING: Trainings,
    JobKind.DATASET_IMPORT: Datasets,
    JobKind.EVALUATION: Evaluations,
    JobKind.ENGRAVING: Engravings,
}


async def build_body(connection: AsyncConnection, delivery: ClaimedDelivery) -> str:
    """The JSON of the delivery's event."""
    if delivery.job_id is None:
        data: dict[str, object] = {"webhook_id": str(delivery.webhook_id)}
    else:
        data = await _job(connection, delivery.job_id, delivery)
    event = WebhookEvent(type=delivery.type, timestamp=delivery.created_at, data=data)
    return event.model_dump_json()


async def _job(
    connection: AsyncConnection, job_id: UUID, delivery: ClaimedDelivery
) -> dict[str, object]:
    try:
        status = await JobStore(connection).status(job_id, delivery.target.owner)
        job = await REPOSITORIES[status.kind](connection).get(job_id, delivery.target.owner)
    except NotFound:
        return {"id": str(job_id), "state": delivery.type.removeprefix("job.")}
    return {"kind": status.kind, **job.model_dump(mode="json")}
