"""Pieces that a model writes from nothing, beside the held-out pieces that it never saw.

Piece i has as many bars as held-out piece i and is drawn with seed i, so anybody can make the same
comparison again. Refuses to judge: it counts.
"""

from collections.abc import Callable, Sequence

import numpy as np
from rich.progress import track

from services.trainer.data.piece import Notes, Piece
from services.trainer.traits import (
    Memory,
    in_scale,
    notes_per_bar,
    pitch_class_entropy,
    repetition,
)
from shared.models.constraints import Grammar
from shared.models.generate import generate
from shared.models.model import Model
from shared.models.request import SampleRequest
from shared.schemas.notes import TICKS_PER_BAR
from shared.tokenizers.remi import Remi

MOST_BARS = 32
TEMPERATURE, MIN_P = 1.0, 0.03
"""What the gateway takes when a request leaves them open."""


def write_samples(model: Model, tokenizer: Remi, likes: Sequence[Piece]) -> list[Notes]:
    """A piece for each of `likes`, of the same length."""
    table = tokenizer.grammar()
    grammar = Grammar(next_state=table.next_state, bars=table.bars, bos=table.bos, eos=table.eos)
    requests = [
        SampleRequest(
            prompt=(tokenizer.bos,),
            bars=num_bars(like.notes),
            seed=seed,
            temperature=TEMPERATURE,
            min_p=MIN_P,
        )
        for seed, like in enumerate(likes)
    ]
    ids = [list(generate(model, grammar, request)) for request in track(requests, "Sampling")]
    return [np.array(tokenizer.decode(tokens), dtype=np.int64) for tokens in ids]


def num_bars(notes: Notes) -> int:
    """Bars to the last onset, at most `MOST_BARS`."""
    return min(MOST_BARS, int(notes[-1, 0]) // TICKS_PER_BAR + 1)


def excerpt(piece: Piece) -> Notes:
    """The bars of a held-out piece that a sample is set beside."""
    within: Notes = piece.notes[piece.notes[:, 0] < num_bars(piece.notes) * TICKS_PER_BAR]
    return within


def compare(
    samples: Sequence[Notes], held_out: Sequence[Notes], memory: Memory
) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of every trait on both sides."""
    traits: dict[str, Callable[[Notes], float]] = {
        "pitch_class_entropy_bits": pitch_class_entropy,
        "notes_per_bar": notes_per_bar,
        "in_scale_share": in_scale,
        "repetition_share": repetition,
        "longest_copied_notes": memory.longest_copy,
    }
    return {
        name: _summary("samples", [trait(notes) for notes in samples])
        | _summary("held_out", [trait(notes) for notes in held_out])
        for name, trait in traits.items()
    }


def _summary(side: str, values: Sequence[float]) -> dict[str, float]:
    return {
        f"{side}_mean": round(float(np.mean(values)), 3),
        f"{side}_std": round(float(np.std(values)), 3),
    }
