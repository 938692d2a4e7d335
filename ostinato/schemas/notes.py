"""A note in JSON: an array of four integers, `[start, duration, pitch, velocity]`.

Times are ticks of 1/480 quarter note from the start of the piece, so they are exact.
"""

from typing import Annotated, NamedTuple

from pydantic import Field

TICKS_PER_QUARTER = 480
QUARTERS_PER_BAR = 4
TICKS_PER_BAR = TICKS_PER_QUARTER * QUARTERS_PER_BAR


class Note(NamedTuple):
    """One note; JSON has it as an array of four integers."""

    start: Annotated[int, Field(ge=0, description="Ticks of 1/480 quarter note from the start.")]
    duration: Annotated[int, Field(ge=1, description="Ticks of 1/480 quarter note.")]
    pitch: Annotated[int, Field(ge=0, le=127, description="MIDI pitch; 60 is middle C.")]
    velocity: Annotated[int, Field(ge=1, le=127, description="MIDI velocity, the loudness.")]
