"""Names of scales and chords, and constraints that contradict each other."""

import doctest
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from ostinato.schemas import harmony
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import (
    SCALE_OFFSETS,
    Mode,
    PitchRange,
    Scale,
    chord_tones,
    pitch_class,
)


def test_doctests() -> None:
    results = doctest.testmod(harmony)
    assert (results.failed, results.attempted) == (0, 2)


def test_every_mode_has_its_steps() -> None:
    assert set(SCALE_OFFSETS) == set(Mode)
    assert Scale(tonic="Bb", mode=Mode.MAJOR).pitch_classes == {10, 0, 2, 3, 5, 7, 9}
    assert pitch_class("Cb") == 11


@pytest.mark.parametrize("name", ["H", "c", "Cmin", "C##", "", "Am7b"])
def test_an_unknown_chord_is_reported_with_the_valid_names(name: str) -> None:
    with pytest.raises(ValueError, match="is not a chord: expected A to G"):
        chord_tones(name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"chords": {"progression": ["Xm"]}}, "is not a chord"),
        ({"chords": {"progression": []}}, "at least 1"),
        ({"scale": {"tonic": "c"}}, "is not allowed: write A to G"),
        ({"pitch_range": {"lowest": 60, "highest": 70}}, "at least 12 keys"),
        ({"regenerate": [0]}, "requires primer_id"),
        ({"primer_id": str(uuid4()), "regenerate": []}, "at least one bar"),
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
def test_contradictory_or_invalid_constraints_are_rejected(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        GenerationRequest.model_validate({"model": "any", **fields})


def test_constraints_below_strictness_1_may_contradict() -> None:
    request = GenerationRequest.model_validate(
        {
            "model": "any",
            "scale": {"tonic": "C", "mode": "major pentatonic"},
            "chords": {"progression": ["F#5"], "strictness": 0.9},
        }
    )
    assert request.bars_to_generate == 8
    assert PitchRange().highest == 108
