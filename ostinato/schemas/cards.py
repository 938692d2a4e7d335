"""What a model card records of its data, its training and its evaluation.

A field is optional where a card may lack it: a run that fine-tunes nothing has no base, and a
version that generated no samples has no figures of them.
"""

from uuid import UUID

from pydantic import Field

from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.generations import Seed
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import LearningCurvePoint, TrainingRequest


class DatasetRecord(Schema):
    """One data set that a version was trained on, and what became of its pieces."""

    name: str
    description: str
    license: str
    weight: float
    """How often its pieces are sampled, relative to the other data sets."""
    num_tokens: int
    """Of its used pieces, each once."""
    found: int
    skipped: dict[str, int]
    """Pieces that are not used, by reason."""
    used: int
    duplicate_groups: int
    """Groups of near-duplicates; a group is never split between two sides."""
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
    """Of all used pieces, each once."""
    tokens_per_note: float | None = None
    vocab_size: int | None = None


class WeightedDatasetRecord(Schema):
    """A data set of a recipe."""

    name: str
    weight: float = 1.0


class ExampleRecord(Schema):
    """How a recipe turns pieces into training examples."""

    context: int
    """Tokens of a row."""
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
    """Width; 0: the input is the token id as a number."""
    dropout: float


class OptimizationRecord(Schema):
    """The optimizer and the learning-rate schedule of a recipe."""

    matrix_optimizer: str | None = None
    batch_size: int
    """Rows of one context per step."""
    learning_rate: float
    """Peak."""
    weight_decay: float
    max_grad_norm: float
    warmup_ratio: float
    decay_ratio: float | None = None
    """Null if the learning rate does not decay to 0."""
    min_lr_ratio: float | None = None
    """Of runs whose learning rate decays to this share of its peak."""


class RecipeRecord(Schema):
    """The complete configuration of a run."""

    version: str
    description: str
    datasets: tuple[WeightedDatasetRecord, ...] = ()
    tokenizer: str
    """`pitch_symbols`, `remi` or `remi_bpe`."""
    vocab_size: int | None = None
    """Of a tokenizer with learned byte pairs; null: as many tokens as the music needs."""
    examples: ExampleRecord
    network: DecoderShapeRecord | LstmShapeRecord
    grow_from: str | None = None
    """The recipe of a smaller decoder whose weights this one was initialised from."""
    optimization: OptimizationRecord
    steps: int
    validate_every: int
    patience: int
    """Validations without an improvement after which the run ends."""
    seed: Seed


class BaseRecord(Schema):
    """What a run was initialised from: a version (fine-tuning), or the run of a smaller decoder."""

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
    """That the model has seen."""
    seconds: float | None = None
    """Spent in steps."""
    seed: Seed | None = None
    commit: str | None = None
    """Of the code that the run started with."""
    minutes: float | None = None
    """The time budget, where the run had one."""
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
    """How much held-out music a likelihood rests on."""

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
    """0: no held-out piece is long enough, and there are no figures."""
    nats_per_note_with_right_context: float | None = None
    nats_per_note_left_only: float | None = None


class DataLeakageRecord(Schema):
    """How much better a validation loss looks when its windows overlap training windows."""

    leaky_validation_nats_per_token: float
    held_out_nats_per_token: float
    gap_nats_per_token: float
    num_tokens: int
    """That the model has seen."""
    num_training_windows: int
    seed: Seed


class EvaluationRecord(Schema):
    """Figures of a version on held-out music, over all of its data sets and for each of them."""

    nats_per_note: float | None = None
    bits_per_second: float | None = None
    nats_per_token: float | None = None
    held_out: HeldOutCounts | None = None
    limitation: str | None = None
    """What of the music the likelihood leaves out, if anything."""
    infill: InfillRecord | None = None
    by_dataset: dict[str, LikelihoodRecord] = Field(default_factory=dict)
    samples: SampleEvaluation | None = None
    data_leakage: DataLeakageRecord | None = None
