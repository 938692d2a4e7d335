"""The recipes: functions that return the complete configuration of a training run.

Variants are derived from each other with `dataclasses.replace`. The budget of a recipe is in steps;
a run may have a time budget instead.
"""

from collections.abc import Callable
from dataclasses import replace

from ostinato.schemas.notes import Metre
from services.trainer.data.catalog import MUSIC21
from services.trainer.recipes.recipe import (
    DecayChanges,
    DecoderShape,
    ExampleConfig,
    LstmShape,
    Optimization,
    Recipe,
    TokenizerKind,
    WeightedDataset,
)
from shared.errors import NotFound

ALL_KEYS = tuple(range(-5, 7))
METRES = (Metre.FOUR_FOUR, Metre.THREE_FOUR, Metre.TWO_FOUR, Metre.SIX_EIGHT)


def mini() -> Recipe:
    """A small decoder that trains on fiddle tunes in less than an hour on two cores."""
    return Recipe(
        version="mini",
        description=(
            "A LLaMA-style decoder of four layers for fiddle tunes and some string quartets, "
            "trained on the music21 corpus in under an hour on two cores."
        ),
        datasets=(WeightedDataset(name=MUSIC21),),
        metres=METRES,
        tokenizer=TokenizerKind.REMI_BPE,
        vocab_size=512,
        examples=ExampleConfig(
            context=512,
            opening_rate=0.1,
            ending_rate=0.1,
            transpositions=ALL_KEYS,
            control_rate=2 / 3,
        ),
        network=DecoderShape(layers=4, heads=4, d_model=256, d_ff=1024),
        optimization=Optimization(
            batch_size=8,
            learning_rate=0.003,
            weight_decay=0.1,
            max_grad_norm=1.0,
            warmup_ratio=0.02,
            decay_ratio=0.4,
            average_decay=0.99,
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
        metres=METRES,
        tokenizer=TokenizerKind.REMI_BPE,
        vocab_size=512,
        examples=ExampleConfig(
            context=512,
            opening_rate=0.1,
            ending_rate=0.1,
            transpositions=ALL_KEYS,
            velocity_jitter=12,
            infill_rate=1 / 3,
            control_rate=2 / 3,
        ),
        network=DecoderShape(layers=2, heads=8, d_model=512, d_ff=2048),
        optimization=Optimization(
            batch_size=12,
            learning_rate=0.002,
            weight_decay=0.1,
            max_grad_norm=1.0,
            warmup_ratio=0.02,
            decay_ratio=0.2,
            average_decay=0.99,
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
        network=DecoderShape(layers=8, heads=8, d_model=512, d_ff=2048, residual_dropout=0.1),
        grow_from="v7-small",
        optimization=replace(v7_small().optimization, batch_size=24, decay_ratio=0.3),
        steps=2000,
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
        network=DecoderShape(layers=8, heads=8, d_model=512, d_ff=2048),
        grow_from="v7",
        optimization=replace(v7().optimization, decay_ratio=0.2),
        decay=DecayChanges(dataset_weights=(1.0, 1.0), infill_rate=0.5),
        steps=4000,
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
