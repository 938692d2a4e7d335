"""The result of parsing one piece: its notes, or the reason to skip it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ostinato.schemas.notes import Metre
from services.trainer.data.piece import Notes
from shared.midi.faults import MidiFault

MIN_NOTES = 32


class SkipReason(StrEnum):
    """Why a piece is not used; the values appear in reports and cards."""

    UNREADABLE = "not a readable file"
    NOT_MIDI = MidiFault.NOT_MIDI
    MALFORMED = MidiFault.MALFORMED
    CRASHED = "needs too much time or memory"
    NO_NOTES = MidiFault.NO_NOTES
    DRUMS_ONLY = MidiFault.DRUMS_ONLY
    SEVERAL_TUNES = MidiFault.SEVERAL_TUNES
    TOO_LARGE = MidiFault.TOO_LARGE
    TOO_MANY_NOTES = MidiFault.TOO_MANY_NOTES
    TOO_LONG = MidiFault.TOO_LONG
    NO_DURATION = "all notes start at once"
    METER = "not entirely in 4/4, 2/2 or 2/4"
    UNKNOWN_METRE = "in a time signature that the model does not learn"
    IRREGULAR_BARS = "bars have inconsistent lengths"
    TOO_SHORT = f"fewer than {MIN_NOTES} notes"
    PITCH_RANGE = "outside the piano range"
    DUPLICATE = "duplicate of another piece"
    UNLISTED = "not in the published split table"


class Skipped(NamedTuple):
    """Why a piece is not used."""

    reason: SkipReason
    detail: str = ""
    """What is wrong with it, if the reason does not say all of it."""


class SkipFile(Exception):
    """Raised by a parser for a piece that is not used."""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(str(reason))
        self.skipped = Skipped(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """A parsed piece; either `notes` or `skipped` is set."""

    name: str
    notes: Notes | None = None
    metres: tuple[Metre, ...] = ()
    """The time signatures of its bars; those after them, and all by default, are in 4/4."""
    seconds: float = 0.0
    """Time from the first onset to the end of the last note, at the piece's own tempo."""
    skipped: Skipped | None = None
