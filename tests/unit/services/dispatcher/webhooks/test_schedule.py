"""Tests of the times of attempts."""

from datetime import timedelta

from services.dispatcher.webhooks.schedule import JITTER, RETRY_DELAYS, next_delay


def test_there_are_ten_attempts_in_three_days_with_jitter() -> None:
    delays = [next_delay(attempts, None) for attempts in range(1, 11)]
    assert delays[-1] is None
    for delay, expected in zip(delays[:-1], RETRY_DELAYS, strict=True):
        assert delay is not None
        assert abs(delay / expected - 1) <= JITTER
    assert len({next_delay(5, None) for _ in range(10)}) > 1
    assert timedelta(days=3) < sum(RETRY_DELAYS, timedelta()) < timedelta(days=4)


def test_a_receiver_may_ask_to_wait_longer_but_not_for_ever() -> None:
    assert next_delay(1, 600) == timedelta(seconds=600)
    assert next_delay(1, float("inf")) == timedelta(hours=24)
    shorter = next_delay(3, 1)
    assert shorter is not None
    assert shorter > timedelta(minutes=20)
    assert next_delay(10, 600) is None
