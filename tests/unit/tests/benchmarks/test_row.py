"""A ratio is always such that more is better."""

import pytest

from tests.benchmarks.row import Row


def test_of_rates_the_higher_is_the_better() -> None:
    row = Row.of_rates("tokens/s", ours=300.0, peer="somebody", peer_value=100.0, goal=2.0)
    assert row.ratio == pytest.approx(3)
    assert row.reached
    assert not Row.of_rates("tokens/s", 100.0, "somebody", 300.0, 1.0).reached


def test_of_times_the_lower_is_the_better() -> None:
    row = Row.of_times("seconds", ours=0.1, peer="the limit", peer_value=0.3, goal=1.0)
    assert row.ratio == pytest.approx(3)
    assert row.reached
    assert not Row.of_times("seconds", 0.4, "the limit", 0.3, 1.0).reached
