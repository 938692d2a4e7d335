"""Converts the constraints and the metre of a request to logit biases per bar.

A pitch outside a scale or chord is biased by log(1 - strictness), and a token by the sum over its
pitches. Strictness 1 is therefore a mask; below 1 it multiplies the odds by 1 - strictness. Tokens
of other metres than that of the bar are masked.
"""

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import PitchClasses, PitchRange, chord_tones
from ostinato.schemas.notes import Metre
from shared.tokenizers.quantization import NUM_PITCHES
from shared.tokenizers.tokenizer import Tokenizer

PitchBias = NDArray[np.float64]
"""[128]: added to the logit of a token once for each note of the pitch in the token."""


def logit_biases(
    request: GenerationRequest, tokenizer: Tokenizer, bars: Mapping[int, Metre]
) -> tuple[Tensor, ...]:
    """A float32 [V] for each of these bars of the melody, given with their metres.

    There is none if the request has no constraint, and the model knows one metre only.
    """
    is_constrained = request.scale or request.chords or request.pitch_range
    if not is_constrained and len(tokenizer.metres) == 1:
        return ()
    common = _pitch_range_bias(request.pitch_range)
    if request.scale is not None:
        common += _pitch_class_bias(request.scale.pitch_classes, request.scale.strictness)
    chords = request.chords

    @cache
    def bar_bias(name: str | None, metre: Metre) -> Tensor:
        bias = common
        if name is not None and chords is not None:
            bias = common + _pitch_class_bias(chord_tones(name), chords.strictness)
        return _token_bias(bias, tokenizer.pitch_counts, tokenizer.fits_metre(metre))

    progression = chords.progression if chords is not None else (None,)
    return tuple(
        bar_bias(progression[bar % len(progression)], metre) for bar, metre in bars.items()
    )


def _pitch_class_bias(inside: PitchClasses, strictness: float) -> PitchBias:
    outside = math.log1p(-strictness) if strictness < 1 else -math.inf
    return np.array([0.0 if pitch % 12 in inside else outside for pitch in range(NUM_PITCHES)])


def _pitch_range_bias(pitch_range: PitchRange | None) -> PitchBias:
    bias = np.zeros(NUM_PITCHES)
    if pitch_range is not None:
        bias[: pitch_range.lowest] = bias[pitch_range.highest + 1 :] = -math.inf
    return bias


def _token_bias(
    bias: PitchBias, pitch_counts: NDArray[np.int64], is_allowed: NDArray[np.bool_]
) -> Tensor:
    """float32 [V]: the sum over the pitches [V, 128] of each token; -inf if it is not allowed."""
    forbidden = np.isneginf(bias)  # added separately, because 0 times infinity is not a number
    sums = pitch_counts @ np.where(forbidden, 0.0, bias)
    sums[((pitch_counts @ forbidden) > 0) | ~is_allowed] = -math.inf
    return torch.from_numpy(sums.astype(np.float32))
