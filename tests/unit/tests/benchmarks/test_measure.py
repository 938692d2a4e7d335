"""Contenders take turns, and the median of each counts."""

from tests.benchmarks.measure import interleave


def test_contenders_take_turns_and_every_other_round_is_reversed() -> None:
    order: list[str] = []

    def contender(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop()

    first, second = [1.0, 50.0, 3.0], [4.0, 4.0, 400.0]
    medians = interleave(
        {"A": lambda: contender("A", first), "B": lambda: contender("B", second)}, rounds=3
    )
    assert order == ["A", "B", "B", "A", "A", "B"]
    assert medians == {"A": 3.0, "B": 4.0}
