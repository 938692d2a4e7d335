"""The error of a job whose child exceeds a limit, for each kind of job with its own program."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.jobs import JobError
from ostinato.schemas.notes import Note
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.jobs.engraving import EngravingHandler
from services.trainer.jobs.evaluation import EvaluationHandler
from services.trainer.jobs.handler import JobHandler
from services.trainer.jobs.runner import JobRunner
from services.trainer.jobs.training import TrainingHandler
from services.trainer.settings import StoragePaths
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.new_job import NewJob
from shared.db.trainer.engravings import Engravings
from shared.ids import new_id
from shared.outbox_publisher import OutboxPublisher
from shared.worker_identity import WorkerIdentity
from tests.support.evaluations import EvaluationFixture
from tests.support.trainer.job_runner import immediate, until
from tests.support.trainings import TrainingFixture

LIMITS = ChildLimits(wall_seconds=0.1)


async def queue_training(database: Database) -> tuple[UUID, str]:
    """A queued training, and its queue."""
    fixture = TrainingFixture(database)
    return (await fixture.create()).id, fixture.queue


async def queue_evaluation(database: Database) -> tuple[UUID, str]:
    """A queued evaluation, and its queue."""
    fixture = EvaluationFixture(database, f"v-{uuid4()}")
    return (await fixture.create(await fixture.add_generation(), "ab")).id, fixture.queue


async def queue_engraving(database: Database) -> tuple[UUID, str]:
    """A queued engraving, and its queue."""
    request, queue = EngravingRequest(notes=[Note(0, 480, 60, 80)]), f"test.{uuid4()}"
    job = NewJob(owner=queue, request=request, original_request=request, queue=queue)
    async with database.transaction() as connection:
        return (await Engravings(connection).create(job)).id, queue


async def error_of(database: Database, job_id: UUID) -> JobError | None:
    async with database.transaction() as connection:
        query = text("SELECT error FROM jobs WHERE id = :job")
        error = (await connection.execute(query, {"job": job_id})).scalar_one()
    return None if error is None else JobError.model_validate(error)


RunJob = Callable[[type[JobHandler], UUID, str], Awaitable[JobError | None]]


@pytest.fixture
def run_job(
    database: Database, streams: EventStreams, publisher: OutboxPublisher, tmp_path: Path
) -> RunJob:
    """Runs a queued job to its end, and returns its error."""
    paths = StoragePaths(
        cache_dir=tmp_path, datasets_dir=None, checkpoints_dir=tmp_path, storage_url=str(tmp_path)
    )

    async def run(handler_class: type[JobHandler], job_id: UUID, queue: str) -> JobError | None:
        handler: JobHandler
        if handler_class is TrainingHandler:
            handler = TrainingHandler(database, streams, publisher, paths, LIMITS)
        else:
            handler = handler_class(database, streams, paths, LIMITS)
        handler.queue = queue  # type: ignore[assignment]  # no other test uses it
        identity = WorkerIdentity(id=new_id(), name="test", lease_duration=timedelta(seconds=60))
        runner = JobRunner(handler, database, publisher, identity)
        await runner.claim_next()
        await until(lambda: immediate(runner.job is None))
        return await error_of(database, job_id)

    return run


@pytest.mark.parametrize(
    ("handler_class", "queue_job", "detail"),
    [
        (
            TrainingHandler,
            queue_training,
            "The training takes longer than 0.1 s, the limit of this trainer; use a smaller recipe "
            "or a lower batch_size, or fewer steps or minutes.",
        ),
        (
            EvaluationHandler,
            queue_evaluation,
            "The evaluation takes longer than 0.1 s, the limit of this trainer; evaluate fewer or "
            "shorter melodies.",
        ),
        (
            EngravingHandler,
            queue_engraving,
            "The engraving takes longer than 0.1 s, the limit of this trainer; engrave fewer bars "
            "or notes.",
        ),
    ],
)
async def test_the_error_names_the_limit_and_what_to_do(
    database: Database,
    run_job: RunJob,
    handler_class: type[JobHandler],
    queue_job: Callable[[Database], Awaitable[tuple[UUID, str]]],
    detail: str,
) -> None:
    error = await run_job(handler_class, *await queue_job(database))
    assert error == JobError(code="limit_exceeded", detail=detail)
