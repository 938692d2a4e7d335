"""What a scale, chords and a range of keys do to the logits: a leaning for each bar.

A pitch outside a scale or a chord costs the logarithm of 1 - strictness, a token the cost of all
its pitches. So a rule that is strict is a mask, and a lenient one makes the odds smaller. Refuses
to know grammars and the engine.
"""

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import PitchClasses, PitchRange, chord_tones
from shared.tokenizers.grid import NUM_PITCHES
from shared.tokenizers.vocabulary import Vocabulary

Costs = NDArray[np.float64]
"""[128]: what is added to a token's logit for each pitch that it writes."""


def leanings(
    request: GenerationRequest, vocabulary: Vocabulary, bars: Iterable[int]
) -> tuple[Tensor, ...]:
    """float32 [V] for each of these bars of the piece; none if nothing is asked for."""
    if not (request.scale or request.chords or request.pitch_range):
        return ()
    everywhere = _range_costs(request.pitch_range)
    if request.scale is not None:
        everywhere += _costs(request.scale.pitch_classes, request.scale.strictness)
    chords = request.chords

    @cache
    def of_chord(name: str | None) -> Tensor:
        costs = everywhere
        if name is not None and chords is not None:
            costs = everywhere + _costs(chord_tones(name), chords.strictness)
        return _of_tokens(costs, vocabulary.pitches)

    progression = chords.progression if chords is not None else (None,)
    return tuple(of_chord(progression[bar % len(progression)]) for bar in bars)


def _costs(inside: PitchClasses, strictness: float) -> Costs:
    cost = math.log1p(-strictness) if strictness < 1 else -math.inf
    return np.array([0.0 if pitch % 12 in inside else cost for pitch in range(NUM_PITCHES)])


def _range_costs(pitch_range: PitchRange | None) -> Costs:
    costs = np.zeros(NUM_PITCHES)
    if pitch_range is not None:
        costs[: pitch_range.lowest] = costs[pitch_range.highest + 1 :] = -math.inf
    return costs


def _of_tokens(costs: Costs, pitches: NDArray[np.int64]) -> Tensor:
    """The sum over the pitches [V, 128] of each token; no times infinity is nothing."""
    impossible = np.isneginf(costs)
    sums = pitches @ np.where(impossible, 0.0, costs)
    sums[(pitches @ impossible) > 0] = -math.inf
    return torch.from_numpy(sums.astype(np.float32))
