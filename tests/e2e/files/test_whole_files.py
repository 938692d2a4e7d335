"""A file comes back whole: only the bars of the track that were asked for differ."""

from typing import Any

import pytest

from ostinato import ApiError, Client
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import JobState
from ostinato.schemas.melodies import Melody
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.midi.container import Container, read_container
from shared.midi.events import NOTE_OFF, NOTE_ON, SYSTEM, Event, read_events
from shared.midi.reader import read_score
from tests.support.midi import read_case

BAND = "band8.mid"
PIANO, BASS, STRINGS, DRUMS = range(4)
CASES = [
    *("plain.mid", "nested.mid", "pad4bars.mid", "arpeggio-pedal.mid", "restruck.mid"),
    *("rit72.mid", "released-late.mid", "released-40-late.mid", "slow15.mid", "tempo0.mid"),
    *("song.rmi", "song.kar", BAND),
]


def generate(client: Client, primer: Primer, **fields: Any) -> tuple[Melody, bytes]:  # noqa: ANN401 - fields of a request
    request = GenerationRequest(model="random", seed=3, primer_id=primer.id, **fields)
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job.error
    [summary] = client.melodies(job.id)
    melody, midi = client.melody(summary.id), client.midi(summary.id)
    check_agreement(melody, midi)
    return melody, midi


def check_agreement(melody: Melody, midi: bytes) -> None:
    """JSON and MIDI have the same tracks, notes, bars and tempos."""
    score = read_score(midi)
    assert [(it.name, it.program, it.is_drum) for it in melody.tracks] == [
        (it.name, it.program, it.is_drum) for it in score.tracks
    ]
    for track, read in zip(melody.tracks, score.tracks, strict=True):
        assert sorted(track.notes) == sorted(Note(*note) for note in read.notes.tolist())
    assert melody.notes == melody.tracks[melody.track].notes
    assert melody.bar_positions == list(score.bars)
    assert len(melody.bar_positions) == melody.bars
    assert melody.tempos == [
        (start, round(60e6 / microseconds, 3)) for start, microseconds in score.tempos
    ]


def other_events(body: bytes) -> list[Event]:
    """The events of a track that are no notes, without the receipt and the end."""
    *events, _ = read_events(body)
    return [
        event
        for event in events
        if (event.status >= SYSTEM or event.status & 0xF0 not in (NOTE_ON, NOTE_OFF))
        and not event.data.startswith(b"\x01ostinato ")
    ]


def rows(container: Container, masked: range) -> list[list[tuple[int, ...]]]:
    """The notes of each track that do not begin in some bars."""
    return [
        [tuple(note) for note in track.notes.tolist() if note[0] // TICKS_PER_BAR not in masked]
        for track in read_score(container.to_bytes()).tracks
    ]


@pytest.mark.parametrize("name", CASES)
def test_only_the_regenerated_bar_differs(client: Client, name: str) -> None:
    primer = client.upload_primer(read_case(name))
    bar = 1
    melody, midi = generate(client, primer, regenerate=[bar])
    before, after = read_container(read_case(name)), read_container(midi)
    masked = range(bar, bar + 1)
    assert rows(after, masked) == rows(before, masked)
    assert [other_events(it) for it in after.tracks] == [other_events(it) for it in before.tracks]
    assert melody.track == primer.track
    assert melody.bars == primer.bars


def test_the_other_tracks_are_the_bytes_of_the_file(client: Client) -> None:
    primer = client.upload_primer(read_case(BAND))
    assert [track.name for track in primer.tracks] == ["Piano", "Bass", "Strings", "Drums"]
    melody, midi = generate(client, primer, track=BASS, regenerate=[2, 3])
    before, after = read_container(read_case(BAND)), read_container(midi)
    changed = [
        index
        for index, (a, b) in enumerate(zip(before.tracks, after.tracks, strict=True))
        if not b.endswith(a)
    ]
    assert changed == [read_score(midi).tracks[BASS].chunk]
    assert melody.track == BASS
    assert rows(after, range(2, 4)) == rows(before, range(2, 4))
    assert rows(after, range(0)) != rows(before, range(0))


def test_a_continued_file_keeps_all_tracks(client: Client) -> None:
    primer = client.upload_primer(read_case(BAND))
    melody, midi = generate(client, primer, bars=2)
    before, after = read_score(read_case(BAND)), read_score(midi)
    score = client.primer_score(primer.id)
    assert (melody.bars, melody.track) == (primer.bars + 2, PIANO)
    assert (melody.bar_positions[: primer.bars], melody.tempos) == (
        score.bar_positions,
        score.tempos,
    )
    assert melody.tracks[BASS:] == score.tracks[BASS:]
    for index in (BASS, STRINGS, DRUMS):
        assert after.tracks[index].notes.tolist() == before.tracks[index].notes.tolist()
    num_kept = len(before.tracks[PIANO].notes)
    assert after.tracks[PIANO].notes[:num_kept].tolist() == before.tracks[PIANO].notes.tolist()
    assert (after.tracks[PIANO].notes[num_kept:, 0] >= before.end).all()
    assert len(after.tracks[PIANO].notes) > num_kept


def test_the_new_bars_alone_are_the_end_of_the_whole_file(client: Client) -> None:
    primer = client.upload_primer(read_case(BAND))
    whole, _ = generate(client, primer, bars=2, track=BASS)
    alone, _ = generate(client, primer, bars=2, track=BASS, include_primer=False)
    end = primer.bars * TICKS_PER_BAR
    assert (alone.bars, len(alone.tracks), alone.tracks[0].program) == (2, 1, 33)
    new = [note._replace(start=note.start - end) for note in whole.notes if note.start >= end]
    assert [note[::2] for note in alone.notes] == [note[::2] for note in new]
    assert [tempo for _, tempo in alone.tempos] == [whole.tempos[-1].tempo]


def test_the_tempos_of_the_file_stay_unless_one_is_requested(client: Client) -> None:
    primer = client.upload_primer(read_case("rit72.mid"))
    melody, _ = generate(client, primer, bars=1)
    assert (melody.tempo, len(melody.tempos)) == (72, 8)
    melody, _ = generate(client, primer, bars=1, tempo=72.5)
    assert [tempo for _, tempo in melody.tempos] == [72.5]


def test_a_part_of_a_file_has_all_its_tracks(client: Client) -> None:
    primer = client.upload_primer(read_case(BAND), from_bar=2, to_bar=5)
    melody, midi = generate(client, primer, regenerate=[1], track=BASS)
    assert (melody.bars, len(melody.tracks)) == (4, 4)
    before = read_score(read_case(BAND)).tracks[STRINGS].notes
    start, end = 2 * TICKS_PER_BAR, 6 * TICKS_PER_BAR
    before = before[(before[:, 0] >= start) & (before[:, 0] < end)]
    after = read_score(midi).tracks[STRINGS].notes
    assert after[:, 0].tolist() == (before[:, 0] - start).tolist()


def test_a_melody_of_a_file_is_reproduced(client: Client) -> None:
    primer = client.upload_primer(read_case(BAND))
    _, midi = generate(client, primer, track=STRINGS, regenerate=[5])
    job = client.wait(client.reproduce(midi).id)
    assert [client.midi(melody.id) for melody in client.melodies(job.id)] == [midi]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"track": DRUMS}, "plays drums"),
        ({"track": 9}, "the primer has 4 tracks with notes, numbered from 0"),
        ({"include_primer": False, "regenerate": [1]}, "regenerated bars are a part of the primer"),
    ],
)
def test_what_a_file_lacks_is_refused(client: Client, fields: dict[str, Any], words: str) -> None:
    primer = client.upload_primer(read_case(BAND))
    request = {"model": "random", "primer_id": primer.id, **fields}
    with pytest.raises((ApiError, ValueError), match=words):
        client.generate(GenerationRequest.model_validate(request))


def test_a_track_needs_a_primer() -> None:
    with pytest.raises(ValueError, match="track: requires primer_id"):
        GenerationRequest(track=1)
