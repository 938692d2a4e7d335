"""Notes, bars and tempos; in JSON they are arrays of numbers.

Times are ticks of 1/480 quarter note from the start of the piece, so they are exact.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

TICKS_PER_QUARTER = 480
QUARTERS_PER_BAR = 4
TICKS_PER_BAR = TICKS_PER_QUARTER * QUARTERS_PER_BAR
RELEASE_TOLERANCE = TICKS_PER_QUARTER // 8
"""What ends so shortly after a bar line, a note or a file, begins no further bar."""


def bar_length(numerator: int, denominator: int) -> int:
    """Ticks of a whole bar of a time signature."""
    return 4 * TICKS_PER_QUARTER * numerator // denominator


class Metre(StrEnum):
    """A time signature that models may know."""

    FOUR_FOUR = "4/4"
    THREE_FOUR = "3/4"
    TWO_FOUR = "2/4"
    SIX_EIGHT = "6/8"

    @property
    def fraction(self) -> tuple[int, int]:
        """The beats of a bar, and the note value of a beat: 8 for an eighth note."""
        numerator, _, denominator = self.partition("/")
        return int(numerator), int(denominator)

    @property
    def bar_length(self) -> int:
        """Ticks of a bar."""
        return bar_length(*self.fraction)


COMMON_TIME = (Metre.FOUR_FOUR,)
"""The time signatures of music that is in 4/4 alone."""


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
