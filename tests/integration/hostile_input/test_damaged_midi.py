"""Damaged MIDI files: the sandbox reads them, or says what is wrong, and never fails itself."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato.schemas.notes import TICKS_PER_BAR
from shared.errors import InvalidMidi
from shared.midi.faults import MAX_BARS, MAX_NOTES
from shared.midi.sandbox import Inspection, inspect_in_sandbox
from tests.integration.hostile_input.mutations import attempt, damaged
from tests.support.midi import random_midi
from tests.unit.shared.midi.raw_midi import DRUM, LATE, NOTE, midi

SETTINGS = bytes.fromhex("00ff510307a120 00ff580404021808 00ff59020000 00c005")
"""A tempo, a time signature, a key signature and a program."""
EXAMPLES = 60
"""Each takes about a tenth of a second, because it has a process of its own."""
WHOLE_FILES = damaged([midi(), midi(division=1), random_midi(1)])
EVENTS = damaged([NOTE, NOTE + DRUM, LATE, SETTINGS + NOTE, 8 * NOTE]).map(midi)
"""Damage inside of a track whose length is right, because most other files are refused at once."""
PYTHON_ERROR = "status 1"
"""How the message ends if the program in the sandbox has an error that it does not handle."""


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(WHOLE_FILES, EVENTS, EVENTS, EVENTS))
def test_a_damaged_file_is_read_or_refused(data: bytes) -> None:
    result = attempt(lambda: asyncio.run(inspect_in_sandbox(data)), InvalidMidi)
    if isinstance(result, InvalidMidi):
        assert result.detail
        assert not result.detail.removesuffix(".").endswith(PYTHON_ERROR), result.detail
    else:
        check(result)


def check(inspection: Inspection) -> None:
    """What is read can be stored, shown and used as a primer."""
    assert 0 < len(inspection.notes) <= MAX_NOTES
    assert list(inspection.notes) == sorted(
        inspection.notes, key=lambda note: (note.start, note.pitch, note.duration, note.velocity)
    )
    assert 0 < inspection.num_bars <= MAX_BARS
    for note in inspection.notes:
        assert (note.start >= 0, note.duration > 0) == (True, True), note
        assert note.start + note.duration <= inspection.num_bars * TICKS_PER_BAR, note
        assert (0 <= note.pitch <= 127, 0 < note.velocity <= 127) == (True, True), note
