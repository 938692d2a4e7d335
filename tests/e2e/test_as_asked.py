"""What a musician asks for is in the file, whatever the model has learnt: scale, chords, range, and
bars of a piece written anew while all others stay."""

import shutil
from collections.abc import Iterator

import pytest

from deploy.local.stack import Stack
from ostinato import ApiError, Client
from ostinato.schemas.events import NotesEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, Mode, PitchRange, Scale, chord_tones
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Melody
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.midi_file import read_midi, write_midi
from tests.blank import make_blank
from tests.conftest import ROOT, client_of, start
from tests.public_folder import public_folder

BARS = 6
THEME = [
    Note(480 * beat, 450, 60 + (0, 4, 7, 11)[beat % 4] + bar, 80)
    for bar in range(BARS)
    for beat in range(4 * bar, 4 * bar + 4)
]
TIED = Note(2 * TICKS_PER_BAR - 480, 960, 48, 70)
"""From bar 1 into bar 2."""
PIECE = sorted([*THEME, TIED])


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Of a house that plays `blank` beside `mini`."""
    with public_folder() as folder:
        shutil.copytree(ROOT / "checkpoints" / "mini", folder / "checkpoints" / "mini")
        make_blank(folder / "checkpoints" / "blank")
        with Stack(folder / "var", checkpoints=folder / "checkpoints") as stack:
            start(stack)
            with client_of(stack) as client:
                yield client


@pytest.fixture(scope="module")
def primer(client: Client) -> str:
    midi = write_midi(PIECE, tempo=100, instrument=0, bars=BARS)
    return str(client.primer(midi).id)


def made(client: Client, **fields: object) -> list[Melody]:
    request = GenerationRequest.model_validate({"model": "blank", "count": 6, "seed": 4, **fields})
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job
    melodies = [client.melody(melody.id) for melody in client.melodies(job.id)]
    assert all(read_midi(client.midi(melody.id)) == melody.notes for melody in melodies)
    assert all(melody.notes for melody in melodies)
    return melodies


@pytest.mark.parametrize("model", ["mini", "blank"])
def test_a_strict_scale_and_a_range_are_never_left(client: Client, model: str) -> None:
    scale = Scale(tonic="Eb", mode=Mode.HARMONIC_MINOR)
    keys = PitchRange(lowest=55, highest=79)
    for melody in made(client, model=model, scale=scale, pitch_range=keys):
        assert melody.bars == 8
        assert {note.pitch % 12 for note in melody.notes} <= scale.pitch_classes
        assert all(55 <= note.pitch <= 79 for note in melody.notes)


@pytest.mark.parametrize("model", ["mini", "blank"])
def test_strict_chords_change_with_the_bars(client: Client, model: str) -> None:
    names = ("Am7", "Dm", "G7")
    chords = Chords(progression=names, strictness=1)
    seen = set()
    for melody in made(client, model=model, chords=chords, bars=5):
        for note in melody.notes:
            bar = note.start // TICKS_PER_BAR
            assert note.pitch % 12 in chord_tones(names[bar % 3]), (bar, note)
            seen.add(bar)
    assert seen == set(range(5))


def test_a_lenient_scale_is_kept_more_often_and_left_sometimes(client: Client) -> None:
    def share(strictness: float) -> float:
        scale = Scale(tonic="C", strictness=strictness)
        notes = [note for melody in made(client, scale=scale) for note in melody.notes]
        return sum(note.pitch % 12 in scale.pitch_classes for note in notes) / len(notes)

    assert share(0.0) < share(0.7) < 1


def test_bars_are_written_anew_and_all_others_stay(client: Client, primer: str) -> None:
    again = [2, 3, 5]
    melodies = made(client, primer_id=primer, regenerate=again)
    for melody in melodies:
        assert melody.bars == BARS
        old = [note for note in melody.notes if note.start // TICKS_PER_BAR not in again]
        kept = [note for note in PIECE if note.start // TICKS_PER_BAR not in again]
        cut = TIED._replace(duration=480)
        assert sorted(old) == sorted(cut if note == TIED else note for note in kept)
        for note in melody.notes:
            first, last = (
                tick // TICKS_PER_BAR for tick in (note.start, note.start + note.duration - 1)
            )
            assert (first in again) == all(bar in again for bar in range(first, last + 1))
    assert len({tuple(melody.notes) for melody in melodies}) == len(melodies)
    assert made(client, primer_id=primer, regenerate=again, count=1)[0].notes == melodies[0].notes


def test_new_bars_are_heard_in_place_and_as_the_file_has_them(client: Client, primer: str) -> None:
    request = GenerationRequest.model_validate(
        {"model": "blank", "seed": 9, "primer_id": primer, "regenerate": [1, 4]}
    )
    job = client.generate(request)
    heard = [event for event in client.events(job.id) if isinstance(event, NotesEvent)]
    [melody] = client.melodies(job.id)
    notes = [note for event in heard for note in event.notes]
    assert sorted(notes) == sorted(client.melody(melody.id).notes)
    bars = [event.bars for event in heard]
    assert bars == sorted(bars)
    assert bars[-1] == BARS


def test_chords_of_new_bars_are_those_of_their_place(client: Client, primer: str) -> None:
    chords = Chords(progression=("C", "F#"), strictness=1)
    melodies = made(client, primer_id=primer, regenerate=[3], chords=chords)
    notes = [note for melody in melodies for note in melody.notes]
    new = [note for note in notes if note.start // TICKS_PER_BAR == 3]
    assert new
    assert {note.pitch % 12 for note in new} <= chord_tones("F#")


def test_what_a_version_cannot_do_is_refused_with_those_that_can(
    client: Client, primer: str
) -> None:
    request = {"model": "mini", "primer_id": primer, "regenerate": [0]}
    with pytest.raises(ApiError, match="mini cannot write bars of a MIDI file anew") as refused:
        client.generate(GenerationRequest.model_validate(request))
    assert (refused.value.status, refused.value.extra["models"]) == (422, ["blank"])


def test_a_bar_that_the_primer_has_not_is_refused(client: Client, primer: str) -> None:
    request = {"model": "blank", "primer_id": primer, "regenerate": [BARS]}
    with pytest.raises(ApiError, match=f"the primer has {BARS} bars") as refused:
        client.generate(GenerationRequest.model_validate(request))
    assert refused.value.status == 422
