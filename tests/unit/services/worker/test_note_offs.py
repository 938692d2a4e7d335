"""Published notes equal the notes that are read back from the MIDI file."""

from hypothesis import given
from hypothesis import strategies as st

from ostinato.schemas.notes import Note
from services.worker.note_offs import NoteOffResolver
from shared.midi.writer import write_midi
from tests.support.midi import read_midi

NOTES = st.lists(
    st.builds(Note, st.integers(0, 40), st.integers(1, 60), st.integers(60, 62), st.just(80)),
    unique_by=lambda note: (note.start, note.pitch),
).map(lambda notes: sorted(notes, key=lambda note: (note.start, note.pitch)))


@given(NOTES, st.integers(0, 20))
def test_resolved_notes_equal_the_notes_of_the_file(notes: list[Note], split_at: int) -> None:
    resolver = NoteOffResolver()
    resolved = list(resolver.resolve(notes[:split_at]))
    resolved += resolver.copy().resolve(notes[split_at:])
    assert read_midi(write_midi(resolved, tempo=120, instrument=0, bars=1)) == resolved
    for before, after in zip(notes, resolved, strict=True):
        assert after.duration >= before.duration
        assert after._replace(duration=before.duration) == before


def test_notes_that_do_not_overlap_on_one_pitch_are_unchanged() -> None:
    notes = [Note(0, 240, 60, 80), Note(0, 960, 64, 80), Note(240, 240, 60, 80)]
    assert list(NoteOffResolver().resolve(notes)) == notes
