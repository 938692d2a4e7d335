"""The recipe in a model card: the complete configuration of its run."""

from typing import Annotated

from pydantic import Field

from ostinato.schemas.generations import Seed, is_none
from ostinato.schemas.notes import COMMON_TIME, Metre
from ostinato.schemas.schema import Schema, equals


class WeightedDatasetRecord(Schema):
    """A data set of a recipe."""

    name: str
    weight: float = 1.0
    """How often its pieces are sampled, relative to the other data sets."""


class ExampleRecord(Schema):
    """How a recipe turns pieces into training examples."""

    context: int
    """Length of a row in tokens."""
    opening_rate: Annotated[float, Field(exclude_if=equals(0.5))] = 0.5
    """Share of the training examples that begin with their piece. If missing: half."""
    ending_rate: Annotated[float, Field(exclude_if=equals(0.0))] = 0.0
    """Share of the training examples that begin at a random bar near the end. If missing: none."""
    transpositions: tuple[int, ...] = (0,)
    """Semitones; each training example is transposed by one of them."""
    velocity_jitter: int = 0
    """Largest change of the velocities of a training example, up or down, of 127."""
    time_stretch: float = 0.0
    """Largest relative change of the tempo of a training example; performances only."""
    infill_rate: float = 0.0
    """Share of the training examples in which bars are masked and appended."""
    control_rate: float = 0.0
    """Probability of each control token (style, key, density, ending) in a training example."""


class DecoderShapeRecord(Schema):
    """The network of a recipe: a Llama-style decoder."""

    layers: int
    """Number of layers."""
    heads: int
    """Number of attention heads in a layer."""
    d_model: int
    """Width of the residual stream."""
    d_ff: int
    """Width of the hidden layer of the feed-forward networks."""
    residual_dropout: Annotated[float, Field(exclude_if=equals(0.0))] = 0.0
    """Probability with which an output of a sublayer is dropped in training. If missing: 0."""


class LstmShapeRecord(Schema):
    """The network of a recipe: a stack of LSTM layers."""

    units: tuple[int, ...]
    """Width of each layer."""
    embedding: int = 0
    """Width of the embedding; 0: the input is the token id as a number."""
    dropout: float
    """Probability with which a unit is dropped during training."""


class OptimizationRecord(Schema):
    """The optimizer and the learning-rate schedule of a recipe."""

    matrix_optimizer: str | None = None
    """Optimizer of the matrices inside a decoder's layers; AdamW updates everything else."""
    batch_size: int
    """Rows of one context per step."""
    learning_rate: float
    """Peak learning rate."""
    weight_decay: float
    """Decoupled weight decay, relative to the learning rate."""
    max_grad_norm: float
    """Norm to which gradients are clipped."""
    warmup_ratio: float
    """Share of the run during which the learning rate rises from 0 to its peak."""
    decay_ratio: float | None = None
    """Share of the run during which the learning rate decays to 0; null if it does not."""
    min_lr_ratio: float | None = None
    """Share of its peak to which the learning rate decays, if not to 0."""
    average_decay: Annotated[float, Field(exclude_if=equals(0.0))] = 0.0
    """Decay per step of the moving average of the weights. If missing: there is none."""


class DecayRecord(Schema):
    """What is different in a run of the decay phase only."""

    dataset_weights: tuple[float, ...]
    """The weight of each data set."""
    infill_rate: float
    """Share of the training examples in which bars are masked and appended."""


class RecipeRecord(Schema):
    """The complete configuration of a run."""

    version: str
    description: str
    datasets: tuple[WeightedDatasetRecord, ...] = ()
    tokenizer: str
    """`pitch_symbols`, `remi` or `remi_bpe`."""
    metres: Annotated[tuple[Metre, ...], Field(exclude_if=equals(COMMON_TIME))] = COMMON_TIME
    """The time signatures of its music. If missing: 4/4."""
    vocab_size: int | None = None
    """Number of tokens with learned byte pairs; null: as many as the music needs."""
    examples: ExampleRecord
    network: DecoderShapeRecord | LstmShapeRecord
    grow_from: str | None = None
    """The recipe of a smaller decoder whose weights this one was initialized from."""
    optimization: OptimizationRecord
    decay: Annotated[DecayRecord | None, Field(exclude_if=is_none)] = None
    steps: int
    """Training steps of the run, unless the request set another budget."""
    validate_every: int
    """Training steps between two validations."""
    patience: int
    """Validations without an improvement after which the run ends."""
    seed: Seed
    """Seed of the initial weights and of the order of the training examples."""
