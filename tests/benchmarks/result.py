"""One row of the results: Ostinato compared with a baseline."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A comparison; the name contains the unit of both values."""

    name: str
    ostinato: float
    """Measurement of Ostinato."""
    baseline: str
    """Name of what Ostinato is compared with."""
    baseline_value: float
    """Measurement of the baseline, or the limit."""
    ratio: float
    """Factor by which Ostinato is better; higher is always better."""
    goal: float
    """Intended ratio."""

    @classmethod
    def of_rates(
        cls, name: str, ostinato: float, baseline: str, baseline_value: float, goal: float
    ) -> Self:
        """A comparison of rates, such as tokens per second."""
        return cls(
            name=name,
            ostinato=ostinato,
            baseline=baseline,
            baseline_value=baseline_value,
            ratio=ostinato / baseline_value,
            goal=goal,
        )

    @classmethod
    def of_times(
        cls, name: str, ostinato: float, baseline: str, baseline_value: float, goal: float
    ) -> Self:
        """A comparison of times in seconds."""
        return replace(
            cls.of_rates(name, ostinato, baseline, baseline_value, goal),
            ratio=baseline_value / ostinato,
        )

    @property
    def reached(self) -> bool:
        """Whether the ratio reaches the goal."""
        return self.ratio >= self.goal
