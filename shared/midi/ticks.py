"""Converts between our ticks and those of a file with another resolution."""

from typing import Any

from ostinato.schemas.notes import TICKS_PER_QUARTER


def to_our_ticks(ticks: Any, division: int) -> Any:  # noqa: ANN401 - a number or an array of numbers
    """The nearest of our ticks to those of a file with `division` ticks per quarter note."""
    return (2 * ticks * TICKS_PER_QUARTER + division) // (2 * division)


def to_file_ticks(ticks: Any, division: int) -> Any:  # noqa: ANN401 - a number or an array of numbers
    """The nearest ticks of a file with `division` ticks per quarter note to ours."""
    return (2 * ticks * division + TICKS_PER_QUARTER) // (2 * TICKS_PER_QUARTER)
