"""Likelihood of masked bars, with and without the bars that follow them.

The bars in the middle of a piece's opening are scored twice. The first time they are an infill
target after SEP: the context has FILL in their places, and the bars that follow them. The second
time they are a plain continuation of the bars before them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from ostinato.schemas.cards import InfillRecord
from services.trainer.evaluation.likelihood import TokenizedPiece
from services.trainer.evaluation.precision import autocast
from shared.tokenizers.infill import MIN_BARS, encode_example, split_bars
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.symbols import SymbolKind

Ids = NDArray[np.int64]

MASK_EVERY = 3
"""One bar out of this many is masked, in the middle of the opening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfillExample:
    """Two rows of tokens, with the same masked bars at the end."""

    with_right_context: Ids
    left_only: Ids
    num_masked: int
    """Number of tokens in the masked bars."""


@torch.inference_mode()
def score_infilling(
    model: nn.Module, pieces: Sequence[TokenizedPiece], tokenizer: RemiTokenizer, context: int
) -> InfillRecord:
    """Nats per note of masked bars, with and without the bars that follow them."""
    model.eval()
    notes_per_id = _notes_per_id(tokenizer)
    examples = [example for piece in pieces for example in _examples(piece, tokenizer, context)]
    masked = [example.left_only[-example.num_masked :] for example in examples]
    num_notes = sum(int(notes_per_id[ids].sum()) for ids in masked)
    if not num_notes:
        return InfillRecord(num_notes=0)
    with autocast():
        right = sum(_nats(model, row.with_right_context, row.num_masked) for row in examples)
        left = sum(_nats(model, row.left_only, row.num_masked) for row in examples)
    return InfillRecord(
        num_notes=num_notes,
        nats_per_note_with_right_context=round(right / num_notes, 4),
        nats_per_note_left_only=round(left / num_notes, 4),
    )


def _examples(
    piece: TokenizedPiece, tokenizer: RemiTokenizer, context: int
) -> Iterator[InfillExample]:
    """At most one example: the opening of a piece, if enough bars fit into the context."""
    ids = piece.tokens.astype(np.int64)
    _, bars = split_bars(ids, tokenizer)
    # BOS, SEP and one FILL per bar also take up context.
    sizes = np.cumsum([len(bar) + 1 for bar in bars]) + 2
    bars = bars[: int(np.searchsorted(sizes, context, side="right"))]
    if len(bars) < MIN_BARS:
        return
    masked = np.arange(len(bars) // MASK_EVERY) + len(bars) // MASK_EVERY
    before = np.concatenate(([tokenizer.bos], *bars[: masked[-1] + 1]))
    whole = np.concatenate((before, *bars[masked[-1] + 1 :]))
    yield InfillExample(
        with_right_context=encode_example(whole, tokenizer, masked)[:-1],
        left_only=before,
        num_masked=sum(len(bars[bar]) for bar in masked),
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
