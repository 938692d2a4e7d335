"""A key that is struck while it sounds comes back from the file as it was told."""

from hypothesis import given
from hypothesis import strategies as st

from ostinato.schemas.notes import Note
from services.worker.note_offs import Releases
from shared.tokenizers.midi_file import read_midi, write_midi

NOTES = st.lists(
    st.builds(Note, st.integers(0, 40), st.integers(1, 60), st.integers(60, 62), st.just(80)),
    unique_by=lambda note: (note.start, note.pitch),
).map(lambda notes: sorted(notes, key=lambda note: (note.start, note.pitch)))


@given(NOTES, st.integers(0, 20))
def test_what_was_told_is_what_the_file_holds(notes: list[Note], cut: int) -> None:
    first = Releases()
    told = list(first.settle(notes[:cut]))
    told += first.fork().settle(notes[cut:])
    assert read_midi(write_midi(told, tempo=120, instrument=0, bars=1)) == told
    for before, after in zip(notes, told, strict=True):
        assert after.duration >= before.duration
        assert after._replace(duration=before.duration) == before


def test_keys_that_do_not_meet_are_left_alone() -> None:
    notes = [Note(0, 240, 60, 80), Note(0, 960, 64, 80), Note(240, 240, 60, 80)]
    assert list(Releases().settle(notes)) == notes
