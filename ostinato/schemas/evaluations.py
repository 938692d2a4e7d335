"""An evaluation: a version judged by pieces that it wrote, beside held-out pieces of people.

No figure here says which side is better; a trait is good where it is near to that of people.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Failure, JobState
from ostinato.schemas.schema import Wire


class EvaluationRequest(Wire):
    """To judge the version that made the melodies of a job by them."""

    job_id: UUID
    """A generation of yours that has ended, and that went on from no MIDI file."""


class TraitComparison(Wire):
    """One trait on both sides."""

    samples_mean: float
    samples_std: float
    held_out_mean: float
    held_out_std: float
    distance: Annotated[float, Field(ge=0)] | None
    """Mean gap between the quantiles, in standard deviations of the held-out side; 0: alike.

    None: there is a gap, but the held-out side does not vary.
    """


class Lengths(Wire):
    """How many notes the longest copied run of a piece has, over many pieces."""

    median: float
    p95: float
    max: int


class Copies(Wire):
    """Longest runs that are found in the training music, in whatever key."""

    samples: Lengths
    held_out: Lengths
    """People share runs, too: what is to be expected of music that copies nothing."""


class Judgement(Wire):
    """Generated pieces beside excerpts of held-out pieces that are as long."""

    pieces: Annotated[int, Field(ge=1)]
    silent: Annotated[int, Field(ge=0)]
    """Pieces without a note; the figures below leave them out."""
    bars: Annotated[int, Field(ge=1)]
    excerpts: Annotated[int, Field(ge=1)]
    """Where there are several sets, of each in the proportion in which it was learnt from."""
    traits: dict[str, TraitComparison]
    longest_copied_notes: Copies


class Samples(Judgement):
    """`evaluation.samples` of a card: the judgement, and what makes the same pieces again."""

    job_id: UUID
    """The generation that made them."""
    request: GenerationRequest
    """As accepted: count, bars, tempo, sampling, seed."""
    model_sha256: str
    """Of the weights that made them, which are the card's."""
    training_sets: tuple[str, ...] = ()
    """Whose training sides copies were looked for in: the version's own, and those of the weights
    that it began with, as far as they are at hand."""
    failed: Annotated[int, Field(ge=0)]
    """Pieces that were asked for and are not there."""


class Evaluation(Wire):
    """One evaluation and what came of it."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` tells when it has ended."""
    state: JobState
    request: EvaluationRequest
    version: str
    model_sha256: str
    """Of the weights that are judged."""
    samples: Samples | None = None
    """The version's card has them, too, unless it has others that weigh more."""
    error: Failure | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Nothing more will happen to this evaluation."""
        return self.state.is_terminal
