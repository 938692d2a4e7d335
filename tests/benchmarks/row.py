"""One line of the result: ours beside a peer's, always so that a higher ratio is better."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A comparison; its name says in which unit both sides are."""

    name: str
    ours: float
    peer: str
    peer_value: float
    ratio: float
    goal: float

    @classmethod
    def of_rates(cls, name: str, ours: float, peer: str, peer_value: float, goal: float) -> Self:
        """What there should be much of: tokens or files a second."""
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
        """What there should be little of: seconds."""
        return replace(cls.of_rates(name, ours, peer, peer_value, goal), ratio=peer_value / ours)

    @property
    def reached(self) -> bool:
        """Whether the goal is."""
        return self.ratio >= self.goal
