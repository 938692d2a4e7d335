"""The worker's settings, read from the environment."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.settings import CommonSettings, LeaseSettings


class WorkerSettings(LeaseSettings, CommonSettings):
    """Device, batch size and admission limits of one worker."""

    device: Literal["cpu", "cuda"] = "cpu"
    """Where the models are loaded."""
    max_num_seqs: Annotated[int, Field(ge=2, le=512)] = 64
    """Sequences that one model generates in one batch."""
    reserved_interactive_seqs: Annotated[int, Field(ge=1)] = 8
    """Of these, reserved for interactive jobs."""
    max_batch_melodies: Annotated[int, Field(ge=1)] = 96
    """The worker claims shards of batch jobs while it holds fewer melodies of them than this; it
    leaves the others queued, so that other workers can claim them."""
    max_interactive_melodies: Annotated[int, Field(ge=1)] = 512
    """The same limit for interactive jobs."""

    @model_validator(mode="after")
    def _leave_slots_for_batch_jobs(self) -> Self:
        if self.reserved_interactive_seqs >= self.max_num_seqs:
            raise ValueError(
                "OSTINATO_RESERVED_INTERACTIVE_SEQS must be below OSTINATO_MAX_NUM_SEQS, "
                "or batch jobs never run."
            )
        return self
