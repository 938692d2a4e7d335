"""What a worker reads from its environment."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.settings import CommonSettings


class WorkerSettings(CommonSettings):
    """How much it takes on, and how it shows that it is alive."""

    device: Literal["cpu", "cuda"] = "cpu"
    slots: Annotated[int, Field(ge=2, le=512)] = 64
    """Sequences that one model samples together."""
    reserved_slots: Annotated[int, Field(ge=1)] = 8
    """Of these, kept free for interactive ones."""
    batch_melodies: Annotated[int, Field(ge=1)] = 96
    """Of batch jobs: while it holds fewer it claims another shard, and leaves the rest queued, for
    other workers too."""
    interactive_melodies: Annotated[int, Field(ge=1)] = 512
    """Likewise of interactive jobs."""
    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 5.0
    drain_seconds: Annotated[float, Field(ge=0)] = 60.0
    """After TERM: what is not finished by then goes back into its queue."""

    @property
    def lease(self) -> timedelta:
        """How long a claim holds without a sign of life."""
        return timedelta(seconds=self.lease_seconds)

    @model_validator(mode="after")
    def _live_longer_than_a_beat(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError(
                "OSTINATO_HEARTBEAT_SECONDS must be at most half of OSTINATO_LEASE_SECONDS, "
                "or one late heartbeat loses every shard."
            )
        if self.reserved_slots >= self.slots:
            raise ValueError("OSTINATO_RESERVED_SLOTS must be below OSTINATO_SLOTS.")
        return self
