# ruff: noqa: A005 - the name is how it is run: python -m shared.midi.inspect
"""Somebody else's MIDI file, read in a process that may die of it: `python -m shared.midi.inspect`.

The file comes on standard input; a line of JSON goes to standard output: the notes of all pitched
tracks, drums left out, the bars that they fill and the number of tracks; or what is broken, with
exit status 2. Limits on memory and time are set before a byte is read, and before the parser is
imported; who exceeds them is killed, and the exit status says by what. Never imported by a service:
`judge` runs it by name.
"""

import json
import resource
import sys
from typing import TYPE_CHECKING, Any

from ostinato.schemas.notes import TICKS_PER_BAR, TICKS_PER_QUARTER
from shared.errors import InvalidMidi
from shared.midi.meta import chunks

if TYPE_CHECKING:
    from symusic.core import ScoreTick

MAX_MEMORY = 1 << 30
MAX_CPU_SECONDS = 10
MAX_BYTES = 16 << 20
MAX_TRACKS = 256
MAX_NOTES = 100_000
MAX_BARS = 4096
REFUSED = 2
"""Exit status: the answer says what is broken."""


def main() -> int:
    """Read, answer, and say by the exit status which answer it is."""
    _limit()
    try:
        answer = _inspect(sys.stdin.buffer.read(MAX_BYTES + 1))
    except InvalidMidi as error:
        answer = {"error": error.detail}
    except MemoryError:
        answer = {"error": "The file needs too much memory to read."}
    sys.stdout.write(json.dumps(answer, separators=(",", ":")))
    return REFUSED if "error" in answer else 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _inspect(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise InvalidMidi(f"The file has more than {MAX_BYTES} bytes.")
    for _ in chunks(data):
        pass  # walks to the end, or says which chunk is broken
    score = _parse(data)
    notes = sorted(
        (note.start, note.pitch, note.duration, note.velocity)
        for track in score.tracks
        if not track.is_drum
        for note in track.notes
    )
    if not notes:
        raise InvalidMidi("The file has no pitched notes.")
    if notes[0][0] < 0:
        raise InvalidMidi("The file lasts longer than its own clock can count.")
    bars = -(-max(start + duration for start, _, duration, _ in notes) // TICKS_PER_BAR)
    if bars > MAX_BARS:
        raise InvalidMidi(f"The file lasts {bars} bars of four quarters; at most {MAX_BARS}.")
    return {
        "notes": [[start, duration, pitch, velocity] for start, pitch, duration, velocity in notes],
        "bars": bars,
        "tracks": len(score.tracks),
    }


def _parse(data: bytes) -> "ScoreTick":
    from symusic.core import ScoreTick  # noqa: PLC0415 - under the limits, its import too

    try:
        score = ScoreTick.from_midi(data)
        resampled = score.resample(TICKS_PER_QUARTER, min_dur=1)
    except (RuntimeError, OverflowError) as error:
        raise InvalidMidi(f"The file does not parse: {error}.") from error
    if len(score.tracks) > MAX_TRACKS:
        raise InvalidMidi(f"The file has {len(score.tracks)} tracks; at most {MAX_TRACKS}.")
    if score.note_num() > MAX_NOTES:
        raise InvalidMidi(f"The file has {score.note_num()} notes; at most {MAX_NOTES}.")
    return resampled


if __name__ == "__main__":
    sys.exit(main())
