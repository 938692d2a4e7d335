"""A recipe is a function that returns a complete, frozen configuration of one training.

Variants call one another with `dataclasses.replace`. Refuses to know how long a machine takes: the
budget is in steps, and a run may be given minutes instead.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from services.trainer.data.catalog import MUSIC21
from shared.errors import NotFound

TWELVE_KEYS = tuple(range(-5, 7))


class Tokens(StrEnum):
    """How music is spelt."""

    PITCH_SYMBOLS = "pitch and chord symbols"
    REMI = "REMI"
    REMI_BPE = "REMI and byte pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderShape:
    """The shape of a decoder; its vocabulary is the tokenizer's."""

    layers: int
    heads: int
    d_model: int
    d_ff: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmShape:
    """The shape of an LSTM."""

    units: tuple[int, ...]
    embedding: int = 0
    """Width; 0: the input is the id as a number."""
    dropout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """A data set, and how often its music is drawn beside that of the others."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """How pieces become what a step learns from."""

    context: int
    """Tokens of a row."""
    transpositions: tuple[int, ...] = (0,)
    """Semitones; one is drawn for every crop."""
    velocity: int = 0
    """A crop gets louder or softer by up to so much."""
    stretch: float = 0.0
    """A crop of performed music, which knows no beat, gets slower or faster by up to this share."""
    infill: float = 0.0
    """The share of crops from which bars are taken out, to follow behind the rest."""
    controls: float = 0.0
    """How often each of the prefixes that say what the music is like is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """How the weights move."""

    matrices: Literal["muon", "adamw"] = "muon"
    """What moves the matrices inside a decoder's layers; all else is AdamW's."""
    batch: int
    """Rows of one context a step."""
    learning_rate: float
    """At its highest, after the warm-up."""
    weight_decay: float
    clip: float
    """Largest norm of a step's gradient."""
    warmup: float
    """Share of the budget in which the learning rate rises from 0."""
    decay: float
    """Share of the budget, at its end, in which the learning rate falls to 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that a run depends on besides the music itself."""

    version: str
    description: str
    ingredients: tuple[Ingredient, ...]
    tokens: Tokens
    vocabulary: int | None = None
    """Ids, where pairs are learnt; else as many as the music needs."""
    examples: Examples
    network: DecoderShape | LstmShape
    begins_from: str | None = None
    """The recipe of a smaller decoder, what it has learnt being where this one begins."""
    optimization: Optimization
    steps: int
    evaluate_every: int
    patience: int
    """Evaluations without a better one after which the run ends early."""
    seed: int = 7

    def to_json(self) -> dict[str, Any]:
        """As checkpoints and cards keep it: numbers, strings, lists."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def mini() -> Recipe:
    """A small decoder that two cores teach to play fiddle tunes within the hour."""
    return Recipe(
        version="mini",
        description=(
            "A LLaMA-style decoder of four layers that writes fiddle tunes and the odd "
            "quartet bar, learnt from the music21 corpus in under an hour on two cores."
        ),
        ingredients=(Ingredient(name=MUSIC21),),
        tokens=Tokens.REMI_BPE,
        vocabulary=512,
        examples=Examples(context=512, transpositions=TWELVE_KEYS),
        network=DecoderShape(layers=4, heads=4, d_model=256, d_ff=1024),
        optimization=Optimization(
            batch=8, learning_rate=0.003, weight_decay=0.1, clip=1.0, warmup=0.02, decay=0.4
        ),
        steps=4000,
        evaluate_every=200,
        patience=8,
    )


def v2() -> Recipe:
    """Pitch symbols in three keys, and an LSTM that reads them as numbers."""
    return Recipe(
        version="v2",
        description="A small LSTM on pitch and chord symbols, learnt from R&B and hip-hop songs.",
        ingredients=(Ingredient(name="reference-rnb"),),
        tokens=Tokens.PITCH_SYMBOLS,
        examples=Examples(context=128, transpositions=(-2, 0, 2)),
        network=LstmShape(units=(256, 512, 256), dropout=0.3),
        optimization=Optimization(
            matrices="adamw",
            batch=16,
            learning_rate=0.0004,
            weight_decay=0.01,
            clip=1.0,
            warmup=0.02,
            decay=0.5,
        ),
        steps=4000,
        evaluate_every=80,
        patience=6,
    )


def v3() -> Recipe:
    """The same on dance music, of which there is ten times as much."""
    return replace(
        v2(),
        version="v3",
        description="The LSTM of v2, learnt from dance and electronic tracks.",
        ingredients=(Ingredient(name="reference-dance"),),
        optimization=replace(v2().optimization, learning_rate=0.001),
        evaluate_every=200,
    )


def v4() -> Recipe:
    """The same on jazz."""
    return replace(
        v3(),
        version="v4",
        description="The LSTM of v2, learnt from jazz standards.",
        ingredients=(Ingredient(name="reference-jazz"),),
    )


def v5() -> Recipe:
    """A larger LSTM on music of many kinds."""
    return replace(
        v3(),
        version="v5",
        description="A larger LSTM on pitch and chord symbols, learnt from music of many genres.",
        ingredients=(Ingredient(name="reference-mixed"),),
        network=LstmShape(units=(512, 512, 512), dropout=0.3),
    )


def v6() -> Recipe:
    """REMI instead of symbols, and a learned embedding; no transposed copies."""
    return replace(
        v5(),
        version="v6",
        description="The LSTM of v5 with a learned embedding, on REMI: it knows rhythm and force.",
        tokens=Tokens.REMI,
        examples=Examples(context=256),
        network=LstmShape(units=(512, 512, 512), embedding=128, dropout=0.2),
        optimization=replace(v5().optimization, learning_rate=0.002),
        evaluate_every=100,
    )


def seedling() -> Recipe:
    """Two layers of v7, which learn four times as much in the same time, for it to grow from."""
    return Recipe(
        version="seedling",
        description="A decoder of two layers, which v7 grew from.",
        ingredients=(Ingredient(name="reference-mixed"),),
        tokens=Tokens.REMI_BPE,
        vocabulary=512,
        examples=Examples(
            context=512,
            transpositions=TWELVE_KEYS,
            velocity=12,
            infill=1 / 3,
            controls=1 / 3,
        ),
        network=DecoderShape(layers=2, heads=8, d_model=512, d_ff=2048),
        optimization=Optimization(
            batch=12, learning_rate=0.002, weight_decay=0.1, clip=1.0, warmup=0.02, decay=0.2
        ),
        steps=4000,
        evaluate_every=50,
        patience=8,
    )


def v7() -> Recipe:
    """A LLaMA-style decoder on REMI and byte pairs, taught to fill bars in and to be steered."""
    return replace(
        seedling(),
        version="v7",
        description=(
            "A LLaMA-style decoder of 34 million weights on REMI and byte pairs, learnt from music "
            "of many genres; it can fill in bars."
        ),
        network=DecoderShape(layers=8, heads=8, d_model=512, d_ff=2048),
        begins_from="seedling",
        optimization=replace(seedling().optimization, decay=0.3),
    )


def v8() -> Recipe:
    """The same with MAESTRO beside it, and more pairs."""
    return replace(
        v7(),
        version="v8",
        description=(
            "The decoder of v7 with a vocabulary of 1,024, learnt from music of many genres and "
            "from piano performances; it can fill in bars."
        ),
        ingredients=(
            Ingredient(name="reference-mixed"),
            Ingredient(name="maestro", weight=2.0),
        ),
        vocabulary=1024,
        examples=replace(v7().examples, stretch=0.08),
        begins_from="v7",
    )


RECIPES: dict[str, Callable[[], Recipe]] = {
    recipe.__name__: recipe for recipe in (mini, v2, v3, v4, v5, v6, seedling, v7, v8)
}


def find_recipe(version: str) -> Recipe:
    """The recipe of that name; NotFound lists those that there are."""
    if version not in RECIPES:
        raise NotFound("recipe", version, known=sorted(RECIPES))
    return RECIPES[version]()
