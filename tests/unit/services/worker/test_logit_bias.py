"""Scale, chords and pitch range as a bias for each token and bar."""

import math

import pytest
import torch

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Metre
from services.worker.logit_bias import logit_biases
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.symbols import SymbolKind, bar_symbol
from shared.tokenizers.tokenizer import Tokenizer

REMI = RemiTokenizer.without_bpe()
SYMBOLS = PitchSymbolTokenizer({"C4": (60,), "C#4": (61,), "0.4.7": (60, 64, 67), "1.4": (61, 64)})


def in_common_time(*bars: int) -> dict[int, Metre]:
    return dict.fromkeys(bars, Metre.FOUR_FOUR)


def make_request(**fields: object) -> GenerationRequest:
    return GenerationRequest.model_validate({"model": "any", **fields})


def token_bias(tokenizer: Tokenizer, token: int, **fields: object) -> float:
    [bias] = logit_biases(make_request(**fields), tokenizer, in_common_time(0))
    return float(bias[token])


def test_a_request_without_constraints_has_no_biases() -> None:
    assert logit_biases(make_request(), REMI, in_common_time(*range(8))) == ()


def test_the_bias_of_a_token_is_the_sum_over_its_pitches() -> None:
    lenient = {"scale": {"tonic": "C", "strictness": 0.5}}
    biases = [token_bias(SYMBOLS, token, **lenient) for token in range(3, 7)]
    assert biases == pytest.approx([0, math.log(0.5), 0, math.log(0.5)])
    pentatonic = {"scale": {"tonic": "C", "mode": "minor pentatonic", "strictness": 0.5}}
    assert token_bias(SYMBOLS, 5, **pentatonic) == pytest.approx(math.log(0.5))


def test_the_biases_of_scale_and_chord_add_up() -> None:
    both = {
        "scale": {"tonic": "C", "strictness": 0.5},
        "chords": {"progression": ["B5"], "strictness": 0.75},
    }
    expected = math.log(0.5) + 2 * math.log(0.25)
    assert token_bias(SYMBOLS, 6, **both) == pytest.approx(expected)


def test_a_strict_constraint_masks_exactly_the_tokens_with_pitches_outside_it() -> None:
    [bias] = logit_biases(
        make_request(pitch_range={"lowest": 60, "highest": 72}), REMI, in_common_time(0)
    )
    inside = torch.from_numpy(REMI.pitch_counts[:, 60:73].sum(axis=1) > 0)
    without_pitch = torch.from_numpy(REMI.pitch_counts.sum(axis=1) == 0)
    assert bool((bias[inside | without_pitch] == 0).all())
    assert bool(bias[~(inside | without_pitch)].isneginf().all())
    assert int(inside.sum()) == 13


def test_bars_with_the_same_chord_share_one_tensor() -> None:
    request = make_request(chords={"progression": ["C", "G"]})
    first, second, third = logit_biases(request, REMI, in_common_time(0, 3, 4))
    assert first is third
    assert not torch.equal(first, second)


def test_only_tokens_of_the_metre_of_a_bar_are_allowed() -> None:
    remi = RemiTokenizer.without_bpe(tuple(Metre))
    bars = {0: Metre.THREE_FOUR, 1: Metre.FOUR_FOUR, 2: Metre.THREE_FOUR}
    biases = logit_biases(make_request(), remi, bars)
    assert biases[0] is biases[2]
    for bias, metre in zip(biases, bars.values(), strict=True):
        for token, symbols in enumerate(remi.token_symbols):
            is_allowed = all(
                symbol.value < metre.bar_length // 60
                if symbol.kind is SymbolKind.POSITION
                else symbol == bar_symbol(metre)
                for symbol in symbols
                if symbol.kind in (SymbolKind.POSITION, SymbolKind.BAR)
            )
            assert bias[token] == (0 if is_allowed else -math.inf)
