"""An evaluation: generated melodies compared with held-out human pieces.

No measurement ranks the two sides; a feature is good if it is close to that of held-out music.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.schema import Schema


class EvaluationRequest(Schema):
    """The generation job whose melodies are to be evaluated."""

    job_id: UUID
    """A finished generation job of yours that has no primer."""
    deadline_seconds: DeadlineSeconds | None = None
    """Seconds from acceptance until it expires, unless it has ended. If omitted: none."""


class FeatureComparison(Schema):
    """One musical feature of samples and of held-out music."""

    samples_mean: float
    """Mean over the generated melodies, in the unit of the feature."""
    samples_std: float
    """Standard deviation over the generated melodies."""
    held_out_mean: float
    """Mean over the held-out excerpts, in the unit of the feature."""
    held_out_std: float
    """Standard deviation over the held-out excerpts."""
    distance: Annotated[float, Field(ge=0)] | None
    """Mean distance between the quantiles, in standard deviations of the held-out side; 0: equal.

    None: the sides differ, but the held-out side does not vary.
    """


class LengthSummary(Schema):
    """Lengths in notes of the longest passages that pieces share with the training music."""

    median: float
    """Median, in notes."""
    p95: float
    """95th percentile, in notes."""
    max: int
    """Maximum, in notes."""


class TrainingOverlap(Schema):
    """The longest passages shared with the training music, in any key."""

    samples: LengthSummary
    held_out: LengthSummary
    """The baseline: human pieces that copied nothing share passages, too."""


class SampleQuality(Schema):
    """Generated melodies compared with excerpts of held-out pieces of the same length."""

    num_pieces: Annotated[int, Field(ge=1)]
    """Number of generated melodies."""
    num_silent: Annotated[int, Field(ge=0)]
    """Melodies without notes; all other measurements exclude them."""
    bars: Annotated[int, Field(ge=1)]
    """Length of each melody and of each excerpt, in bars of four quarter notes."""
    num_excerpts: Annotated[int, Field(ge=1)]
    """Held-out excerpts; several data sets contribute in proportion to their training weights."""
    features: dict[str, FeatureComparison]
    """The comparisons by name of the musical feature."""
    training_overlap: TrainingOverlap


class SampleEvaluation(SampleQuality):
    """`evaluation.samples` of a card: the measurements, and the request of the melodies."""

    job_id: UUID
    """The generation job."""
    request: GenerationRequest
    """The generation request as accepted: count, bars, tempo, sampling, seed."""
    model_sha256: str
    """SHA-256 of the weights that generated the melodies; it equals the card's."""
    training_sets: tuple[str, ...] = ()
    """The data sets whose training sides were searched for shared passages: the version's own and,
    if they are on the trainer's machine, those of the weights that it was initialized from."""
    num_failed: Annotated[int, Field(ge=0)]
    """Melodies that were requested and could not be generated."""


class GapSize(StrEnum):
    """How many consecutive bars are hidden."""

    ONE_BAR = "one_bar"
    TWO_BARS = "two_bars"
    THIRD = "third"
    """A third of a passage that fills the context."""

    def num_bars(self, passage: int) -> int:
        """The number of hidden bars in a passage of so many bars."""
        return {GapSize.ONE_BAR: 1, GapSize.TWO_BARS: 2}.get(self, max(1, passage // 3))


class InfillRecord(Schema):
    """Negative log-likelihood of hidden bars, with and without the bars that follow them."""

    num_notes: int
    """Hidden notes; 0: no held-out piece is long enough, and the likelihoods are null."""
    nats_per_note_with_right_context: float | None = None
    """In nats per note, when the model sees the bars that follow."""
    nats_per_note_left_only: float | None = None
    """In nats per note, when the model sees only the bars before."""
    difference_low: float | None = None
    """Lower end of the 95 % bootstrap interval, over passages, of their difference, in nats per
    note."""
    difference_high: float | None = None
    """Its upper end; negative: the bars that follow help."""


class Evaluation(Schema):
    """One evaluation and its result."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` reports its progress and its end."""
    state: JobState
    request: EvaluationRequest
    version: str
    """The evaluated model version."""
    model_sha256: str
    """SHA-256 of the evaluated weights."""
    samples: SampleEvaluation | None = None
    """The result; also in the version's card if the evaluation may change it, unless an earlier
    one takes precedence."""
    error: JobError | None = None
    """Why it failed; null in any other state."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal
