"""Why a MIDI file cannot be read: a kind, by which reports count, and a sentence."""

from enum import StrEnum

from shared.errors import InvalidMidi

MAX_BYTES = 16 << 20
MAX_TRACKS = 256
MAX_NOTES = 100_000
MAX_BARS = 4096


class MidiFault(StrEnum):
    """What is wrong with a file."""

    NOT_MIDI = "not a MIDI file"
    MALFORMED = "malformed"
    NO_NOTES = "no notes"
    DRUMS_ONLY = "drums only"
    METRE = "bars that are not four quarters long"
    SEVERAL_TUNES = "several tunes in one file"
    TOO_LARGE = f"larger than {MAX_BYTES >> 20} MiB"
    TOO_MANY_NOTES = f"more than {MAX_NOTES:,} notes or {MAX_TRACKS} tracks"
    TOO_LONG = f"longer than {MAX_BARS:,} bars"


class UnreadableMidi(InvalidMidi):
    """A MIDI file that cannot be read."""

    def __init__(self, fault: MidiFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
