"""Delays between attempts, and the deadline."""

import pytest

from ostinato.errors import ApiError, ConnectionLost
from ostinato.retry import MAX_DELAY, RetryBackoff
from ostinato.schemas.problems import Problem

BROKEN = ConnectionLost("The connection broke.")


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    delays: list[float] = []
    monkeypatch.setattr("ostinato.retry.time.sleep", delays.append)
    return delays


def unavailable(retry_after: float) -> ApiError:
    problem = Problem(title="Error", status=503, detail="Unavailable.", code="unavailable")
    return ApiError(problem, retry_after=retry_after)


def test_delays_double_up_to_the_maximum(delays: list[float]) -> None:
    backoff = RetryBackoff(60.0)
    for _ in range(7):
        backoff.wait(BROKEN)
    assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, MAX_DELAY, MAX_DELAY]


def test_a_reset_restarts_the_delays(delays: list[float]) -> None:
    backoff = RetryBackoff(60.0)
    backoff.wait(BROKEN)
    backoff.wait(BROKEN)
    backoff.reset()
    backoff.wait(BROKEN)
    assert delays == [0.1, 0.2, 0.1]


def test_a_delay_is_at_least_the_retry_after_of_the_gateway(delays: list[float]) -> None:
    RetryBackoff(60.0).wait(unavailable(retry_after=5.0))
    assert delays == [5.0]


def test_the_error_is_raised_if_the_delay_would_pass_the_deadline(delays: list[float]) -> None:
    with pytest.raises(ApiError, match="Unavailable"):
        RetryBackoff(60.0).wait(unavailable(retry_after=3600.0))
    assert delays == []


def test_the_deadline_counts_from_the_first_error_not_from_a_long_request(
    delays: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("ostinato.retry.time.monotonic", lambda: now)
    backoff = RetryBackoff(10.0)
    now = 300.0
    backoff.wait(BROKEN)
    now = 310.0
    with pytest.raises(ConnectionLost):
        backoff.wait(BROKEN)
    assert delays == [0.1]


def test_a_permanent_error_is_raised_at_once(delays: list[float]) -> None:
    problem = Problem(
        title="Error", status=404, detail="There is no such job.", code="job_not_found"
    )
    with pytest.raises(ApiError, match="no such job"):
        RetryBackoff(60.0).wait(ApiError(problem))
    assert delays == []
