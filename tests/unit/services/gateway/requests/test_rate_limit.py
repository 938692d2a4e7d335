"""Request rates of owners, with a clock of the test."""

import pytest

from services.gateway.requests import rate_limit
from services.gateway.requests.rate_limit import SECOND, RateLimit


class Clock:
    """The time in seconds, which the test changes; the limit reads nanoseconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> int:
        return round(self.now * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def num_accepted(limit: RateLimit, owner: str, requests: int) -> int:
    return sum(limit.take(owner).retry_after == 0 for _ in range(requests))


def test_a_burst_is_accepted_and_then_the_rate(clock: Clock) -> None:
    limit = RateLimit(10, 50, clock)
    assert num_accepted(limit, "ann", 100) == 50
    clock.now += 1.05
    assert num_accepted(limit, "ann", 100) == 10
    clock.now += 1000
    assert num_accepted(limit, "ann", 100) == 50


def test_a_steady_rate_below_the_limit_is_never_rejected(clock: Clock) -> None:
    limit = RateLimit(400, 2000, clock)
    for _ in range(10_000):
        clock.now += 1 / 390
        assert limit.take("ann").retry_after == 0


def test_owners_have_separate_limits(clock: Clock) -> None:
    limit = RateLimit(10, 5, clock)
    assert num_accepted(limit, "ann", 10) == 5
    assert num_accepted(limit, "bob", 10) == 5


def test_a_client_that_waits_as_long_as_it_is_asked_to_is_accepted(clock: Clock) -> None:
    limit = RateLimit(0.25, 1, clock)
    assert limit.take("ann").retry_after == 0
    assert limit.take("ann").retry_after == 4
    clock.now += 1.5
    assert limit.take("ann").retry_after == 3
    clock.now += 3
    assert limit.take("ann").retry_after == 0


def test_the_header_fields_are_those_of_the_draft(clock: Clock) -> None:
    limit = RateLimit(10, 30, clock)
    assert limit.take("ann").headers == [
        (b"ratelimit-policy", b'"requests";q=30;w=3'),
        (b"ratelimit", b'"requests";r=29;t=1'),
    ]
    assert num_accepted(limit, "ann", 29) == 29
    rejected = limit.take("ann")
    assert rejected.retry_after == 1
    assert rejected.headers[1] == (b"ratelimit", b'"requests";r=0;t=3')


def test_owners_whose_bucket_is_full_need_no_memory(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "MAX_OWNERS", 100)
    limit = RateLimit(10, 5, clock)
    for number in range(1000):
        clock.now += 0.01
        limit.take(str(number))
    assert len(limit._full_at) <= 101
    assert num_accepted(limit, "999", 10) == 4
