"""Tests of the inspection of untrusted files in a child process."""

import asyncio
import random

import pytest

from ostinato.schemas.notes import Note
from shared.errors import InvalidMidi
from shared.midi import sandbox
from shared.midi.sandbox import inspect_in_sandbox
from tests.unit.shared.midi.raw_midi import DRUM, NOTE, header, midi, track


async def test_a_valid_file_gives_the_notes_of_its_melody() -> None:
    inspection = await inspect_in_sandbox(midi(NOTE + DRUM + NOTE, division=96))
    assert inspection.notes == (Note(0, 480, 60, 80), Note(960, 480, 60, 80))
    assert (inspection.num_bars, len(inspection.tracks)) == (1, 2)


async def test_the_higher_of_two_tracks_is_the_melody() -> None:
    high = b"\x00\x90\x43\x50\x60\x80\x43\x50"
    inspection = await inspect_in_sandbox(header(tracks=2) + track(NOTE) + track(high))
    assert (inspection.track, inspection.num_notes) == (1, 2)
    assert [note.pitch for note in inspection.notes] == [67]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (midi(b"\x00\x90\x3c"), "without a status|middle of an event"),
        (midi(NOTE * 100_001), "more than 100,000 notes"),
    ],
    ids=["empty", "broken", "bomb"],
)
async def test_the_error_says_what_is_invalid(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        await inspect_in_sandbox(data)


async def test_a_child_that_takes_too_long_is_killed() -> None:
    with pytest.raises(InvalidMidi, match=r"longer than 0\.001 s"):
        await inspect_in_sandbox(midi(), max_seconds=0.001)


async def test_a_child_that_uses_too_much_processor_time_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "INSPECTOR", "tests.unit.shared.midi.busy_inspector")
    with pytest.raises(InvalidMidi, match="The file takes too much time to read"):
        await inspect_in_sandbox(midi())


async def test_a_damaged_file_is_either_read_or_rejected() -> None:
    rng = random.Random(1)  # noqa: S311 - damage, not secrets
    whole = midi(NOTE * 50)
    results: set[type] = set()
    for _ in range(6):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[rng.randrange(14, len(damaged))] = rng.randrange(256)
        try:
            results.add(type(await inspect_in_sandbox(bytes(damaged))))
        except InvalidMidi as error:
            results.add(type(error))
    assert len(results) == 2, "some damaged files are valid, some are not"


async def test_files_are_inspected_concurrently() -> None:
    inspections = await asyncio.gather(*(inspect_in_sandbox(midi()) for _ in range(2)))
    assert {inspection.num_bars for inspection in inspections} == {1}
