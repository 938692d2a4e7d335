"""What a model card records of its data, its training and its evaluation.

A field is optional where a card may lack it: a run that fine-tunes nothing has no base, and a
version that generated no samples has no evaluation of them.
"""

from uuid import UUID

from pydantic import Field

from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.generations import Seed
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import LearningCurvePoint, TrainingRequest


class DatasetRecord(Schema):
    """One data set that a version was trained on, and how many of its pieces were used."""

    name: str
    description: str
    license: str
    weight: float
    """How often its pieces are sampled, relative to the other data sets."""
    num_tokens: int
    """Tokens of its used pieces, each counted once."""
    found: int
    skipped: dict[str, int]
    """Pieces that are not used, by reason."""
    used: int
    duplicate_groups: int
    """Groups of related pieces, single pieces included; a group is never split between sides."""
    train: int
    held_out: int
    test: int = 0
    num_notes: int
    hours: float | None = None
    pieces_by_folder: dict[str, int] | None = None


class DataRecord(Schema):
    """The data of a version."""

    datasets: tuple[DatasetRecord, ...] = ()
    split: str | None = None
    """How training and held-out pieces were separated."""
    num_tokens: int | None = None
    """Tokens of all used pieces, each counted once."""
    tokens_per_note: float | None = None
    vocab_size: int | None = None


class WeightedDatasetRecord(Schema):
    """A data set of a recipe."""

    name: str
    weight: float = 1.0


class ExampleRecord(Schema):
    """How a recipe turns pieces into training examples."""

    context: int
    """Length of a row in tokens."""
    transpositions: tuple[int, ...] = (0,)
    """Semitones; each training example is transposed by one of them."""
    velocity_jitter: int = 0
    time_stretch: float = 0.0
    infill_rate: float = 0.0
    control_rate: float = 0.0


class DecoderShapeRecord(Schema):
    """The network of a recipe: a Llama-style decoder."""

    layers: int
    heads: int
    d_model: int
    d_ff: int


class LstmShapeRecord(Schema):
    """The network of a recipe: a stack of LSTM layers."""

    units: tuple[int, ...]
    embedding: int = 0
    """Width of the embedding; 0: the input is the token id as a number."""
    dropout: float


class OptimizationRecord(Schema):
    """The optimizer and the learning-rate schedule of a recipe."""

    matrix_optimizer: str | None = None
    batch_size: int
    """Rows of one context per step."""
    learning_rate: float
    """Peak learning rate."""
    weight_decay: float
    max_grad_norm: float
    warmup_ratio: float
    decay_ratio: float | None = None
    """Share of the run during which the learning rate decays to 0; null if it does not."""
    min_lr_ratio: float | None = None
    """Share of its peak to which the learning rate decays, if not to 0."""


class RecipeRecord(Schema):
    """The complete configuration of a run."""

    version: str
    description: str
    datasets: tuple[WeightedDatasetRecord, ...] = ()
    tokenizer: str
    """`pitch_symbols`, `remi` or `remi_bpe`."""
    vocab_size: int | None = None
    """Number of tokens with learned byte pairs; null: as many as the music needs."""
    examples: ExampleRecord
    network: DecoderShapeRecord | LstmShapeRecord
    grow_from: str | None = None
    """The recipe of a smaller decoder whose weights this one was initialized from."""
    optimization: OptimizationRecord
    steps: int
    validate_every: int
    patience: int
    """Validations without an improvement after which the run ends."""
    seed: Seed


class BaseRecord(Schema):
    """What a run was initialized from: a version (fine-tuning), or the run of a smaller decoder."""

    version: str | None = None
    sha256: str | None = None
    recipe: str | None = None
    """The recipe of the smaller decoder."""
    steps: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    nats_per_note: float | None = None
    datasets: tuple[str, ...] = ()
    requested_dataset: str | None = None
    """The data set that its training request named: a name, or the id of an uploaded one."""
    base: "BaseRecord | None" = None


class TrainingRecord(Schema):
    """The run that a version's weights come from, up to its best validation."""

    num_parameters: int | None = None
    selection: str | None = None
    """Which validation the weights are from."""
    steps: int | None = None
    tokens: int | None = None
    """Tokens that the model was trained on."""
    seconds: float | None = None
    """Time spent in training steps."""
    seed: Seed | None = None
    commit: str | None = None
    """Commit of the code that started the run."""
    minutes: float | None = None
    """Time budget in minutes, if the run had one."""
    stop_reason: str | None = None
    torch: str | None = None
    """Version of PyTorch."""
    recipe: RecipeRecord | None = None
    learning_curve: tuple[LearningCurvePoint, ...] = ()
    base: BaseRecord | None = None
    job_id: UUID | None = None
    """The training job, if a client requested it."""
    request: TrainingRequest | None = None


class HeldOutCounts(Schema):
    """The amount of held-out music that a likelihood is computed on."""

    num_pieces: int
    num_notes: int
    num_tokens: int


class LikelihoodRecord(Schema):
    """Negative log-likelihood of the held-out pieces of one data set."""

    nats_per_note: float
    bits_per_second: float
    nats_per_token: float
    held_out: HeldOutCounts


class InfillRecord(Schema):
    """Negative log-likelihood of masked bars, with and without the bars that follow them."""

    num_notes: int
    """Masked notes; 0: no held-out piece is long enough, and the likelihoods are null."""
    nats_per_note_with_right_context: float | None = None
    nats_per_note_left_only: float | None = None


class DataLeakageRecord(Schema):
    """How much better a validation loss looks when its windows overlap training windows."""

    leaky_validation_nats_per_token: float
    held_out_nats_per_token: float
    gap_nats_per_token: float
    num_tokens: int
    """Tokens that the measured model was trained on."""
    num_training_windows: int
    seed: Seed


class EvaluationRecord(Schema):
    """The evaluation of a version on held-out music, over all of its data sets and for each."""

    nats_per_note: float | None = None
    bits_per_second: float | None = None
    nats_per_token: float | None = None
    held_out: HeldOutCounts | None = None
    limitation: str | None = None
    """The part of the music that the likelihood does not cover, if any."""
    infill: InfillRecord | None = None
    by_dataset: dict[str, LikelihoodRecord] = Field(default_factory=dict)
    samples: SampleEvaluation | None = None
    data_leakage: DataLeakageRecord | None = None
