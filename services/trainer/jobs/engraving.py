"""Handler of engraving jobs: sends the notes to the child, stores the MusicXML."""

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.jobs import JobState, ShardState
from services.trainer.ipc.messages import Engraved, EngravingSpec, Result
from services.trainer.jobs.handler import JobHandler
from shared.broker.queues import TrainerQueue
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.engravings import Engravings
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs


class EngravingHandler(JobHandler):
    """Engraves notes in a child process, and stores the sheet music."""

    queue = TrainerQueue.ENGRAVE
    module = "services.trainer.programs.engrave_score"
    noun, limit_advice = "engraving", "engrave fewer bars or notes"

    async def prepare(self, job: TrainerJob, lease_deadline: float) -> EngravingSpec:
        """A spec with the request, which contains the notes."""
        return EngravingSpec(
            job_id=job.job_id,
            attempt=job.attempt,
            lease_deadline=lease_deadline,
            paths=self._paths,
            request=EngravingRequest.model_validate(job.request),
        )

    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Store the sheet music, and finish the job; a cancelled one stores none.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(result, Engraved)  # noqa: S101 - the only result of engrave_score
        async with self._database.transaction() as connection:
            if await JobStore(connection).lock(job.job_id) is JobState.CANCELLING:
                await TrainerJobs(connection).release(job)
            elif await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED):
                await Engravings(connection).save_result(job.job_id, result.musicxml)
                await JobStore(connection).add_results(job.job_id, succeeded=1)
