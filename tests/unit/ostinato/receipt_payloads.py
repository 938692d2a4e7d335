"""Receipts of jobs as the gateway answers."""

from ostinato.schemas.jobs import JobKind, JobState
from ostinato.schemas.receipts import JobReceipt
from tests.unit.ostinato.payloads import NOON, a_job


def a_receipt(*, cursor: str | None = None) -> JobReceipt:
    """A page of the receipt of `a_job`, without its shards."""
    job = a_job(JobState.SUCCEEDED, succeeded=1)
    return JobReceipt(
        id=job.id,
        kind=JobKind.GENERATION,
        state=job.state,
        request=job.request.model_dump(mode="json"),
        request_sha256="ab" * 32,
        primers={},
        num_items=1,
        succeeded=1,
        failed=0,
        cancelled=0,
        expired=0,
        created_at=NOON,
        started_at=NOON,
        finished_at=NOON,
        cancel_seconds=None,
        shards=[],
        next_cursor=cursor,
    )
