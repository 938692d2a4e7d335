"""Command-line notation of scales, chords and bars."""

import doctest
from pathlib import Path

import pytest

from ostinato.cli import parsing
from ostinato.schemas.harmony import Chords, Mode, Scale
from tests.unit.ostinato.command_line import ostinato, words
from tests.unit.ostinato.primer_payloads import a_primer
from tests.unit.ostinato.scripted_server import ScriptedServer, posted_generation


def test_doctests() -> None:
    results = doctest.testmod(parsing)
    assert (results.failed, results.attempted) == (0, 2)


def test_scale_chords_and_bars_are_sent_as_request_fields(
    generation_server: ScriptedServer, tmp_path: Path
) -> None:
    primer = a_primer(bars=9)
    generation_server.script("/v1/primers", primer.model_dump_json())
    (tmp_path / "theme.mid").write_bytes(b"MThd")
    constraints = ("--scale", "D dorian", "--chords", "Dm G7", "--strictness", "0.5")
    infill = ("--primer", str(tmp_path / "theme.mid"), "--regenerate", "2-3,9")
    ostinato("generate", *constraints, *infill)
    request = posted_generation(generation_server)
    assert request.scale == Scale(tonic="D", mode=Mode.DORIAN, strictness=0.5)
    assert request.chords == Chords(progression=("Dm", "G7"), strictness=0.5)
    assert request.regenerate == (1, 2, 8)


def test_a_mode_and_a_note_may_have_any_case(generation_server: ScriptedServer) -> None:
    ostinato("generate", "--scale", "bb Harmonic  Minor")
    assert posted_generation(generation_server).scale == Scale(tonic="Bb", mode=Mode.HARMONIC_MINOR)


GENERATE = [
    ("--model", "", "--model: '': string should have at least 1 character"),
    ("--count", "0", "'--count': '0' is not a whole number from 1 to 10000"),
    ("--count", "ten", "'--count': 'ten' is not a whole number from 1 to 10000"),
    ("--bars", "1000", "'--bars': '1000' is not a whole number from 1 to 256"),
    ("--tempo", "5", "'--tempo': '5' is not a number from 20 to 300"),
    ("--instrument", "128", "'--instrument': '128' is not a whole number from 0 to 127"),
    ("--temperature", "3", "'--temperature': '3' is not a number from 0.0 to 2.0"),
    ("--top-k", "-1", "'--top-k': '-1' is not a whole number from 0 to 4096"),
    ("--top-p", "nan", "'--top-p': 'nan' is not a number above 0.0 and up to 1.0"),
    ("--top-p", "0", "'--top-p': '0' is not a number above 0.0 and up to 1.0"),
    ("--min-p", "2", "'--min-p': '2' is not a number from 0.0 to 1.0"),
    ("--seed", str(2**53), "'--seed': '9007199254740992' is not a whole number from 0 to"),
    ("--strictness", "2", "'--strictness': '2' is not a number from 0.0 to 1.0"),
    ("--primer", "no.mid", "'--primer': file 'no.mid' does not exist"),
    ("--primer", ".", "'--primer': file '.' is a directory"),
    ("--out", "file", "'--out': dir 'file' is a file"),
    ("--regenerate", "3", "--regenerate: needs --primer"),
    ("--regenerate", "0", "--regenerate: '0' is neither a bar from 1 to 256 nor a range"),
    ("--regenerate", "x-3", "--regenerate: 'x-3' is neither a bar"),
    ("--regenerate", "4-3", "--regenerate: '4-3' is neither a bar"),
    ("--regenerate", "1-999999999", "--regenerate: '1-999999999' is neither a bar"),
    ("--regenerate", "", "--regenerate: '' is neither a bar"),
    ("--scale", "Dorian", "--scale: 'Dorian' is not a note: write A to G"),
    ("--scale", "D polka", "--scale: 'polka' is not a mode: write one of major, minor"),
    ("--scale", "", "--scale: '' is not a note"),
    ("--chords", "Am7 Xyz", "--chords: 'Xyz' is not a chord: write a note from A to G"),
    ("--chords", "", "--chords: 0 chords: tuple should have at least 1 item"),
    ("--chords", "C " * 65, "--chords: 65 chords: tuple should have at most 64 items"),
]
OTHERS = [
    (("generate", "--seed", str(2**53 - 1), "--count", "2"), "--seed: seed + count - 1 must"),
    (("generate", "--scale", "C", "--chords", "F#"), "--chords: no tone of F# is in C major"),
    (("jobs", "--state", "done"), "'--state': 'done' is not a state: write one of queued"),
    (("jobs", "--limit", "0"), "'--limit': '0' is not a whole number from 1"),
    (("job", "x"), "'JOB_ID': 'x' is not an id"),
    (("cancel", "x"), "'ID': 'x' is not an id"),
    (("melodies", "--job", "x"), "'--job': 'x' is not an id"),
    (("melody", "x"), "'MELODY_ID': 'x' is not an id"),
    (("download", "x"), "'ID': 'x' is not an id"),
    (("download",), "Missing argument 'ID'"),
    (("reproduce", "no.mid"), "'FILE': file 'no.mid' does not exist"),
    (("train", "mini", "My Tunes"), "VERSION: 'My Tunes' is not allowed: use up to 64"),
    (("train", "", "x"), "RECIPE: '': string should have at least 1 character"),
    (("train", "mini", "x", "--base", "My Tunes"), "--base: 'My Tunes' is not allowed: use up to"),
    (("train", "mini", "x", "--dataset", ""), "--dataset: '': string should have at least 1"),
    (
        ("train", "mini", "x", "--minutes", "0"),
        "'--minutes': '0' is not a number from 0.1 to 10080",
    ),
    (("train", "mini", "x", "--steps", "0"), "'--steps': '0' is not a whole number from 1 to"),
    (
        ("train", "mini", "x", "--learning-rate", "0"),
        "'--learning-rate': '0' is not a number above 0",
    ),
    (("train", "mini", "x", "--batch-size", "0"), "'--batch-size': '0' is not a whole number"),
    (("train", "mini", "x", "--patience", "0"), "'--patience': '0' is not a whole number"),
    (("train", "mini", "x", "--seed", "-1"), "'--seed': '-1' is not a whole number"),
    (("train", "mini", "x", "--minutes", "1", "--steps", "1"), "--minutes, --steps: a run has one"),
    (("training", "x"), "'TRAINING_ID': 'x' is not an id"),
    (("pause", "x"), "'TRAINING_ID': 'x' is not an id"),
    (("resume", "x"), "'TRAINING_ID': 'x' is not an id"),
    (("datasets", "upload", "My Tunes", "music"), "NAME: 'My Tunes' is not allowed: use up to"),
    (("datasets", "upload", "tunes", "nowhere"), "'MUSIC': path 'nowhere' does not exist"),
    (
        ("datasets", "upload", "tunes", "music"),
        "MUSIC: music has no .mid, .midi, .kar, .rmi, .musicxml, .mxl or .abc file",
    ),
    (("datasets", "show", "x"), "'DATASET_ID': 'x' is not an id"),
    (("evaluate", "mini", "--count", "0"), "'--count': '0' is not a whole number from 1 to"),
    (("evaluate", "mini", "--bars", "0"), "'--bars': '0' is not a whole number from 1 to"),
    (("evaluate", "mini", "--seed", "-1"), "'--seed': '-1' is not a whole number from 0"),
    (("evaluation", "x"), "'EVALUATION_ID': 'x' is not an id"),
]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [*((("generate", *option), message) for *option, message in GENERATE), *OTHERS],
)
def test_a_wrong_value_sends_nothing_and_names_the_option_and_the_valid_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """A request would fail with another message: nothing answers at this address."""
    monkeypatch.setenv("OSTINATO_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("music").mkdir()
    result = ostinato(*arguments)
    assert result.exit_code == 2
    assert message in words(result.stderr)
