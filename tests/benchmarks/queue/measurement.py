"""One row of the results: a value, and what it is compared with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A value with its unit in the name, and optionally a baseline of the same run."""

    name: str
    value: float
    baseline: str = ""
    """Name of what the value is divided by; empty if it is compared with its goal alone."""
    baseline_value: float | None = None
    goal: float | None = None
    """Of the ratio, or of the value if there is no baseline; None if there is no goal."""
    higher_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The value divided by the baseline."""
        return None if self.baseline_value is None else self.value / self.baseline_value

    @property
    def verdict(self) -> str:
        """Whether the goal is reached."""
        if self.goal is None:
            return ""
        compared = self.value if self.ratio is None else self.ratio
        is_reached = compared >= self.goal if self.higher_is_better else compared <= self.goal
        return "reached" if is_reached else "missed"

    def cells(self) -> tuple[str, ...]:
        """The cells of its row in a table."""
        goal = ""
        if self.goal is not None:
            goal = f"{'at least' if self.higher_is_better else 'at most'} {number(self.goal)}"
        baseline_value = "" if self.baseline_value is None else number(self.baseline_value)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        value = number(self.value)
        return (self.name, value, self.baseline, baseline_value, ratio, goal, self.verdict)


def number(value: float) -> str:
    """Three significant digits, and all digits of large numbers."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
