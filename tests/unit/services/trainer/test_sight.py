"""Hidden bars are foretold twice, and a model that looks at what follows does better."""

import numpy as np
import torch
from torch import Tensor, nn

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.evaluation.infilling import score_sight
from services.trainer.evaluation.likelihood import Spelt
from shared.tokenizers.remi import Remi

REMI = Remi.without_pairs()


class Echo(nn.Module):
    """Foretells, of pitches, those that it has seen, and of all else anything."""

    def forward(self, ids: Tensor) -> Tensor:
        seen = torch.zeros(*ids.shape, REMI.vocab_size)
        pitched = torch.from_numpy(REMI.pitches.sum(axis=1) > 0)
        for at in range(ids.shape[1]):
            before = ids[0, : at + 1]
            seen[0, at, before[pitched[before]]] = 5.0
        return seen


def spelt(pitches: list[int]) -> Spelt:
    notes = [Note(bar * TICKS_PER_BAR, 480, pitch, 80) for bar, pitch in enumerate(pitches)]
    tokens = np.array(REMI.encode(notes), dtype=np.uint16)
    return Spelt(notes=len(notes), seconds=1.0, tokens=tokens)


def test_what_comes_again_later_is_foretold_with_sight_alone() -> None:
    found = score_sight(Echo(), [spelt([60, 61, 70, 71, 70, 71])], REMI, context=256)
    assert found["notes"] == 2
    assert found["nats_per_note_with_sight"] < found["nats_per_note_without"] - 3


def test_what_came_before_is_foretold_without() -> None:
    found = score_sight(Echo(), [spelt([60, 61, 60, 61, 80, 81])], REMI, context=256)
    assert found["nats_per_note_with_sight"] > found["nats_per_note_without"]


def test_rows_fit_into_the_context_and_openings_too_short_are_passed_over() -> None:
    class Ruler(Echo):
        longest = 0

        def forward(self, ids: Tensor) -> Tensor:
            self.longest = max(self.longest, ids.shape[1])
            return super().forward(ids)

    ruler = Ruler()
    assert score_sight(ruler, [spelt([60] * 40), spelt([60, 62])], REMI, context=64)["notes"] == 3
    assert 50 < ruler.longest <= 64
    assert score_sight(ruler, [spelt([60, 62])], REMI, context=64) == {"notes": 0}
