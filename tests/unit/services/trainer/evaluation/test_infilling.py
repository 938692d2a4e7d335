"""Masked bars are scored with and without the bars that follow them."""

import numpy as np
import torch
from torch import Tensor, nn

from ostinato.schemas.cards import InfillRecord
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.evaluation.infilling import score_infilling
from services.trainer.evaluation.likelihood import TokenizedPiece
from shared.tokenizers.remi import RemiTokenizer

TOKENIZER = RemiTokenizer.without_bpe()


class Echo(nn.Module):
    """Predicts the pitches that are in its context, all with the same probability."""

    def forward(self, ids: Tensor) -> Tensor:
        logits = torch.zeros(*ids.shape, TOKENIZER.vocab_size)
        has_pitch = torch.from_numpy(TOKENIZER.pitch_counts.sum(axis=1) > 0)
        for index in range(ids.shape[1]):
            context = ids[0, : index + 1]
            logits[0, index, context[has_pitch[context]]] = 5.0
        return logits


def piece(pitches: list[int]) -> TokenizedPiece:
    """One note per bar."""
    notes = [Note(bar * TICKS_PER_BAR, 480, pitch, 80) for bar, pitch in enumerate(pitches)]
    tokens = np.array(TOKENIZER.encode(notes), dtype=np.uint16)
    return TokenizedPiece(num_notes=len(notes), seconds=1.0, tokens=tokens)


def score(model: nn.Module, *pieces: TokenizedPiece, context: int = 256) -> InfillRecord:
    return score_infilling(model, pieces, TOKENIZER, context)


def test_the_right_context_helps_where_the_masked_bars_recur_later() -> None:
    found = score(Echo(), piece([60, 61, 70, 71, 70, 71]))
    assert found.num_notes == 2
    assert found.nats_per_note_with_right_context is not None
    assert found.nats_per_note_left_only is not None
    assert found.nats_per_note_with_right_context < found.nats_per_note_left_only - 3


def test_the_right_context_does_not_help_where_the_masked_bars_occurred_before() -> None:
    found = score(Echo(), piece([60, 61, 60, 61, 80, 81]))
    assert found.nats_per_note_with_right_context is not None
    assert found.nats_per_note_left_only is not None
    assert found.nats_per_note_with_right_context > found.nats_per_note_left_only


def test_rows_fit_into_the_context_and_short_openings_are_skipped() -> None:
    class Measuring(Echo):
        longest = 0

        def forward(self, ids: Tensor) -> Tensor:
            self.longest = max(self.longest, ids.shape[1])
            return super().forward(ids)

    model = Measuring()
    assert score(model, piece([60] * 40), piece([60, 62]), context=64).num_notes == 3
    assert 50 < model.longest <= 64
    assert score(model, piece([60, 62]), context=64) == InfillRecord(num_notes=0)
