"""An evaluation: generated pieces compared with held-out human pieces.

No figure ranks the two sides; a feature is good where it is close to that of held-out music.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.schema import Schema


class EvaluationRequest(Schema):
    """The generation job whose melodies are to be evaluated."""

    job_id: UUID
    """A finished generation of yours that continued no MIDI file."""


class FeatureComparison(Schema):
    """One musical feature on both sides."""

    samples_mean: float
    samples_std: float
    held_out_mean: float
    held_out_std: float
    distance: Annotated[float, Field(ge=0)] | None
    """Mean distance between the quantiles, in standard deviations of the held-out side; 0: equal.

    None: the sides differ, but the held-out side does not vary.
    """


class LengthSummary(Schema):
    """The longest run of a piece that also occurs in the training music, in notes."""

    median: float
    p95: float
    max: int


class TrainingOverlap(Schema):
    """The longest runs shared with the training music, in any key."""

    samples: LengthSummary
    held_out: LengthSummary
    """The baseline: human pieces that copied nothing share runs, too."""


class SampleQuality(Schema):
    """Generated pieces compared with excerpts of held-out pieces of the same length."""

    num_pieces: Annotated[int, Field(ge=1)]
    num_silent: Annotated[int, Field(ge=0)]
    """Pieces without notes; the figures below exclude them."""
    bars: Annotated[int, Field(ge=1)]
    num_excerpts: Annotated[int, Field(ge=1)]
    """Of several data sets, each contributes in proportion to its training weight."""
    features: dict[str, FeatureComparison]
    training_overlap: TrainingOverlap


class SampleEvaluation(SampleQuality):
    """`evaluation.samples` of a card: the figures, and the request that regenerates the pieces."""

    job_id: UUID
    """The generation job."""
    request: GenerationRequest
    """As accepted: count, bars, tempo, sampling, seed."""
    model_sha256: str
    """Of the weights that generated them, which are the card's."""
    training_sets: tuple[str, ...] = ()
    """The data sets whose training sides were searched for shared runs: the version's own and, as
    far as they are on the trainer's machine, those of the weights that it was initialised from."""
    num_failed: Annotated[int, Field(ge=0)]
    """Pieces that were requested and could not be generated."""


class Evaluation(Schema):
    """One evaluation and its result."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` reports its end."""
    state: JobState
    request: EvaluationRequest
    version: str
    model_sha256: str
    """Of the weights that are evaluated."""
    samples: SampleEvaluation | None = None
    """Also in the version's card, unless the card has figures with more weight."""
    error: JobError | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """The state is final."""
        return self.state.is_terminal
