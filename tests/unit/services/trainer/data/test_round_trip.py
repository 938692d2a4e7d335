"""MIDI files are encoded and decoded; every note is kept, within the grid."""

import math
from pathlib import Path

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.midi_files import find_midi_files, parse_file
from services.trainer.data.piece import Notes
from shared.midi.writer import write_midi
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer, chords
from shared.tokenizers.quantization import as_array
from shared.tokenizers.remi import RemiTokenizer
from tests.support.midi import read_midi

FOLDER = Path(__file__).parents[4] / "music"


def load() -> dict[str, Notes]:
    parsed = [parse_file(path.name, path) for path in find_midi_files(FOLDER)]
    return {file.name: file.notes for file in parsed if file.notes is not None}


MUSIC = load()


@pytest.fixture(scope="module", params=["bpe", "no bpe"])
def remi(request: pytest.FixtureRequest) -> RemiTokenizer:
    if request.param == "no bpe":
        return RemiTokenizer.without_bpe()
    return RemiTokenizer.train(list(MUSIC.values())[:12], 512)


def test_every_file_of_the_set_is_parsed() -> None:
    assert len(MUSIC) == len(find_midi_files(FOLDER)) == 24
    assert sum(map(len, MUSIC.values())) > 30_000


@pytest.mark.parametrize("name", MUSIC)
def test_every_note_is_kept_within_the_grid(remi: RemiTokenizer, name: str) -> None:
    notes = MUSIC[name]
    midi = write_file(remi.decode(remi.encode(notes)))
    decoded = as_array(read_midi(midi))
    assert len(decoded) == len(notes), "no note is lost or added"
    order = np.lexsort((notes[:, 2], (notes[:, 0] + 30) // 60))
    error = np.abs(decoded - notes[order])
    assert (error[:, 2] == 0).all()
    assert error[:, 0].max() <= 30, "half a position"
    assert error[:, 3].max() <= 4, "half a velocity step"
    durations = notes[order, 1]
    assert (error[durations <= 4 * 480, 1] <= 30).all()
    assert (error[(durations > 4 * 480) & (durations <= 8 * 480), 1] <= 60).all()
    assert (decoded[durations > 8 * 480, 1] == 8 * 480).all(), "the longest duration is two bars"


def write_file(notes: list[Note]) -> bytes:
    end = max(note.start + note.duration for note in notes)
    return write_midi(notes, tempo=120, instrument=0, bars=math.ceil(end / TICKS_PER_BAR))


def test_pitch_symbols_keep_the_pitch_classes_of_nearly_all_chords() -> None:
    symbols = PitchSymbolTokenizer.train(MUSIC.values())
    kept = total = 0
    for notes in MUSIC.values():
        for token, chord in zip(symbols.encode(notes), chords(notes), strict=True):
            decoded = {note.pitch % 12 for note in symbols.decode([token])}
            assert decoded <= {pitch % 12 for pitch in chord}
            kept += decoded == {pitch % 12 for pitch in chord}
            total += 1
    assert kept / total > 0.97
