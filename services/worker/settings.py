"""The worker's settings, read from the environment."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.settings import CommonSettings, DefaultModelSettings, LeaseSettings


class WorkerSettings(LeaseSettings, DefaultModelSettings, CommonSettings):
    """Device, batch size and admission limits of one worker."""

    device: Literal["cpu", "cuda"] = "cpu"
    """Device on which the models run."""
    max_num_seqs: Annotated[int, Field(ge=2, le=512)] = 64
    """Largest number of sequences that one model generates in one batch."""
    reserved_interactive_seqs: Annotated[int, Field(ge=1)] = 8
    """Number of sequences of a batch that are reserved for interactive jobs."""
    max_batch_melodies: Annotated[int, Field(ge=1)] = 192
    """The worker claims shards of batch jobs while it holds fewer melodies of batch jobs than this;
    the other shards stay queued for other workers."""
    max_interactive_melodies: Annotated[int, Field(ge=1)] = 512
    """The worker claims shards of interactive jobs while it holds fewer melodies of interactive
    jobs than this; the other shards stay queued for other workers."""

    @model_validator(mode="after")
    def _leave_slots_for_batch_jobs(self) -> Self:
        if self.reserved_interactive_seqs >= self.max_num_seqs:
            raise ValueError(
                "OSTINATO_RESERVED_INTERACTIVE_SEQS must be below OSTINATO_MAX_NUM_SEQS, "
                "or batch jobs never run."
            )
        return self
