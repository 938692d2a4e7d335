"""Notes, bars and tempos; in JSON they are arrays of numbers.

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


class Bar(NamedTuple):
    """One bar; JSON has it as an array of four integers."""

    start: Annotated[int, Field(ge=0, description="Ticks of 1/480 quarter note from the start.")]
    length: Annotated[int, Field(ge=1, description="Ticks; fewer than the metre says if cut.")]
    numerator: Annotated[int, Field(ge=1, description="Beats of the time signature.")]
    denominator: Annotated[int, Field(ge=1, description="What a beat is: 4 for a quarter note.")]


class TempoMark(NamedTuple):
    """A tempo from a time on; JSON has it as an array of two numbers."""

    start: Annotated[int, Field(ge=0, description="Ticks of 1/480 quarter note from the start.")]
    tempo: Annotated[float, Field(gt=0, description="Quarter notes per minute.")]
