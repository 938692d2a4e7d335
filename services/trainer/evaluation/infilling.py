"""What it is worth to see what follows: bars of held-out pieces foretold with and without it.

The bars in the middle of a piece's opening are scored twice: behind SEP, with gaps where they were
and the bars after them in sight, and simply behind the bars before them. Refuses to know how a
model was taught.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from services.trainer.evaluation.likelihood import Spelt
from services.trainer.evaluation.precision import autocast
from services.trainer.infill import FEWEST_BARS, take_out
from shared.tokenizers.remi import Remi
from shared.tokenizers.symbols import Kind

Ids = NDArray[np.int64]

HIDDEN_SHARE = 3
"""One bar in so many of a window is hidden, in its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """The same bars at the end of two rows of tokens."""

    with_sight: Ids
    without: Ids
    hidden: int
    """Tokens of these bars."""


@torch.inference_mode()
def score_sight(
    model: nn.Module, pieces: Sequence[Spelt], vocabulary: Remi, context: int
) -> dict[str, Any]:
    """Nats per note of hidden bars, with and without sight of the bars behind them."""
    model.eval()
    notes_of = _notes_of(vocabulary)
    exercises = [each for piece in pieces for each in _exercises(piece, vocabulary, context)]
    notes = sum(int(notes_of[each.without[-each.hidden :]].sum()) for each in exercises)
    if not notes:
        return {"notes": 0}
    with autocast():
        seen = sum(_nats(model, each.with_sight, each.hidden) for each in exercises)
        unseen = sum(_nats(model, each.without, each.hidden) for each in exercises)
    return {
        "notes": notes,
        "nats_per_note_with_sight": round(seen / notes, 4),
        "nats_per_note_without": round(unseen / notes, 4),
    }


def _exercises(piece: Spelt, vocabulary: Remi, context: int) -> Iterator[Exercise]:
    """One of the opening of a piece, if enough bars fit into a context."""
    ids = piece.tokens.astype(np.int64)
    bars = np.split(ids, np.flatnonzero(vocabulary.opens_bar[ids]))[1:]
    # BOS, SEP, and a gap for each bar need room too
    sizes = np.cumsum([len(bar) + 1 for bar in bars]) + 2
    bars = bars[: int(np.searchsorted(sizes, context, side="right"))]
    if len(bars) < FEWEST_BARS:
        return
    hidden = np.arange(len(bars) // HIDDEN_SHARE) + len(bars) // HIDDEN_SHARE
    before = np.concatenate(([vocabulary.bos], *bars[: hidden[-1] + 1]))
    whole = np.concatenate((before, *bars[hidden[-1] + 1 :]))
    yield Exercise(
        with_sight=take_out(whole, vocabulary, hidden)[:-1],
        without=before,
        hidden=sum(len(bars[bar]) for bar in hidden),
    )


def _nats(model: nn.Module, ids: Ids, last: int) -> float:
    """Surprise at the last tokens of a row."""
    row = torch.from_numpy(ids)[None]
    logits = model(row[:, :-1])[0, -last:].float()
    return float(functional.cross_entropy(logits, row[0, -last:], reduction="sum"))


def _notes_of(vocabulary: Remi) -> NDArray[np.int64]:
    """[V]: the notes that an id completes."""
    return np.array(
        [
            sum(symbol.kind is Kind.DURATION for symbol in expansion)
            for expansion in vocabulary.expansions
        ]
    )
