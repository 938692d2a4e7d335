"""What clients read: one row, or a page."""

import hashlib
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobKind, JobState
from shared.db.api_keys import ApiKeys
from shared.db.batches import Batches
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.leases import ShardLeases
from shared.db.job_queue.pending import pending_items
from shared.db.job_queue.positions import next_model, queue_position
from shared.db.job_queue.receipts import Receipts
from shared.db.melodies import Melodies, notes_by_index, read_midi
from shared.db.operations.process_metrics import ProcessMetrics
from shared.db.operations.usage import Usage
from shared.db.outbox import Outbox
from shared.db.primers import Primers
from shared.db.promotions import Promotions
from shared.db.tickets import StreamTickets
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainings import Trainings
from tests.support.aged.database import PROLIFIC
from tests.support.aged.hot_path import HotPath
from tests.support.aged.ids import batch_id, job_id, melody_id, queued_batch_id, queued_job_id
from tests.support.aged.queue_paths import NEWEST, new_job, next_number

PAGE = 50
FINISHED, QUEUED, LAST_QUEUED = job_id(24), queued_job_id(60), queued_job_id(9_000)
OWNER = "owner-60"
MELODY = melody_id(23)
"""A melody of `FINISHED`."""
STATES = [
    *(JobState.FAILED, JobState.SUCCEEDED, JobState.QUEUED, JobState.CANCELLED, JobState.EXPIRED)
]


async def _redeem(connection: AsyncConnection, _: None) -> None:
    await StreamTickets(connection).redeem("unknown", FINISHED)


async def _cancel(connection: AsyncConnection, number: int) -> None:
    """Cancel a job with one queued shard."""
    job = await GenerationJobs(connection).create(new_job(f"canceller-{number}", 1))
    await JobStore(connection).cancel(job.id)


def _page_of_state(state: JobState) -> HotPath:
    return HotPath(
        name=f"page of {state} jobs",
        max_rows=300,
        run=lambda connection, _: GenerationJobs(connection).page(
            PROLIFIC, before=job_id(NEWEST), limit=PAGE, state=state
        ),
    )


READ_PATHS = (
    HotPath(
        name="job that waits",
        max_rows=100,
        run=lambda connection, _: GenerationJobs(connection).get(QUEUED, OWNER),
    ),
    HotPath(
        name="position behind many others",
        max_rows=2500,
        run=lambda connection, _: queue_position(connection, LAST_QUEUED),
    ),
    HotPath(
        name="job page",
        max_rows=300,
        run=lambda connection, _: GenerationJobs(connection).page(
            PROLIFIC, before=None, limit=PAGE, state=None
        ),
    ),
    *map(_page_of_state, STATES),
    HotPath(
        name="batch page",
        max_rows=1_000,  # with those shards of its batches that other paths have claimed
        run=lambda connection, _: Batches(connection).page(PROLIFIC, before=None, limit=PAGE),
    ),
    HotPath(
        name="batch",
        max_rows=500,
        run=lambda connection, _: Batches(connection).get(batch_id(1), PROLIFIC),
    ),
    HotPath(
        name="batch that waits",
        max_rows=6_000,
        run=lambda connection, _: Batches(connection).get(queued_batch_id(19), PROLIFIC),
    ),
    HotPath(
        name="model that a batch waits for",
        max_rows=6_000,  # the shards of this batch
        run=lambda connection, _: next_model(connection, queued_batch_id(19)),
    ),
    HotPath(
        name="promotions",
        max_rows=100,
        run=lambda connection, _: Promotions(connection).wanted(),
    ),
    HotPath(
        name="weights to fall back to",
        max_rows=100,
        run=lambda connection, _: Promotions(connection).tested_weights("v2"),
    ),
    HotPath(
        name="receipt of a batch",
        max_rows=1_000,
        run=lambda connection, _: Receipts(connection).get(
            batch_id(1), PROLIFIC, after=64, limit=20
        ),
    ),
    HotPath(
        name="primer with this file",
        max_rows=20,
        run=lambda connection, _: Primers(connection).find(
            PROLIFIC, hashlib.sha256(b"4000").digest()
        ),
    ),
    HotPath(name="cancel a job", max_rows=200, prepare=next_number, run=_cancel),
    HotPath(
        name="unfinished trainings",
        max_rows=100,
        run=lambda connection, _: JobStore(connection).count_pending(PROLIFIC, JobKind.TRAINING),
    ),
    HotPath(
        name="training page",
        max_rows=500,
        run=lambda connection, _: Trainings(connection).page(PROLIFIC, before=None, limit=PAGE),
    ),
    HotPath(
        name="evaluation page",
        max_rows=500,
        run=lambda connection, _: Evaluations(connection).page(PROLIFIC, before=None, limit=PAGE),
    ),
    HotPath(
        name="data set page",
        max_rows=500,
        run=lambda connection, _: Datasets(connection).page(PROLIFIC, before=None, limit=PAGE),
    ),
    HotPath(
        name="melody page",
        max_rows=300,
        run=lambda connection, _: Melodies(connection).page(PROLIFIC, before=None, limit=PAGE),
    ),
    HotPath(
        name="favourite page",
        max_rows=300,
        run=lambda connection, _: Melodies(connection).page(
            PROLIFIC, before=melody_id(NEWEST), limit=PAGE, favourites=True
        ),
    ),
    HotPath(
        name="melody",
        max_rows=20,
        run=lambda connection, _: Melodies(connection).get(MELODY, PROLIFIC),
    ),
    HotPath(
        name="MIDI file",
        max_rows=20,
        run=lambda connection, _: read_midi(connection, MELODY, PROLIFIC),
    ),
    HotPath(
        name="mark a favourite",
        max_rows=50,
        run=lambda connection, _: Melodies(connection).set_favourite(
            MELODY, PROLIFIC, favourite=True
        ),
    ),
    HotPath(
        name="melodies of a job",
        max_rows=100,
        run=lambda connection, _: Melodies(connection).list_by_job(FINISHED, after=-1, limit=PAGE),
    ),
    HotPath(
        name="notes for a stream",
        max_rows=200,
        run=lambda connection, _: notes_by_index(
            connection, [(job_id(number), 0) for number in range(1, 33)]
        ),
    ),
    HotPath(
        name="issue a ticket",
        max_rows=100,
        run=lambda connection, _: StreamTickets(connection).issue(PROLIFIC, FINISHED),
    ),
    HotPath(name="redeem a ticket", max_rows=20, run=_redeem),
    HotPath(
        name="unfinished items",
        max_rows=50_000,
        run=lambda connection, _: pending_items(connection),
    ),
    HotPath(
        name="live processes",
        max_rows=200,
        run=lambda connection, _: ProcessMetrics(connection).live(),
    ),
    HotPath(
        name="usage",
        max_rows=500,
        run=lambda connection, _: Usage(connection).days(OWNER, since=date(2026, 1, 1)),
    ),
    HotPath(
        name="usage of a key",
        max_rows=1_000,
        run=lambda connection, _: Usage(connection).days(
            OWNER, since=date(2026, 1, 1), key_id=job_id(60)
        ),
    ),
    HotPath(
        name="first id of a key",
        max_rows=20,
        run=lambda connection, _: ApiKeys(connection).first_id(job_id(60), OWNER),
    ),
    HotPath(
        name="usage of a key that was deleted",
        max_rows=20,
        run=lambda connection, _: Usage(connection).is_known(OWNER, job_id(60)),
    ),
    HotPath(
        name="outbox lag",
        max_rows=20,
        run=lambda connection, _: Outbox(connection).oldest_age(),
    ),
    HotPath(
        name="overdue leases",
        max_rows=1000,
        run=lambda connection, _: ShardLeases(connection).num_expired(timedelta(seconds=60)),
    ),
)
