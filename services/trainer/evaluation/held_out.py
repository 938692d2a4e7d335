"""Likelihood of the held-out sides of a version's data sets, for its card."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from rich.progress import track as show_bar

from ostinato.schemas.cards import EvaluationRecord, HeldOutCounts, LikelihoodRecord
from services.trainer.data.dataset import Dataset
from services.trainer.data.piece import Notes, Piece
from services.trainer.data.tokenized import TokenizedDataset
from services.trainer.data.tracking import Track
from services.trainer.evaluation.infilling import score_infilling
from services.trainer.evaluation.likelihood import HeldOutScorer, LikelihoodScore, TokenizedPiece
from shared.models.checkpoints import Network
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.quantization import START, bar_lines
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer

MAX_TOKENS = 150_000
"""Approximate limit on the held-out tokens that are scored for each data set."""
VALIDATION_TOKENS = 12_000
"""Approximate number of tokens of each data set that a validation predicts."""
MAX_OPENINGS, OPENING_NOTES = 24, 400
"""Limit on the openings per data set, and the approximate number of notes in each opening."""
PITCH_SYMBOLS_ONLY = "covers pitch symbols only: no rhythm, no velocity, no octaves of chords"


def score_held_out(
    network: Network,
    datasets: Sequence[Dataset],
    tokenizer: Tokenizer,
    context: int,
    *,
    infill: bool,
    track: Track = show_bar,
) -> EvaluationRecord:
    """Held-out likelihood of all data sets together, of each data set, and of infilled bars.

    `track` receives the progress for each data set.
    """
    pieces = {each.name: held_out_pieces(each, tokenizer, MAX_TOKENS) for each in datasets}
    scores = {
        name: HeldOutScorer(of_set, tokenizer, context).score(
            network, partial(track, description=f"Scoring {name}")
        )
        for name, of_set in pieces.items()
    }
    overall = _record(LikelihoodScore.sum(list(scores.values())))
    infilling = {}
    if infill and isinstance(tokenizer, RemiTokenizer):
        infilling = {
            name: score_infilling(network, of_set, tokenizer, context)
            for name, of_set in pieces.items()
        }
    return EvaluationRecord(
        **dict(overall),
        limitation=PITCH_SYMBOLS_ONLY if isinstance(tokenizer, PitchSymbolTokenizer) else None,
        infill_by_dataset=infilling,
        by_dataset={name: _record(score) for name, score in scores.items()},
    )


def _record(score: LikelihoodScore) -> LikelihoodRecord:
    return LikelihoodRecord(
        nats_per_note=round(score.nats_per_note, 4),
        bits_per_second=round(score.bits_per_second, 4),
        nats_per_token=round(score.nats / score.num_tokens, 4),
        held_out=HeldOutCounts(
            num_pieces=score.num_pieces,
            num_notes=score.num_notes,
            num_tokens=score.num_tokens,
        ),
    )


def held_out_pieces(
    dataset: Dataset, tokenizer: Tokenizer, max_tokens: int
) -> list[TokenizedPiece]:
    """Held-out pieces of a data set with at most `max_tokens` tokens, but at least one piece.

    They are in the order of their content hashes, which is arbitrary.
    """
    pieces: list[TokenizedPiece] = []
    num_tokens = 0
    for piece in dataset.split.held_out:
        tokenized = _tokenize(piece, piece.notes, tokenizer)
        num_tokens += len(tokenized.tokens)
        if pieces and num_tokens > max_tokens:
            break
        pieces.append(tokenized)
    return pieces


def validation_scorer(
    dataset: Dataset, tokenized: TokenizedDataset, tokenizer: Tokenizer, context: int
) -> HeldOutScorer:
    """The scorer of validations: windows that are spread evenly over all held-out pieces.

    It is the same at each validation and in each run, and takes as long for every data set.
    """
    first = len(dataset.split.train)
    pieces = [
        TokenizedPiece(
            num_notes=len(piece.notes), seconds=piece.seconds, tokens=tokenized.piece(index)
        )
        for index, piece in enumerate(dataset.split.held_out, first)
    ]
    return HeldOutScorer(pieces, tokenizer, context, VALIDATION_TOKENS)


def piece_openings(dataset: Dataset, tokenizer: Tokenizer) -> list[TokenizedPiece]:
    """The openings of some held-out pieces."""
    return [
        _tokenize(piece, _opening(piece), tokenizer)
        for piece in dataset.split.held_out[:MAX_OPENINGS]
    ]


def _tokenize(piece: Piece, notes: Notes, tokenizer: Tokenizer) -> TokenizedPiece:
    """The tokens of the first notes of a piece, with their share of its seconds."""
    return TokenizedPiece(
        num_notes=len(notes),
        seconds=piece.seconds * len(notes) / len(piece.notes),
        tokens=np.array(tokenizer.encode(notes, piece.metres), dtype=np.uint16),
    )


def _opening(piece: Piece) -> Notes:
    """Whole bars of about `OPENING_NOTES` notes, or the whole piece if it is shorter."""
    notes = piece.notes
    if len(notes) <= OPENING_NOTES:
        return notes
    end = bar_lines(int(notes[OPENING_NOTES, START]) + 1, piece.metres)[-2]
    opening = notes[notes[:, START] < end]
    return opening if len(opening) else notes[:OPENING_NOTES]
