"""Likelihood of hidden bars, with and without the bars that follow them.

Held-out pieces are cut into passages that fit into the context. The bars in the middle of a passage
are scored twice: with the prompt that serves a request to regenerate them, and as a continuation of
the bars before them. Both prompts have at most the same number of tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from ostinato.schemas.evaluations import GapSize, InfillRecord
from services.trainer.evaluation.likelihood import TokenizedPiece
from services.trainer.evaluation.precision import autocast
from shared.tokenizers.infill import MIN_BARS, InfillGap, split_bars
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.symbols import SymbolKind

Ids = NDArray[np.int64]

MAX_PASSAGES = 96
"""Largest number of passages that are scored for a data set; they are evenly spaced."""
NUM_RESAMPLES = 2_000
"""Number of bootstrap samples of an interval."""
QUANTILES = (0.025, 0.975)
"""The ends of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfillExample:
    """Two rows of tokens, with the same hidden bars at the end."""

    with_right_context: Ids
    left_only: Ids
    num_hidden: int
    """Number of tokens in the hidden bars."""


def score_infilling(
    model: nn.Module, pieces: Sequence[TokenizedPiece], tokenizer: RemiTokenizer, context: int
) -> dict[GapSize, InfillRecord]:
    """Nats per note of hidden bars, by the size of the gap, with and without the bars after it."""
    passages = _passages(pieces, tokenizer, context)
    return {
        size: _score(model, list(_examples(passages, size, tokenizer, context)), tokenizer)
        for size in GapSize
    }


@torch.inference_mode()
def _score(
    model: nn.Module, examples: Sequence[InfillExample], tokenizer: RemiTokenizer
) -> InfillRecord:
    model.eval()
    notes_per_id = _notes_per_id(tokenizer)
    notes = np.array([notes_per_id[row.left_only[-row.num_hidden :]].sum() for row in examples])
    if not notes.sum():
        return InfillRecord(num_notes=0)
    with autocast():
        right = np.array([_nats(model, row.with_right_context, row.num_hidden) for row in examples])
        left = np.array([_nats(model, row.left_only, row.num_hidden) for row in examples])
    low, high = _interval(right - left, notes)
    return InfillRecord(
        num_notes=int(notes.sum()),
        nats_per_note_with_right_context=round(right.sum() / notes.sum(), 4),
        nats_per_note_left_only=round(left.sum() / notes.sum(), 4),
        difference_low=low,
        difference_high=high,
    )


def _interval(differences: NDArray[np.float64], notes: Ids) -> tuple[float, float]:
    """The 95 % bootstrap interval of the difference per note, over passages."""
    rng = np.random.default_rng(0)
    chosen = rng.integers(len(notes), size=(NUM_RESAMPLES, len(notes)))
    per_note = differences[chosen].sum(1) / np.maximum(notes[chosen].sum(1), 1)
    low, high = np.quantile(per_note, QUANTILES).round(4).tolist()
    return low, high


def _passages(
    pieces: Sequence[TokenizedPiece], tokenizer: RemiTokenizer, context: int
) -> list[list[Ids]]:
    """The bars of evenly spaced passages, each as long as the context, BOS and FILL included."""
    passages = [
        passage
        for piece in pieces
        for passage in _cut(split_bars(piece.tokens.astype(np.int64), tokenizer)[1], context - 2)
        if len(passage) >= MIN_BARS
    ]
    count = min(MAX_PASSAGES, len(passages))
    return [passages[index] for index in np.linspace(0, len(passages) - 1, count).astype(int)]


def _cut(bars: Sequence[Ids], capacity: int) -> Iterator[list[Ids]]:
    """Cut the bars of a piece into passages of at most `capacity` tokens; a longer bar is alone."""
    passage: list[Ids] = []
    for bar in bars:
        if passage and sum(map(len, passage)) + len(bar) > capacity:
            yield passage
            passage = []
        passage.append(bar)
    yield passage


def _examples(
    passages: Sequence[Sequence[Ids]], size: GapSize, tokenizer: RemiTokenizer, context: int
) -> Iterator[InfillExample]:
    for passage in passages:
        count = size.num_bars(len(passage))
        first = (len(passage) - count) // 2
        if first > 0 and first + count < len(passage):
            yield _example(
                [tuple(bar.tolist()) for bar in passage], first, count, tokenizer, context
            )


def _example(
    bars: Sequence[tuple[int, ...]], first: int, count: int, tokenizer: RemiTokenizer, context: int
) -> InfillExample:
    hidden = [token for bar in bars[first : first + count] for token in bar]

    def row(after: Sequence[tuple[int, ...]]) -> Ids:
        gap = InfillGap(
            bars=count,
            before=tuple(bars[:first]),
            after=tuple(after),
            prefix=(tokenizer.bos,),
            max_tokens=context // 2,
            tokenizer=tokenizer,
        )
        pinned_prefix, prompt = gap.prompt()
        return np.array([*pinned_prefix, *prompt, *hidden])

    return InfillExample(
        with_right_context=row(bars[first + count :]), left_only=row(()), num_hidden=len(hidden)
    )


def _nats(model: nn.Module, ids: Ids, num_targets: int) -> float:
    """Negative log-likelihood of the last tokens of a row."""
    row = torch.from_numpy(ids)[None]
    logits = model(row[:, :-1])[0, -num_targets:].float()
    return float(functional.cross_entropy(logits, row[0, -num_targets:], reduction="sum"))


def _notes_per_id(tokenizer: RemiTokenizer) -> NDArray[np.int64]:
    """[V]: the number of notes that each token id completes."""
    return np.array(
        [
            sum(symbol.kind is SymbolKind.DURATION for symbol in symbols)
            for symbols in tokenizer.token_symbols
        ]
    )
