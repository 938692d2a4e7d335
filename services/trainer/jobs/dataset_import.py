"""Handler of data set imports: sends the name of the upload, stores the report."""

import asyncio
from contextlib import suppress

from ostinato.schemas.datasets import DatasetImportRequest
from ostinato.schemas.jobs import JobState, ShardState
from services.trainer.errors import DatasetTooLarge
from services.trainer.ipc.messages import DatasetImported, DatasetImportSpec, Result
from services.trainer.jobs.handler import JobHandler
from shared.broker.queues import TrainerQueue
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.datasets import Datasets
from shared.db.trainer.trainer_jobs import TrainerJob, TrainerJobs
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs


class DatasetImportHandler(JobHandler):
    """Parses an uploaded data set in a child process, and stores the report on it."""

    queue = TrainerQueue.DATASETS
    module = "services.trainer.programs.inspect_dataset"
    noun, limit_advice, limit_error = "data set import", "upload it in parts", DatasetTooLarge

    async def prepare(self, job: TrainerJob, lease_deadline: float) -> DatasetImportSpec:
        """A spec with the name of the data set, whose id is the id of the job."""
        request = DatasetImportRequest.model_validate(job.request)
        return DatasetImportSpec(
            job_id=job.job_id,
            attempt=job.attempt,
            lease_deadline=lease_deadline,
            paths=self._paths,
            name=request.name,
        )

    async def on_failed(self, job: TrainerJob) -> None:
        """Delete the zip, which cannot be trained on."""
        blobs = await asyncio.to_thread(Blobs, self._paths.storage_url)
        with suppress(FileNotFoundError):
            await asyncio.to_thread(blobs.remove, dataset_key(job.job_id))

    async def complete(self, job: TrainerJob, result: Result) -> None:
        """Store the report, and finish the job; a cancelled one stores none.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        assert isinstance(result, DatasetImported)  # noqa: S101 - the only result of inspect_dataset
        async with self._database.transaction() as connection:
            if await JobStore(connection).lock(job.job_id) is JobState.CANCELLING:
                await TrainerJobs(connection).release(job)
            elif await TrainerJobs(connection).finish(job, ShardState.SUCCEEDED):
                await Datasets(connection).save_report(job.job_id, result.report)
                await JobStore(connection).add_results(job.job_id, succeeded=1)
