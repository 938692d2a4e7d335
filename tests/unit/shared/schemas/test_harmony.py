"""Scales and chords by name, and what of them cannot be asked for together."""

import doctest
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from ostinato.schemas import harmony
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import STEPS, Mode, PitchRange, Scale, chord_tones, pitch_class


def test_its_examples_hold() -> None:
    tried = doctest.testmod(harmony)
    assert (tried.failed, tried.attempted) == (0, 2)


def test_every_mode_has_its_steps() -> None:
    assert set(STEPS) == set(Mode)
    assert Scale(tonic="Bb", mode=Mode.MAJOR).pitch_classes == {10, 0, 2, 3, 5, 7, 9}
    assert pitch_class("Cb") == 11


@pytest.mark.parametrize("name", ["H", "c", "Cmin", "C##", "", "Am7b"])
def test_what_is_no_chord_is_told_with_what_is(name: str) -> None:
    with pytest.raises(ValueError, match="is no chord: C to B"):
        chord_tones(name)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"chords": {"progression": ["Xm"]}}, "is no chord"),
        ({"chords": {"progression": []}}, "at least 1"),
        ({"scale": {"tonic": "c"}}, "pattern"),
        ({"pitch_range": {"lowest": 60, "highest": 70}}, "an octave"),
        ({"regenerate": [0]}, "names bars of a primer"),
        ({"primer_id": str(uuid4()), "regenerate": []}, "one at the least"),
        ({"primer_id": str(uuid4()), "regenerate": [2, 1]}, "ascending"),
        (
            {
                "scale": {"tonic": "C", "mode": "major pentatonic"},
                "chords": {"progression": ["C", "F#5"], "strictness": 1},
            },
            "no tone of F#5 is in C major pentatonic",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GenerationRequest.model_validate({"model": "any", **fields})


def test_lenient_rules_may_disagree() -> None:
    request = GenerationRequest.model_validate(
        {
            "model": "any",
            "scale": {"tonic": "C", "mode": "major pentatonic"},
            "chords": {"progression": ["F#5"], "strictness": 0.9},
        }
    )
    assert request.num_bars == 8
    assert PitchRange().highest == 108
