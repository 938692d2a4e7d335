"""A trade: what a bench has to know of one kind of errand.

Refuses to know how the work is done: that is the child's.
"""

from abc import ABC, abstractmethod

from services.trainer.ipc.messages import Assignment, Ending, Places, Word
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.trainer_jobs import Errand


class Trade(ABC):
    """Says what the child is told, and writes down what comes of it."""

    queue: TrainerQueue
    module: str
    """What the child runs."""

    def __init__(self, database: Database, places: Places) -> None:
        self._database = database
        self._places = places

    @abstractmethod
    async def assign(self, errand: Errand, until: float) -> Assignment:
        """What the child is told first."""

    async def hear(self, errand: Errand, word: Word) -> None:  # noqa: B027 - most children are silent
        """What it says before the end."""

    @abstractmethod
    async def deliver(self, errand: Errand, ending: Ending) -> None:
        """It has done what it should: write it down, if the claim still holds."""
