"""Masked bars are scored with and without the bars that follow them."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ostinato.schemas.evaluations import GapSize, InfillRecord
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.evaluation.infilling import MAX_PASSAGES, score_infilling
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


def score(
    model: nn.Module, *pieces: TokenizedPiece, context: int = 256
) -> dict[GapSize, InfillRecord]:
    return score_infilling(model, pieces, TOKENIZER, context)


def difference(record: InfillRecord) -> float:
    """What the right context changes, in nats per note."""
    assert record.nats_per_note_with_right_context is not None
    assert record.nats_per_note_left_only is not None
    return record.nats_per_note_with_right_context - record.nats_per_note_left_only


def test_the_right_context_helps_where_the_hidden_bars_recur_later() -> None:
    found = score(Echo(), piece([60, 61, 70, 71, 70, 71]))
    assert {size: record.num_notes for size, record in found.items()} == {
        GapSize.ONE_BAR: 1,
        GapSize.TWO_BARS: 2,
        GapSize.THIRD: 2,
    }
    assert difference(found[GapSize.TWO_BARS]) < -3
    assert found[GapSize.TWO_BARS] == found[GapSize.THIRD]


def test_the_right_context_does_not_help_where_the_hidden_bars_occurred_before() -> None:
    found = score(Echo(), piece([60, 61, 60, 61, 80, 81]))
    assert difference(found[GapSize.TWO_BARS]) > 0


def test_the_interval_contains_the_difference_and_is_narrow_if_pieces_are_alike() -> None:
    alike = [piece([60, 61, 70, 71, 70, 71])] * 5
    found = score(Echo(), *alike)[GapSize.THIRD]
    expected = pytest.approx(difference(found), abs=1e-3)
    assert found.difference_low == expected
    assert found.difference_high == expected
    mixed = score(Echo(), *alike, piece([60, 61, 60, 61, 80, 81]))[GapSize.THIRD]
    assert mixed.difference_low is not None
    assert mixed.difference_high is not None
    assert mixed.difference_low < difference(mixed) < mixed.difference_high


def test_rows_fit_into_the_context_and_short_pieces_are_skipped() -> None:
    class Measuring(Echo):
        longest = 0

        def forward(self, ids: Tensor) -> Tensor:
            self.longest = max(self.longest, ids.shape[1])
            return super().forward(ids)

    model = Measuring()
    found = score(model, piece([60] * 40), piece([60, 62]), context=64)
    assert {size: record.num_notes for size, record in found.items()} == {
        GapSize.ONE_BAR: 4,
        GapSize.TWO_BARS: 8,
        GapSize.THIRD: 13,
    }
    assert 40 < model.longest <= 64
    empty = InfillRecord(num_notes=0)
    assert score(model, piece([60, 62]), context=64) == dict.fromkeys(GapSize, empty)


def test_a_long_piece_is_cut_into_passages_and_some_are_scored() -> None:
    found = score(Echo(), piece([60] * 4000), context=32)
    assert found[GapSize.ONE_BAR].num_notes == MAX_PASSAGES
