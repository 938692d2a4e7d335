"""MIDI to tokens to MIDI over a whole set of files: every note comes back within the grid."""

from pathlib import Path

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.midi_files import midi_files, read_file
from services.trainer.data.piece import Notes
from shared.tokenizers.grid import as_array
from shared.tokenizers.midi_file import read_midi, write_midi
from shared.tokenizers.pitch_symbols import PitchSymbols, chords
from shared.tokenizers.remi import Remi

FOLDER = Path(__file__).parents[4] / "music"


def load() -> dict[str, Notes]:
    readings = [read_file(path.name, path) for path in midi_files(FOLDER)]
    return {one.name: one.notes for one in readings if one.notes is not None}


MUSIC = load()


@pytest.fixture(scope="module", params=["pairs", "no pairs"])
def remi(request: pytest.FixtureRequest) -> Remi:
    if request.param == "no pairs":
        return Remi.without_pairs()
    return Remi.train(list(MUSIC.values())[:12], 512)


def test_every_file_of_the_set_is_read() -> None:
    assert len(MUSIC) == len(midi_files(FOLDER)) == 24
    assert sum(map(len, MUSIC.values())) > 30_000


@pytest.mark.parametrize("name", MUSIC)
def test_every_note_comes_back_within_the_grid(remi: Remi, name: str) -> None:
    notes = MUSIC[name]
    midi = write_file(remi.decode(remi.encode(notes)))
    back = as_array(read_midi(midi))
    assert len(back) == len(notes), "no note is lost, and none is made up"
    order = np.lexsort((notes[:, 2], (notes[:, 0] + 30) // 60))
    gone = np.abs(back - notes[order])
    assert (gone[:, 2] == 0).all()
    assert gone[:, 0].max() <= 30, "half a position"
    assert gone[:, 3].max() <= 4, "half a step of force"
    lasts = notes[order, 1]
    assert (gone[lasts <= 4 * 480, 1] <= 30).all()
    assert (gone[(lasts > 4 * 480) & (lasts <= 8 * 480), 1] <= 60).all()
    assert (back[lasts > 8 * 480, 1] == 8 * 480).all(), "no symbol lasts longer than two bars"


def write_file(notes: list[Note]) -> bytes:
    end = max(note.start + note.duration for note in notes)
    return write_midi(notes, tempo=120, instrument=0, bars=-(-end // TICKS_PER_BAR))


def test_symbols_keep_every_pitch_class_that_the_vocabulary_has() -> None:
    symbols = PitchSymbols.train(MUSIC.values())
    kept = total = 0
    for notes in MUSIC.values():
        for token, chord in zip(symbols.encode(notes), chords(notes), strict=True):
            heard = {note.pitch % 12 for note in symbols.decode([token])}
            assert heard <= {pitch % 12 for pitch in chord}
            kept += heard == {pitch % 12 for pitch in chord}
            total += 1
    assert kept / total > 0.97
