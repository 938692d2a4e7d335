"""Other people's files, through the child process as the gateway judges them."""

import asyncio
import random

import pytest

from ostinato.schemas.notes import Note
from shared.errors import InvalidMidi
from shared.midi.judge import inspect
from tests.unit.shared.midi.files import DRUM, NOTE, header, midi, track


async def test_a_good_file_is_understood() -> None:
    inspection = await inspect(midi(NOTE + DRUM + NOTE, division=96))
    assert inspection.notes == (Note(0, 480, 60, 80), Note(960, 480, 60, 80))
    assert (inspection.bars, inspection.tracks) == (1, 2)


async def test_tracks_are_merged_in_order_of_start_and_pitch() -> None:
    high = b"\x00\x90\x43\x50\x60\x80\x43\x50"
    inspection = await inspect(header(tracks=2) + track(high) + track(NOTE))
    assert [note.pitch for note in inspection.notes] == [60, 67]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "MThd"),
        (midi(b"\x00\x90\x3c"), "does not parse"),
        (midi(NOTE * 100_001), "100001 notes; at most 100000"),
    ],
    ids=["empty", "broken", "bomb"],
)
async def test_what_is_broken_is_said(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        await inspect(data)


async def test_who_takes_too_long_is_killed() -> None:
    with pytest.raises(InvalidMidi, match=r"longer than 0\.001 s"):
        await inspect(midi(), max_seconds=0.001)


async def test_no_damage_to_a_file_does_more_than_refuse_it() -> None:
    rng = random.Random(1)  # noqa: S311 - damage, not secrets
    whole = midi(NOTE * 50)
    verdicts: set[type] = set()
    for _ in range(12):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[rng.randrange(14, len(damaged))] = rng.randrange(256)
        try:
            verdicts.add(type(await inspect(bytes(damaged))))
        except InvalidMidi as error:
            verdicts.add(type(error))
    assert len(verdicts) == 2, "some damage is survived, some is not"


async def test_files_are_judged_beside_each_other() -> None:
    verdicts = await asyncio.gather(*(inspect(midi()) for _ in range(4)))
    assert {verdict.bars for verdict in verdicts} == {1}
