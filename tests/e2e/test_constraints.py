"""Constraints of a request hold with any model: scale, chords, range, regenerated bars."""

import pytest

from ostinato import ApiError, Client
from ostinato.schemas.events import NotesEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, Mode, PitchRange, Scale, chord_tones
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Melody
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.midi.writer import write_midi
from tests.support.midi import read_midi

BARS = 6
THEME = [
    Note(480 * beat, 450, 60 + (0, 4, 7, 11)[beat % 4] + bar, 80)
    for bar in range(BARS)
    for beat in range(4 * bar, 4 * bar + 4)
]
TIED = Note(2 * TICKS_PER_BAR - 480, 960, 48, 70)
"""A note that starts in bar 1 and ends in bar 2: it keeps sounding if bar 2 is regenerated."""
PRIMER = sorted([*THEME, TIED])


@pytest.fixture
def primer(client: Client) -> str:
    midi = write_midi(PRIMER, tempo=100, instrument=0, bars=BARS)
    return str(client.upload_primer(midi).id)


def generate(client: Client, **fields: object) -> list[Melody]:
    request = GenerationRequest.model_validate({"model": "random", "count": 6, "seed": 4, **fields})
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job
    melodies = [client.melody(melody.id) for melody in client.melodies(job.id)]
    assert all(read_midi(client.midi(melody.id)) == melody.notes for melody in melodies)
    assert all(melody.notes for melody in melodies)
    return melodies


@pytest.mark.parametrize("model", ["mini", "random"])
def test_a_strict_scale_and_a_pitch_range_always_hold(client: Client, model: str) -> None:
    scale = Scale(tonic="Eb", mode=Mode.HARMONIC_MINOR)
    pitch_range = PitchRange(lowest=55, highest=79)
    for melody in generate(client, model=model, scale=scale, pitch_range=pitch_range):
        assert melody.bars == 8
        assert {note.pitch % 12 for note in melody.notes} <= scale.pitch_classes
        assert all(55 <= note.pitch <= 79 for note in melody.notes)


@pytest.mark.parametrize("model", ["mini", "random"])
def test_strict_chords_hold_in_each_bar(client: Client, model: str) -> None:
    names = ("Am7", "Dm", "G7")
    chords = Chords(progression=names, strictness=1)
    bars = set()
    for melody in generate(client, model=model, chords=chords, bars=5):
        for note in melody.notes:
            bar = note.start // TICKS_PER_BAR
            assert note.pitch % 12 in chord_tones(names[bar % 3]), (bar, note)
            bars.add(bar)
    assert bars == set(range(5))


def test_a_lenient_scale_raises_the_share_of_its_notes(client: Client) -> None:
    def share(strictness: float) -> float:
        scale = Scale(tonic="C", strictness=strictness)
        notes = [note for melody in generate(client, scale=scale) for note in melody.notes]
        return sum(note.pitch % 12 in scale.pitch_classes for note in notes) / len(notes)

    assert share(0.0) < share(0.7) < 1


def test_bars_are_regenerated_and_the_others_do_not_change(client: Client, primer: str) -> None:
    regenerated = [2, 3, 5]
    melodies = generate(client, primer_id=primer, regenerate=regenerated)
    for melody in melodies:
        assert melody.bars == BARS
        present = [note for note in melody.notes if note.start // TICKS_PER_BAR not in regenerated]
        kept = [note for note in PRIMER if note.start // TICKS_PER_BAR not in regenerated]
        assert sorted(present) == sorted(kept)
        for note in set(melody.notes) - {TIED}:
            first, last = (
                tick // TICKS_PER_BAR for tick in (note.start, note.start + note.duration - 1)
            )
            assert (first in regenerated) == all(
                bar in regenerated for bar in range(first, last + 1)
            )
    assert len({tuple(melody.notes) for melody in melodies}) == len(melodies)
    assert (
        generate(client, primer_id=primer, regenerate=regenerated, count=1)[0].notes
        == melodies[0].notes
    )


def test_regenerated_bars_are_streamed_in_order_with_the_notes_of_the_file(
    client: Client, primer: str
) -> None:
    request = GenerationRequest.model_validate(
        {"model": "random", "seed": 9, "primer_id": primer, "regenerate": [1, 4]}
    )
    job = client.generate(request)
    events = [event for event in client.events(job.id) if isinstance(event, NotesEvent)]
    [melody] = client.melodies(job.id)
    notes = [note for event in events for note in event.notes]
    assert sorted(notes) == sorted(client.melody(melody.id).notes)
    bars = [event.bars for event in events]
    assert bars == sorted(bars)
    assert bars[-1] == BARS


def test_a_regenerated_bar_has_the_chord_of_its_position(client: Client, primer: str) -> None:
    chords = Chords(progression=("C", "F#"), strictness=1)
    melodies = generate(client, primer_id=primer, regenerate=[0, 3], chords=chords)
    notes = [note for melody in melodies for note in melody.notes]
    for bar, name in ((0, "C"), (3, "F#")):
        regenerated = [note for note in notes if note.start // TICKS_PER_BAR == bar]
        assert regenerated
        assert {note.pitch % 12 for note in regenerated} <= chord_tones(name)


def test_a_missing_capability_is_rejected_with_the_versions_that_have_it(
    client: Client, primer: str
) -> None:
    request = {"model": "mini", "primer_id": primer, "regenerate": [0]}
    with pytest.raises(ApiError, match="mini cannot regenerate bars of a MIDI file") as error:
        client.generate(GenerationRequest.model_validate(request))
    assert (error.value.status, error.value.extra["models"]) == (422, ["random", "v7", "v8"])


def test_a_bar_beyond_the_end_of_the_primer_is_rejected(client: Client, primer: str) -> None:
    request = {"model": "random", "primer_id": primer, "regenerate": [BARS]}
    with pytest.raises(ApiError, match=f"the primer has {BARS} bars") as error:
        client.generate(GenerationRequest.model_validate(request))
    assert error.value.status == 422
