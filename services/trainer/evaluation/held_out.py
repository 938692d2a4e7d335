"""What a version foretells of the held-out side of its data sets, as its card says it.

Refuses to know how the version was taught, and what it writes of its own accord.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from rich.progress import track

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.dataset import Dataset
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.infilling import score_sight
from services.trainer.evaluation.likelihood import Examination, Score, Spelt
from shared.models.checkpoints import Network
from shared.tokenizers.grid import START
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import Remi
from shared.tokenizers.vocabulary import Vocabulary

MAX_TOKENS = 150_000
"""About so many of each set's held-out tokens are foretold."""
EXAMINED_PIECES, EXAMINED_NOTES = 24, 400
"""So many held-out pieces of each set have openings, of so many notes each."""
SYMBOLS_ALONE = "explains pitch symbols only: neither rhythm nor force, nor the octaves of chords"


def foretell(
    network: Network,
    datasets: Sequence[Dataset],
    vocabulary: Vocabulary,
    context: int,
    *,
    infill: bool,
) -> dict[str, Any]:
    """Held-out surprise, over all sets and by set, and what sight of both sides is worth."""
    scores = {
        dataset.name: Examination(
            held_out(dataset, vocabulary, MAX_TOKENS), vocabulary, context
        ).score(network, partial(track, description=f"Foretelling {dataset.name}"))
        for dataset in datasets
    }
    whole = _numbers(Score.sum(list(scores.values())))
    if isinstance(vocabulary, PitchSymbols):
        whole["note"] = SYMBOLS_ALONE
    if infill and isinstance(vocabulary, Remi):
        pieces = [piece for dataset in datasets for piece in openings(dataset, vocabulary)]
        whole["infill"] = score_sight(network, pieces, vocabulary, context)
    return whole | {"by_set": {name: _numbers(score) for name, score in scores.items()}}


def _numbers(score: Score) -> dict[str, Any]:
    return {
        "nats_per_note": round(score.nats_per_note, 4),
        "bits_per_second": round(score.bits_per_second, 4),
        "nats_per_token": round(score.nats / score.tokens, 4),
        "held_out": {"pieces": score.pieces, "notes": score.notes, "tokens": score.tokens},
    }


def held_out(dataset: Dataset, vocabulary: Vocabulary, most: int) -> list[Spelt]:
    """The held-out pieces of a set, one at the least, until they have `most` tokens.

    They come in the order of the hash of their content, which is to say in none.
    """
    pieces: list[Spelt] = []
    tokens = 0
    for piece in dataset.split.held_out:
        spelt = _spell(piece, piece.notes, vocabulary)
        tokens += len(spelt.tokens)
        if pieces and tokens > most:
            break
        pieces.append(spelt)
    return pieces


def openings(dataset: Dataset, vocabulary: Vocabulary) -> list[Spelt]:
    """The beginnings of some held-out pieces, which are soon foretold."""
    return [
        _spell(piece, _opening(piece.notes), vocabulary)
        for piece in dataset.split.held_out[:EXAMINED_PIECES]
    ]


def _spell(piece: Piece, notes: Notes, vocabulary: Vocabulary) -> Spelt:
    """So many notes of a piece, and as much of its seconds."""
    return Spelt(
        notes=len(notes),
        seconds=piece.seconds * len(notes) / len(piece.notes),
        tokens=np.array(vocabulary.encode(notes), dtype=np.uint16),
    )


def _opening(notes: Notes) -> Notes:
    """Whole bars of about `EXAMINED_NOTES` notes, or all there is."""
    if len(notes) <= EXAMINED_NOTES:
        return notes
    end = int(notes[EXAMINED_NOTES, START]) // TICKS_PER_BAR * TICKS_PER_BAR
    opening = notes[notes[:, START] < end]
    return opening if len(opening) else notes[:EXAMINED_NOTES]
