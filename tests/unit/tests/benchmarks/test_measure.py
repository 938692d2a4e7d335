"""Contenders take turns, and the median of each counts."""

from tests.benchmarks.measure import interleave


def test_contenders_take_turns_and_every_other_round_is_reversed() -> None:
    order: list[str] = []

    def contender(name: str, figures: list[float]) -> float:
        order.append(name)
        return figures.pop()

    ours, theirs = [1.0, 50.0, 3.0], [4.0, 4.0, 400.0]
    figures = interleave(
        {"ours": lambda: contender("ours", ours), "theirs": lambda: contender("theirs", theirs)}, 3
    )
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert figures == {"ours": 3.0, "theirs": 4.0}
