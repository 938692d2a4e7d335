"""Recipes: functions that return the complete configuration of a training run.

Variants are derived from each other with `dataclasses.replace`. The budget of a recipe is in steps;
a run may have a time budget instead.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from ostinato.schemas.models import COMMON_TIME
from ostinato.schemas.notes import Metre
from services.trainer.data.catalog import MUSIC21
from shared.errors import NotFound

ALL_KEYS = tuple(range(-5, 7))


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
    transpositions: tuple[int, ...] = (0,)
    """Transpositions in semitones; each crop is transposed by one of them."""
    velocity_jitter: int = 0
    """Maximum change of the velocity of a crop, up or down."""
    time_stretch: float = 0.0
    """Maximum relative change of the tempo of a crop; only for performances, which have no beat."""
    infill_rate: float = 0.0
    """Share of crops in which some bars are masked and appended."""
    control_rate: float = 0.0
    """Probability of each control token (style, key, density) before a crop."""


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
    steps: int
    validate_every: int
    patience: int
    """Validations without an improvement after which the run stops early."""
    seed: int = 7

    def to_json(self) -> dict[str, Any]:
        """The recipe in checkpoints and cards: numbers, strings, lists and dicts.

        Without `metres` if it is 4/4 alone, as in runs of earlier releases.
        """
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        if self.metres == COMMON_TIME:
            del plain["metres"]
        return plain


def mini() -> Recipe:
    """A small decoder that trains on fiddle tunes in less than an hour on two cores."""
    return Recipe(
        version="mini",
        description=(
            "A LLaMA-style decoder of four layers for fiddle tunes and some string quartets, "
            "trained on the music21 corpus in under an hour on two cores."
        ),
        datasets=(WeightedDataset(name=MUSIC21),),
        tokenizer=TokenizerKind.REMI_BPE,
        vocab_size=512,
        examples=ExampleConfig(context=512, transpositions=ALL_KEYS),
        network=DecoderShape(layers=4, heads=4, d_model=256, d_ff=1024),
        optimization=Optimization(
            batch_size=8,
            learning_rate=0.003,
            weight_decay=0.1,
            max_grad_norm=1.0,
            warmup_ratio=0.02,
            decay_ratio=0.4,
        ),
        steps=4000,
        validate_every=200,
        patience=8,
    )


def v2() -> Recipe:
    """An LSTM on pitch symbols in three keys, with token ids as numeric input."""
    return Recipe(
        version="v2",
        description="A small LSTM on pitch and chord symbols, trained on R&B and hip-hop songs.",
        datasets=(WeightedDataset(name="reference-rnb"),),
        tokenizer=TokenizerKind.PITCH_SYMBOLS,
        examples=ExampleConfig(context=128, transpositions=(-2, 0, 2)),
        network=LstmShape(units=(256, 512, 256), dropout=0.3),
        optimization=Optimization(
            matrix_optimizer="adamw",
            batch_size=16,
            learning_rate=0.0004,
            weight_decay=0.01,
            max_grad_norm=1.0,
            warmup_ratio=0.02,
            decay_ratio=0.5,
        ),
        steps=4000,
        validate_every=80,
        patience=6,
    )


def v3() -> Recipe:
    """v2 on dance music, a data set that is ten times as large."""
    return replace(
        v2(),
        version="v3",
        description="The LSTM of v2, trained on dance and electronic tracks.",
        datasets=(WeightedDataset(name="reference-dance"),),
        optimization=replace(v2().optimization, learning_rate=0.001),
        validate_every=200,
    )


def v4() -> Recipe:
    """v3 on jazz."""
    return replace(
        v3(),
        version="v4",
        description="The LSTM of v2, trained on jazz standards.",
        datasets=(WeightedDataset(name="reference-jazz"),),
    )


def v5() -> Recipe:
    """A larger LSTM on music of many genres."""
    return replace(
        v3(),
        version="v5",
        description="A larger LSTM on pitch and chord symbols, trained on music of many genres.",
        datasets=(WeightedDataset(name="reference-mixed"),),
        network=LstmShape(units=(512, 512, 512), dropout=0.3),
    )


def v6() -> Recipe:
    """v5 on REMI instead of symbols, with a learned embedding and without transposition."""
    return replace(
        v5(),
        version="v6",
        description="The LSTM of v5 with a learned embedding, on REMI: with rhythm and velocity.",
        tokenizer=TokenizerKind.REMI,
        examples=ExampleConfig(context=256),
        network=LstmShape(units=(512, 512, 512), embedding=128, dropout=0.2),
        optimization=replace(v5().optimization, learning_rate=0.002),
        validate_every=100,
    )


def v7_small() -> Recipe:
    """v7 with two layers, which takes four times as many steps in the same time."""
    return Recipe(
        version="v7-small",
        description="A decoder of two layers, from which v7 was grown.",
        datasets=(WeightedDataset(name="reference-mixed"),),
        tokenizer=TokenizerKind.REMI_BPE,
        vocab_size=512,
        examples=ExampleConfig(
            context=512,
            transpositions=ALL_KEYS,
            velocity_jitter=12,
            infill_rate=1 / 3,
            control_rate=1 / 3,
        ),
        network=DecoderShape(layers=2, heads=8, d_model=512, d_ff=2048),
        optimization=Optimization(
            batch_size=12,
            learning_rate=0.002,
            weight_decay=0.1,
            max_grad_norm=1.0,
            warmup_ratio=0.02,
            decay_ratio=0.2,
        ),
        steps=4000,
        validate_every=50,
        patience=8,
    )


def v7() -> Recipe:
    """A LLaMA-style decoder on REMI with byte pairs, trained for infilling and key conditioning."""
    return replace(
        v7_small(),
        version="v7",
        description=(
            "A LLaMA-style decoder with 34 million parameters on REMI with byte pairs, trained on "
            "music of many genres; it supports infilling."
        ),
        network=DecoderShape(layers=8, heads=8, d_model=512, d_ff=2048),
        grow_from="v7-small",
        optimization=replace(v7_small().optimization, decay_ratio=0.3),
    )


def v8() -> Recipe:
    """v7 with MAESTRO as a second data set, and a larger vocabulary."""
    return replace(
        v7(),
        version="v8",
        description=(
            "The decoder of v7 with a vocabulary of 1,024, trained on music of many genres and on "
            "piano performances; it supports infilling."
        ),
        datasets=(
            WeightedDataset(name="reference-mixed"),
            WeightedDataset(name="maestro", weight=2.0),
        ),
        vocab_size=1024,
        examples=replace(v7().examples, time_stretch=0.08),
        grow_from="v7",
    )


# A new recipe is also listed in ostinato/schemas/trainings.py, which must not import the trainer.
RECIPES: dict[str, Callable[[], Recipe]] = {
    recipe().version: recipe for recipe in (mini, v2, v3, v4, v5, v6, v7_small, v7, v8)
}


def find_recipe(version: str) -> Recipe:
    """The recipe of a version; NotFound lists the known versions."""
    if version not in RECIPES:
        raise NotFound("recipe", version, known=sorted(RECIPES))
    return RECIPES[version]()
