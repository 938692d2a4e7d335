"""A recipe is a function that returns a complete, frozen configuration of one training.

Variants call one another with `dataclasses.replace`. Refuses to know how long a machine takes: the
budget is in steps, and a run may be given minutes instead.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from shared.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The shape of the decoder; its vocabulary is the tokenizer's."""

    layers: int
    heads: int
    d_model: int
    d_ff: int
    context: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """How the weights move."""

    batch: int
    """Rows of one context a step."""
    learning_rate: float
    """At its highest, after the warm-up."""
    weight_decay: float
    clip: float
    """Largest norm of a step's gradient."""
    warmup: float
    """Share of the budget in which the learning rate rises from 0."""
    floor: float
    """Share of the learning rate that is left at the end of the cosine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that a run depends on besides the music itself."""

    version: str
    description: str
    dataset: str
    vocabulary: int
    transpositions: tuple[int, ...]
    """Semitones; one is drawn for every crop."""
    network: Network
    optimization: Optimization
    steps: int
    evaluate_every: int
    patience: int
    """Evaluations without a better one after which the run ends early."""
    seed: int

    def to_json(self) -> dict[str, Any]:
        """As checkpoints and cards keep it."""
        return asdict(self)


def mini() -> Recipe:
    """A small decoder that two cores teach to play fiddle tunes within the hour."""
    return Recipe(
        version="mini",
        description=(
            "A LLaMA-style decoder of four layers that writes fiddle tunes and the odd "
            "quartet bar, learnt from the music21 corpus in under an hour on two cores."
        ),
        dataset="music21",
        vocabulary=512,
        transpositions=tuple(range(-5, 7)),
        network=Network(layers=4, heads=4, d_model=256, d_ff=1024, context=512),
        optimization=Optimization(
            batch=8,
            learning_rate=0.003,
            weight_decay=0.1,
            clip=1.0,
            warmup=0.02,
            floor=0.02,
        ),
        steps=4000,
        evaluate_every=200,
        patience=8,
        seed=7,
    )


RECIPES: dict[str, Callable[[], Recipe]] = {"mini": mini}


def find_recipe(version: str) -> Recipe:
    """The recipe of that name; NotFound lists those that there are."""
    if version not in RECIPES:
        raise NotFound("recipe", version, known=sorted(RECIPES))
    return RECIPES[version]()
