"""A higher ratio is always better."""

import pytest

from tests.benchmarks.result import Row


def test_a_higher_rate_is_better() -> None:
    row = Row.of_rates(
        "tokens/s", ostinato=300.0, baseline="a baseline", baseline_value=100.0, goal=2.0
    )
    assert row.ratio == pytest.approx(3)
    assert row.reached
    assert not Row.of_rates("tokens/s", 100.0, "a baseline", 300.0, 1.0).reached


def test_a_lower_time_is_better() -> None:
    row = Row.of_times("seconds", ostinato=0.1, baseline="the limit", baseline_value=0.3, goal=1.0)
    assert row.ratio == pytest.approx(3)
    assert row.reached
    assert not Row.of_times("seconds", 0.4, "the limit", 0.3, 1.0).reached
