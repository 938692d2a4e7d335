"""A change of one track keeps every other event, and is read back as it was asked for."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import music21
import numpy as np
import pytest

from ostinato.schemas.notes import Note, bar_length
from services.worker.note_offs import NoteOffResolver
from shared.midi.bars import TimeSignature
from shared.midi.container import Container, read_container
from shared.midi.events import (
    END_OF_TRACK,
    META,
    NOTE_OFF,
    NOTE_ON,
    SYSTEM,
    Event,
    read_events,
    write_events,
)
from shared.midi.normalization import normalize
from shared.midi.reader import read_tracks
from shared.midi.score import Track
from shared.midi.track_change import (
    Interval,
    TrackChange,
    change_track,
    kept_notes,
    on_file_ticks,
    set_tempo,
)
from shared.midi.writer import time_signature_event
from tests.support.music.multitrack import random_file

SEEDS = range(200)
PUBLIC_FILES = sorted(Path(music21.__file__).parent.rglob("*.mid"))
"""MIDI files by many programs, which music21 is tested with."""


def test_there_are_public_files() -> None:
    assert len(PUBLIC_FILES) > 20


def added_notes(
    rng: random.Random, kept: list[Note], intervals: list[Interval], division: int
) -> list[Note]:
    """Notes as models generate them: on the grid, within the intervals, in order."""
    resolver, notes = NoteOffResolver(kept), []
    for first, end in intervals:
        starts = sorted(rng.choices(range(first, end, 60), k=rng.randrange(8)))
        pairs = sorted({(start, rng.randrange(58, 66)) for start in starts})
        for start, pitch in pairs:
            duration = min(rng.choice((60, 240, 480, 1920)), end - start)
            notes.append(on_file_ticks(Note(start, duration, pitch, 90), division))
    return list(resolver.resolve(notes))


def rows(notes: list[Note]) -> list[tuple[int, ...]]:
    return sorted(tuple(note) for note in notes)


def other_events(container: Container, track: Track) -> Counter[Event]:
    """The events of a chunk that begin or end no note of the track, without the last one."""
    *events, _ = read_events(container.tracks[track.chunk])
    return Counter(
        event
        for event in events
        if event.status >= SYSTEM
        or event.status & 0xF0 not in (NOTE_ON, NOTE_OFF)
        or event.status & 0x0F != track.channel
    )


def check_change(rng: random.Random, container: Container) -> None:
    """Change bars of one track, or continue it; everything else stays."""
    score = read_tracks(container)
    index = rng.randrange(len(score.tracks))
    track = score.tracks[index]
    bars = sorted(rng.sample(range(len(score.bars)), min(rng.randrange(3), len(score.bars))))
    intervals = [(start, start + length) for start, length, *_ in (score.bars[bar] for bar in bars)]
    kept = kept_notes(track.notes, intervals)
    is_continued = not bars
    new_end = score.end + 2 * bar_length(*score.bars[-1][2:])
    places = [(score.end, new_end)] if is_continued else intervals
    added = added_notes(rng, kept, places, container.division)
    change = TrackChange(
        removed=intervals, added=added, new_bars=(score.end, new_end) if is_continued else None
    )
    changed = read_container(change_track(container, track, change).to_bytes())

    for chunk, (before, after) in enumerate(zip(container.tracks, changed.tracks, strict=True)):
        assert chunk == track.chunk or before == after
    missing = other_events(container, track) - other_events(changed, track)
    assert not missing
    if not kept and not added:
        return
    found = read_tracks(changed)
    by_place = {(each.chunk, each.channel): each for each in found.tracks}
    assert rows([Note(*note) for note in by_place[track.chunk, track.channel].notes.tolist()]) == (
        rows([*kept, *added])
    )
    for other in score.tracks:
        if other is not track:
            np.testing.assert_array_equal(by_place[other.chunk, other.channel].notes, other.notes)
    if is_continued:
        assert len(found.bars) == len(score.bars) + 2
    assert found.tempos == score.tempos


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_but_the_removed_notes_stays(seed: int) -> None:
    check_change(random.Random(seed), normalize(random_file(seed)))  # noqa: S311 - no secret


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("path", PUBLIC_FILES, ids=lambda path: path.name)
def test_everything_else_of_a_public_file_stays(path: Path, seed: int) -> None:
    check_change(random.Random(seed), normalize(read_container(path.read_bytes())))  # noqa: S311


def test_a_change_of_nothing_is_the_same_music() -> None:
    for seed in SEEDS:
        container = random_file(seed)
        score = read_tracks(container)
        changed = change_track(container, score.tracks[0], TrackChange())
        assert other_events(container, score.tracks[0]) <= other_events(changed, score.tracks[0])
        for before, after in zip(score.tracks, read_tracks(changed).tracks, strict=True):
            np.testing.assert_array_equal(before.notes, after.notes)


@pytest.mark.parametrize("tempo", [20, 72.5, 300])
def test_one_tempo_replaces_all_of_the_file(tempo: float) -> None:
    container = random_file(1)
    changed = read_tracks(set_tempo(container, tempo))
    assert [round(60_000_000 / it.microseconds_per_quarter, 3) for it in changed.tempos] == [tempo]
    assert len(read_tracks(container).tempos) > 1


ON, OFF = bytes((60, 80)), bytes((60, 0))


def one_track(*events: Event) -> Container:
    return Container(division=480, tracks=(write_events(events),))


def test_an_end_without_a_note_does_not_end_a_new_one() -> None:
    """Some programs send note-offs for pitches that do not sound."""
    container = one_track(
        Event(0, NOTE_ON, ON),
        Event(480, NOTE_OFF, OFF),
        Event(1920, NOTE_OFF, OFF),
        Event(2000, NOTE_OFF, bytes((61, 0))),
        *(Event(tick, NOTE_OFF, OFF) for tick in (2000, 2400, 2880, 3000)),
        Event(3840, META, bytes((END_OF_TRACK,))),
    )
    [track] = read_tracks(container).tracks
    new = Note(1920, 960, 60, 90)
    change = TrackChange(removed=[(1920, 3840)], added=[new])
    changed = change_track(container, track, change)
    [after] = read_tracks(changed).tracks
    assert after.notes.tolist() == [[0, 480, 60, 80], list(new)]
    offs = [event[::2] for event in read_events(changed.tracks[0]) if event.status == NOTE_OFF]
    assert (2000, bytes((61, 0))) in offs
    assert [tick for tick, data in offs if data[0] == 60] == [480, 1920, 2880, 2880, 3000]


@pytest.mark.parametrize("tick", [4 * 1440, 4 * 1440 + 30, 4 * 1440 + 200])
@pytest.mark.parametrize("signature", [(2, 4), (3, 4), (4, 4)])
def test_a_time_signature_at_the_end_of_the_file_is_not_that_of_new_bars(
    tick: int, signature: tuple[int, int]
) -> None:
    container = one_track(
        time_signature_event(3, 4),
        *(event for bar in range(4) for event in quarter(bar * 1440)),
        time_signature_event(*signature)._replace(tick=tick),
        Event(max(tick, 4 * 1440), META, bytes((END_OF_TRACK,))),
    )
    score = read_tracks(container)
    end = score.end
    added = [Note(end, 480, 60, 90)]
    kept_metre = TrackChange(added=added, new_bars=(end, end + 2880))
    found = read_tracks(change_track(container, score.tracks[0], kept_metre))
    assert [bar[2:] for bar in found.bars[-2:]] == [score.bars[-1][2:]] * 2
    changed = replace(kept_metre, time_signature=TimeSignature(end, 6, 8))
    found = read_tracks(change_track(container, score.tracks[0], changed))
    assert [bar[2:] for bar in found.bars[-2:]] == [(6, 8)] * 2


def quarter(start: int) -> tuple[Event, Event]:
    return Event(start, NOTE_ON, ON), Event(start + 480, NOTE_OFF, OFF)


def test_a_new_note_ends_before_a_note_of_the_file_begins() -> None:
    """Synthesizers end the sounding note of a pitch, whichever is older."""
    on, off = (NOTE_ON, bytes((60, 80))), (NOTE_OFF, bytes((60, 0)))
    ends = Event(2400, META, bytes((END_OF_TRACK,)))
    body = write_events(
        [Event(0, *on), Event(480, *off), Event(1920, *on), Event(2400, *off), ends]
    )
    container = Container(division=480, tracks=(body,))
    [track] = read_tracks(container).tracks
    change = TrackChange(added=[Note(480, 1440, 60, 90)])
    changed = [*read_events(change_track(container, track, change).tracks[0])]
    assert [(event.tick, event.status) for event in changed[:-1]] == [
        *((0, NOTE_ON), (480, NOTE_OFF), (480, NOTE_ON)),
        *((1920, NOTE_OFF), (1920, NOTE_ON), (2400, NOTE_OFF)),
    ]
