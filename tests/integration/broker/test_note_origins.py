"""A stream never mixes notes of two origins: weights and numerics determine the notes."""

from dataclasses import replace
from uuid import UUID, uuid4

from ostinato.schemas.events import NotesEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import Note
from shared.broker.stream_entries import NotesBatch, job_event, stored_notes
from shared.broker.streams import EventStreams

BEFORE = [Note(start * 480, 480, 60, 90) for start in range(6)]
AFTER = [Note(start * 480, 240, 70, 90) for start in range(6)]


def notes(
    job: UUID, pitches: list[Note], first: int, last: int, *, attempt: int, melody: int = 0
) -> NotesBatch:
    return NotesBatch(
        job_id=job,
        melody=melody,
        origin="before" if pitches is BEFORE else "after",
        attempt=attempt,
        first=first,
        notes=pitches[first:last],
        bars=0,
    )


async def received(streams: EventStreams, job: UUID, melody: int = 0) -> list[Note]:
    """The notes of a melody in the stream, which is of one epoch."""
    events = await streams.read(job, 0)
    assert len({event.epoch for event in events}) == 1
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    found = [event for event in events if isinstance(event, NotesEvent)]
    return [note for event in found if event.melody == melody for note in event.notes]


async def test_a_later_attempt_of_another_origin_starts_the_stream_again(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append([job_event(job, JobState.QUEUED), notes(job, BEFORE, 0, 3, attempt=1)])
    epoch = await streams.epoch(job)
    assert await streams.append([notes(job, AFTER, 0, 2, attempt=2)]) == [2]
    assert await streams.epoch(job) is None  # the gateway rebuilds it
    await streams.append([job_event(job, JobState.QUEUED)])
    assert await streams.epoch(job) not in (None, epoch)
    assert await received(streams, job) == AFTER[:2]


async def test_a_later_attempt_of_the_same_origin_continues_the_stream(
    streams: EventStreams,
) -> None:
    job = uuid4()
    await streams.append([job_event(job, JobState.QUEUED), notes(job, BEFORE, 0, 3, attempt=1)])
    epoch = await streams.epoch(job)
    assert await streams.append([notes(job, BEFORE, 0, 5, attempt=2)]) == [5]
    assert await streams.epoch(job) == epoch
    assert await received(streams, job) == BEFORE[:5]


async def test_a_worker_that_has_lost_the_shard_appends_nothing_of_another_origin(
    streams: EventStreams,
) -> None:
    """Nor once it has noticed that the stream started again, when it sends its notes again."""
    job = uuid4()
    await streams.append([notes(job, BEFORE, 0, 3, attempt=1)])
    both = [notes(job, AFTER, 0, 2, attempt=2, melody=melody) for melody in (0, 1)]
    assert await streams.append(both) == [2, 2]
    assert await streams.append([notes(job, BEFORE, 3, 6, attempt=1)]) == [6]
    assert await streams.append([notes(job, BEFORE, 0, 6, attempt=1, melody=1)]) == [6]
    other = notes(job, BEFORE, 0, 1, attempt=1, melody=2)
    assert await streams.append([other, notes(job, AFTER, 0, 1, attempt=2, melody=2)]) == [1, 1]
    assert await streams.append([notes(job, BEFORE, 0, 6, attempt=1)]) == [6]
    assert await streams.append([notes(job, AFTER, 2, 4, attempt=2)]) == [0]
    assert await streams.append([notes(job, AFTER, 0, 4, attempt=2)]) == [4]
    assert await received(streams, job) == AFTER[:4]


async def test_the_notes_of_a_stored_melody_replace_those_of_another_origin(
    streams: EventStreams,
) -> None:
    """A worker may have stored a melody without having streamed a note of it."""
    job = uuid4()
    await streams.append([notes(job, BEFORE, 0, 3, attempt=7)])
    assert await streams.append([stored_notes(job, 0, AFTER, bars=1, origin="after")]) == [6]
    assert await streams.append([notes(job, BEFORE, 0, 4, attempt=8)]) == [4]
    assert await received(streams, job) == AFTER


async def test_notes_of_an_unknown_origin_are_replaced(streams: EventStreams) -> None:
    """Release 0.1.0 recorded no origin; an empty one is as unequal to every other."""
    job = uuid4()
    await streams.append([replace(notes(job, BEFORE, 0, 3, attempt=1), origin="", attempt=0)])
    assert await streams.append([notes(job, AFTER, 0, 1, attempt=1)]) == [1]
    assert await received(streams, job) == AFTER[:1]
