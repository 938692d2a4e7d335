"""Events of every kind are read and written without a change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidMidi
from shared.midi.container import read_container
from shared.midi.events import META, SYSEX, Event, read_events, write_events
from tests.integration.hostile_input.mutations import attempt
from tests.support.midi import read_case
from tests.unit.shared.midi.raw_midi import NOTE

END = (META, b"\x2f")
two_bytes = st.binary(min_size=2, max_size=2)
one_byte = st.binary(min_size=1, max_size=1)
channel_events = st.tuples(
    st.sampled_from([*range(0x80, 0xC0), *range(0xE0, 0xF0)]), two_bytes
) | st.tuples(st.integers(0xC0, 0xDF), one_byte)
meta_events = st.tuples(
    st.just(META), st.binary(min_size=1, max_size=300).filter(lambda data: data[:1] != b"\x2f")
)
sysex_events = st.tuples(st.sampled_from([SYSEX, 0xF7]), st.binary(max_size=300))
timed = st.lists(
    st.tuples(st.integers(0, 2**20), channel_events | meta_events | sysex_events), max_size=50
)


@given(timed)
def test_events_survive_writing_and_reading(deltas: list[tuple[int, tuple[int, bytes]]]) -> None:
    events, tick = [], 0
    for delta, (status, data) in deltas:
        tick += delta
        events.append(Event(tick, status, data))
    events.append(Event(tick, *END))
    assert [*read_events(write_events(events))] == events


def test_a_running_status_is_read() -> None:
    running = b"\x00\x90\x3c\x50" + b"\x60\x3c\x00" + b"\x00\xff\x01\x01a" + b"\x00\x3e\x50"
    assert [event[:2] for event in read_events(running)] == [
        *[(0, 0x90), (96, 0x90), (96, META), (96, 0x90)],
        (96, META),
    ]


def test_a_track_ends_at_its_end_event_or_with_its_last_event() -> None:
    assert [*read_events(NOTE)][-1] == (96, *END)
    after_the_end = NOTE + b"\x10\xff\x2f\x00" + NOTE
    events = [*read_events(after_the_end)]
    assert events[-1] == (112, *END)
    assert len(events) == 3


@given(st.binary(max_size=60))
def test_any_bytes_are_events_or_an_error(body: bytes) -> None:
    found = attempt(lambda: [*read_events(body)], InvalidMidi)
    if not isinstance(found, InvalidMidi):
        assert [*read_events(write_events(found))] == found


@pytest.mark.parametrize("name", ["band8.mid", "song.kar", "song.rmi", "nested.mid"])
def test_a_file_is_the_same_after_its_events_were_written(name: str) -> None:
    container = read_container(read_case(name))
    for body in container.tracks:
        assert [*read_events(write_events(read_events(body)))] == [*read_events(body)]
    assert read_container(container.to_bytes()) == container
