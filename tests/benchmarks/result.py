"""One row of the results: our measurement and a peer's; a higher ratio is better."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A comparison; the name contains the unit of both sides."""

    name: str
    ours: float
    peer: str
    peer_value: float
    ratio: float
    goal: float

    @classmethod
    def of_rates(cls, name: str, ours: float, peer: str, peer_value: float, goal: float) -> Self:
        """A comparison of rates, such as tokens per second."""
        return cls(
            name=name,
            ours=ours,
            peer=peer,
            peer_value=peer_value,
            ratio=ours / peer_value,
            goal=goal,
        )

    @classmethod
    def of_times(cls, name: str, ours: float, peer: str, peer_value: float, goal: float) -> Self:
        """A comparison of times in seconds."""
        return replace(cls.of_rates(name, ours, peer, peer_value, goal), ratio=peer_value / ours)

    @property
    def reached(self) -> bool:
        """Whether the ratio reaches the goal."""
        return self.ratio >= self.goal
