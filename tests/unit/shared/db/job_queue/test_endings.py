"""How the rows of stopped jobs are read."""

from datetime import UTC, datetime, timedelta

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.job_queue.endings import (
    cancel_seconds,
    job_state,
    published_state,
    stopped_counts,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "is_expired", "expected"),
    [
        ("cancelled", True, JobState.EXPIRED),
        ("cancelled", False, JobState.CANCELLED),
        ("cancelling", True, JobState.CANCELLING),
        ("succeeded", False, JobState.SUCCEEDED),
    ],
)
def test_a_passed_deadline_is_a_mark_beside_the_state(
    state: str, *, is_expired: bool, expected: JobState
) -> None:
    assert job_state(state, is_expired=is_expired) is expected


def test_messages_of_earlier_processes_have_no_mark() -> None:
    assert published_state({"state": "cancelled"}) is JobState.CANCELLED
    assert published_state({"state": "cancelled", "expired": True}) is JobState.EXPIRED


def test_unfinished_items_are_counted_by_the_way_in_which_the_job_was_stopped() -> None:
    assert stopped_counts({"is_expired": False, "cancelled": 3}) == {"cancelled": 3, "expired": 0}
    assert stopped_counts({"is_expired": True, "cancelled": 3}) == {"cancelled": 0, "expired": 3}


@pytest.mark.parametrize(
    ("requested_after", "finished_after", "expected"),
    [(0.0, 0.25, 0.25), (0.5, 0.25, 0.0), (None, 1.0, None), (0.0, None, None)],
)
def test_the_time_to_cancel_is_never_negative(
    requested_after: float | None, finished_after: float | None, expected: float | None
) -> None:
    """A transaction that ends a job may have begun before the request was committed."""
    row = {"cancel_requested_at": after(requested_after), "finished_at": after(finished_after)}
    assert cancel_seconds(row) == expected


def after(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOON + timedelta(seconds=seconds)
