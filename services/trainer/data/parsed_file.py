"""What became of one source of a data set: a piece's notes, or the reason why it is left out.

Refuses to know how a file is read.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.trainer.data.piece import Notes

FEWEST_NOTES = 32
MAX_BYTES = 16 << 20
MAX_TRACKS = 256
MAX_NOTES = 100_000
MAX_BARS = 4096


class Reason(StrEnum):
    """Why a source is left out."""

    UNREADABLE = "is no file that can be read"
    BROKEN = "does not parse"
    DEADLY = "breaks or stalls its reader"
    LARGE = f"larger than {MAX_BYTES >> 20} MiB"
    CROWDED = f"more than {MAX_NOTES:,} notes or {MAX_TRACKS} tracks"
    LONG = f"longer than {MAX_BARS:,} bars"
    TIMELESS = "all its notes begin at once"
    METRE = "not wholly in 4/4, 2/2 or 2/4"
    BARS = "its bars do not add up"
    SHORT = f"fewer than {FEWEST_NOTES} notes"
    RANGE = "leaves the piano's keyboard"
    DUPLICATE = "the same music under another name"
    UNLISTED = "not in the published table"


class Unusable(Exception):
    """A source that the trainer leaves out; carries the `Reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of a source."""

    name: str
    notes: Notes | None = None
    seconds: float = 0.0
    """From its first note to the end of its last, at its own tempo."""
    reason: Reason | None = None
    """Set where there are no notes."""
