"""What is asked of the pitches becomes a number for each token and bar."""

import math

import pytest
import torch

from ostinato.schemas.generations import GenerationRequest
from services.worker.logit_bias import leanings
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import Remi
from shared.tokenizers.vocabulary import Vocabulary

REMI = Remi.without_pairs()
SYMBOLS = PitchSymbols({"C4": (60,), "C#4": (61,), "0.4.7": (60, 64, 67), "1.4": (61, 64)})


def request(**fields: object) -> GenerationRequest:
    return GenerationRequest.model_validate({"model": "any", **fields})


def cost(vocabulary: Vocabulary, token: int, **fields: object) -> float:
    [leaning] = leanings(request(**fields), vocabulary, [0])
    return float(leaning[token])


def test_nothing_asked_for_is_no_leaning() -> None:
    assert leanings(request(), REMI, range(8)) == ()


def test_a_token_pays_for_each_pitch_outside() -> None:
    lenient = {"scale": {"tonic": "C", "strictness": 0.5}}
    assert [cost(SYMBOLS, token, **lenient) for token in range(3, 7)] == pytest.approx(
        [0, math.log(0.5), 0, math.log(0.5)]
    )
    narrow = {"scale": {"tonic": "C", "mode": "minor pentatonic", "strictness": 0.5}}
    assert cost(SYMBOLS, 5, **narrow) == pytest.approx(math.log(0.5))
    both = {"chords": {"progression": ["B5"], "strictness": 0.75}, **lenient}
    assert cost(SYMBOLS, 6, **both) == pytest.approx(math.log(0.5) + 2 * math.log(0.25))


def test_what_is_strict_is_impossible_and_what_has_no_pitch_costs_nothing() -> None:
    [leaning] = leanings(request(pitch_range={"lowest": 60, "highest": 72}), REMI, [0])
    inside = torch.from_numpy(REMI.pitches[:, 60:73].sum(axis=1) > 0)
    silent = torch.from_numpy(REMI.pitches.sum(axis=1) == 0)
    assert bool((leaning[inside | silent] == 0).all())
    assert bool(leaning[~(inside | silent)].isneginf().all())
    assert int(inside.sum()) == 13


def test_bars_share_what_their_chords_share() -> None:
    asked = request(chords={"progression": ["C", "G"]})
    first, second, third = leanings(asked, REMI, [0, 3, 4])
    assert first is third
    assert not torch.equal(first, second)
