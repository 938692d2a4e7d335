"""How stopped jobs are read: those that were cancelled, those that expired.

Both are stored as `cancelled`; `is_expired` marks the jobs that passed their deadlines. So
processes of the previous release, which know no state `expired`, can end and read such jobs.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, text

from ostinato.schemas.jobs import JobState
from shared.db.driver import Record

# Literals, because bind parameters cannot match the conditions of partial indexes.
_STOPPED = {
    JobState.CANCELLED: text("jobs.state = 'cancelled' AND NOT jobs.is_expired"),
    JobState.EXPIRED: text("jobs.state = 'cancelled' AND jobs.is_expired"),
}


def job_state(state: str, *, is_expired: bool) -> JobState:
    """The state of a job, from its row."""
    found = JobState(state)
    return JobState.EXPIRED if found is JobState.CANCELLED and is_expired else found


def with_job_state(row: Record) -> dict[str, Any]:
    """The values of a row, with the state of its job instead of `state` and `is_expired`."""
    values = dict(row)
    is_expired = values.pop("is_expired")
    return {**values, "state": job_state(values["state"], is_expired=is_expired)}


def published_state(payload: Mapping[str, Any]) -> JobState:
    """The state of a job, from the message about its change."""
    return job_state(payload["state"], is_expired=payload.get("expired", False))


def in_state(state: JobState) -> TextClause | None:
    """The condition of jobs that were stopped in this way; None for any other state."""
    return _STOPPED.get(state)


def stopped_counts(row: Record) -> dict[str, int]:
    """How many items of a job were cancelled and how many expired."""
    name, other = ("expired", "cancelled") if row["is_expired"] else ("cancelled", "expired")
    return {name: row["cancelled"], other: 0}


def cancel_seconds(row: Record) -> float | None:
    """The time from the request to cancel, or the passed deadline, to the end of the job.

    Engines have dropped all its sequences by then. None if it was not stopped, or has not ended.
    """
    requested_at, finished_at = row["cancel_requested_at"], row["finished_at"]
    if requested_at is None or finished_at is None:
        return None
    # The transaction that ends a job may have begun before the request
    return max(0.0, float((finished_at - requested_at).total_seconds()))
