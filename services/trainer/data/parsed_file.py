"""The result of parsing one piece: its notes, or the reason to skip it."""

from dataclasses import dataclass
from enum import StrEnum

from services.trainer.data.piece import Notes

MIN_NOTES = 32
MAX_BYTES = 16 << 20
MAX_TRACKS = 256
MAX_NOTES = 100_000
MAX_BARS = 4096


class SkipReason(StrEnum):
    """Why a piece is not used; the values appear in reports and cards."""

    UNREADABLE = "not a readable file"
    MALFORMED = "cannot be parsed"
    CRASHED = "crashes or hangs the parser"
    TOO_LARGE = f"larger than {MAX_BYTES >> 20} MiB"
    TOO_MANY_NOTES = f"more than {MAX_NOTES:,} notes or {MAX_TRACKS} tracks"
    TOO_LONG = f"longer than {MAX_BARS:,} bars"
    NO_DURATION = "all notes start at once"
    METER = "not entirely in 4/4, 2/2 or 2/4"
    IRREGULAR_BARS = "bars have inconsistent lengths"
    TOO_SHORT = f"fewer than {MIN_NOTES} notes"
    PITCH_RANGE = "outside the piano range"
    DUPLICATE = "duplicate of another piece"
    UNLISTED = "not in the published split table"


class SkipFile(Exception):
    """Raised by a parser for a piece that is not used."""

    def __init__(self, reason: SkipReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """A parsed piece; either `notes` or `skip_reason` is set."""

    name: str
    notes: Notes | None = None
    seconds: float = 0.0
    """Time from the first onset to the end of the last note, at the piece's own tempo."""
    skip_reason: SkipReason | None = None
