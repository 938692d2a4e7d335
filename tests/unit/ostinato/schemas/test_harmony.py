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
    assert (results.failed, results.attempted) == (0, 3)


def test_every_mode_has_its_steps() -> None:
    assert set(SCALE_OFFSETS) == set(Mode)
    assert Scale(tonic="Bb", mode=Mode.MAJOR).pitch_classes == {10, 0, 2, 3, 5, 7, 9}
    assert pitch_class("Cb") == 11


@pytest.mark.parametrize("name", ["H", "Czz", "C##", "", "Am7b", "C/", "C/H", "C/G/E", "N.C."])
def test_an_unknown_chord_is_reported_with_examples(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not a chord: write a note .* such as Am, F#m7"):
        chord_tones(name)


@pytest.mark.parametrize(
    ("names", "tones"),
    [
        ("C c CM Cmaj C/G C/E", {0, 4, 7}),
        ("Cm Cmin C- Cmi cm", {0, 3, 7}),
        ("C7 c7 C7/Bb", {0, 4, 7, 10}),
        ("CM7 Cmaj7 CMaj7 Cma7 C△7 C(maj7)", {0, 4, 7, 11}),
        ("Cm7 Cmin7 C-7 Cmi7", {0, 3, 7, 10}),
        ("Cmmaj7 CmM7 Cm(maj7) Cminmaj7 C-△7", {0, 3, 7, 11}),
        ("Cm7b5 C-7b5 Cø Cø7 Cm7(b5)", {0, 3, 6, 10}),
        ("Cdim C° Co", {0, 3, 6}),
        ("Caug C+", {0, 4, 8}),
        ("C7#5 C+7 Caug7", {0, 4, 8, 10}),
        ("C69 C6/9", {0, 2, 4, 7, 9}),
        ("C7#9 C7(#9)", {0, 3, 4, 7, 10}),
        ("C13", {0, 2, 4, 5, 7, 9, 10}),
        ("Cm13 C-13", {0, 2, 3, 5, 7, 9, 10}),
        ("Csus Csus4", {0, 5, 7}),
        ("Bb bb", {10, 2, 5}),
        ("Bb7 bb7", {10, 2, 5, 8}),
        ("C/F#", {0, 4, 7, 6}),
    ],
)
def test_every_usual_spelling_is_the_same_chord(names: str, tones: set[int]) -> None:
    assert {name: chord_tones(name) for name in names.split()} == dict.fromkeys(
        names.split(), tones
    )


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
