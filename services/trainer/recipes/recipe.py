"""The configuration of a training run, as a tree of immutable values."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from ostinato.schemas.notes import COMMON_TIME, Metre


class TokenizerKind(StrEnum):
    """How notes are tokenized."""

    PITCH_SYMBOLS = "pitch_symbols"
    REMI = "remi"
    REMI_BPE = "remi_bpe"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderShape:
    """The shape of a decoder; the tokenizer determines its vocabulary."""

    layers: int
    heads: int
    d_model: int
    d_ff: int
    residual_dropout: float = 0.0
    """Dropout of the output of each sublayer, in training only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmShape:
    """The shape of a stack of LSTM layers."""

    units: tuple[int, ...]
    embedding: int = 0
    """Width of the embedding; if it is 0, the input is the token id as a number."""
    dropout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedDataset:
    """A data set, and how often its pieces are sampled relative to the other data sets."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleConfig:
    """How pieces are turned into training examples."""

    context: int
    """Number of tokens in a row."""
    opening_rate: float = 0.5
    """Share of crops that begin with their piece; the others begin at a random bar."""
    ending_rate: float = 0.0
    """Share of crops that begin at a random bar near the end, so that they reach it."""
    transpositions: tuple[int, ...] = (0,)
    """Transpositions in semitones; each crop is transposed by one of them."""
    velocity_jitter: int = 0
    """Maximum change of the velocity of a crop, up or down."""
    time_stretch: float = 0.0
    """Maximum relative change of the tempo of a crop; only for performances, which have no beat."""
    infill_rate: float = 0.0
    """Share of crops in which some bars are masked and appended."""
    control_rate: float = 0.0
    """Probability of each control token (style, key, density) before a crop, and of the one that
    announces the ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """Optimizer and learning-rate schedule."""

    matrix_optimizer: Literal["muon", "adamw"] = "muon"
    """Optimizer of the matrices inside a decoder's layers; AdamW updates everything else."""
    batch_size: int
    """Rows per step, each as long as the context."""
    learning_rate: float
    """Peak learning rate."""
    weight_decay: float
    max_grad_norm: float
    """Gradients are clipped to this norm."""
    warmup_ratio: float
    """Share of the budget in which the learning rate rises from 0."""
    decay_ratio: float
    """Share of the budget, at its end, in which the learning rate falls to 0."""
    average_decay: float = 0.0
    """Decay per step of the exponential moving average of the weights; 0: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayChanges:
    """What is different while the learning rate of a run decays in a run of its own."""

    dataset_weights: tuple[float, ...]
    """The weight of each data set."""
    infill_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that a run depends on, except the music."""

    version: str
    description: str
    datasets: tuple[WeightedDataset, ...]
    tokenizer: TokenizerKind
    metres: tuple[Metre, ...] = COMMON_TIME
    """The time signatures of its music; pieces with others are not used."""
    vocab_size: int | None = None
    """Size of the vocabulary with byte pairs; None if the tokenizer or the music determines it."""
    examples: ExampleConfig
    network: DecoderShape | LstmShape
    grow_from: str | None = None
    """The recipe of a smaller decoder whose run initializes the weights."""
    optimization: Optimization
    decay: DecayChanges | None = None
    """What is different in the decay phase, see `in_phase`; None: nothing."""
    steps: int
    validate_every: int
    patience: int
    """Validations without an improvement after which the run stops early."""
    seed: int = 7

    def to_json(self) -> dict[str, Any]:
        """The recipe in checkpoints and cards: numbers, strings, lists and dicts.

        Fields that runs of earlier releases do not have are left out if they have their defaults.
        """
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for part, name, default in _LATER_FIELDS:
            fields = plain[part] if part else plain
            if name in fields and fields[name] == default:
                del fields[name]
        return plain


_LATER_FIELDS: tuple[tuple[str, str, object], ...] = (
    ("", "metres", [*COMMON_TIME]),
    ("examples", "opening_rate", 0.5),
    ("", "decay", None),
    ("examples", "ending_rate", 0.0),
    ("network", "residual_dropout", 0.0),
    ("optimization", "average_decay", 0.0),
)
"""The part of the recipe, the name and the default in JSON of each field that was added later."""
