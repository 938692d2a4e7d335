"""Some bars of a file: what sounds in them, and the settings that hold there."""

import pytest

from shared.midi.container import read_container
from shared.midi.events import CONTROLLER, META, PROGRAM, SET_TEMPO, read_events
from shared.midi.excerpt import cut
from shared.midi.normalization import normalize
from shared.midi.reader import read_score, read_tracks
from shared.midi.score import Score
from tests.support.midi import read_case
from tests.support.music.multitrack import random_file


def rows_within(score: Score, first: int, last: int) -> list[tuple[int, ...]]:
    """The notes that begin in these bars, moved to the start, and none longer than they are."""
    start = score.bars[first].start
    end = score.bars[last].start + score.bars[last].length
    return sorted(
        (track.chunk, track.channel, a - start, min(length, end - a), pitch, velocity)
        for track in score.tracks
        for a, length, pitch, velocity in track.notes.tolist()
        if start <= a < end
    )


@pytest.mark.parametrize("seed", range(50))
def test_an_excerpt_has_the_notes_of_its_bars(seed: int) -> None:
    container = normalize(random_file(seed))
    score = read_tracks(container)
    found = read_tracks(cut(container, score.bars[1:4]))
    assert rows_within(found, 0, 2) == rows_within(score, 1, 3)
    assert len(found.bars) == 3


@pytest.mark.parametrize("seed", range(50))
def test_the_last_settings_before_an_excerpt_hold_in_it(seed: int) -> None:
    container = normalize(random_file(seed))
    score = read_tracks(container)
    start = 3 * 4 * container.division
    excerpt = cut(container, score.bars[3:])
    for before, after in zip(container.tracks, excerpt.tracks, strict=True):
        assert settings(read_events(before), start - 1) == settings(read_events(after), 0)


def settings(events: "object", until: int) -> dict[tuple[int, int], bytes]:
    """The last program, controllers and tempo up to a time."""
    found = {}
    for event in events:  # type: ignore[attr-defined]
        if event.tick > until:
            break
        if event.status & 0xF0 in (CONTROLLER, PROGRAM) and event.status < META:
            number = event.data[0] if event.status & 0xF0 == CONTROLLER else -1
            found[event.status, number] = event.data
        elif event.status == META and event.data[0] == SET_TEMPO:
            found[META, SET_TEMPO] = event.data
    return found


def test_the_bars_of_an_excerpt_follow_the_time_signature() -> None:
    container = read_container(read_case("waltz8.mid"))
    score = read_score(read_case("waltz8.mid"))
    bars = read_tracks(cut(container, score.bars[2:5])).bars
    assert [bar[:3] for bar in bars] == [(0, 1440, 3), (1440, 1440, 3), (2880, 1440, 3)]
