# ruff: noqa: A005 - the name is part of the command: python -m shared.midi.inspect
"""`python -m shared.midi.inspect`: parses one untrusted MIDI file.

Reads the file from standard input and writes a line of JSON: the notes of all tracks except drums,
the number of bars, and the number of tracks. For an invalid file it writes the error instead, and
the exit status is 2. Limits on memory and CPU time are set before a byte is read and before the
parser is imported; a process that exceeds them is killed. If the machine runs out of memory, the
kernel kills it before any service. Only `sandbox` starts it, and no service imports it.
"""

import json
import math
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.schemas.notes import TICKS_PER_BAR, TICKS_PER_QUARTER
from shared.errors import InvalidMidi
from shared.midi.chunks import read_chunks

if TYPE_CHECKING:
    from symusic.core import ScoreTick

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 10
MAX_BYTES = 16 << 20
MAX_TRACKS = 256
MAX_NOTES = 100_000
MAX_BARS = 4096
EXIT_INVALID = 2
"""Exit status for an invalid file; the output has the error."""


def main() -> int:
    """Read the file, write the result, return the exit status."""
    _set_limits()
    try:
        result = _inspect(sys.stdin.buffer.read(MAX_BYTES + 1))
    except InvalidMidi as error:
        result = {"error": error.detail}
    except MemoryError:
        result = {"error": "The file needs too much memory to read."}
    sys.stdout.write(json.dumps(result, separators=(",", ":")))
    return EXIT_INVALID if "error" in result else 0


def _set_limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    # SIGXCPU at the first limit says why the process ends, unlike SIGKILL at the second
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # the system has no such file
        Path("/proc/self/oom_score_adj").write_text("1000")


def _inspect(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise InvalidMidi(f"The file has more than {MAX_BYTES} bytes.")
    for _ in read_chunks(data):
        pass  # raises if a chunk is truncated
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
        raise InvalidMidi("The file is too long: its times overflow.")
    num_bars = math.ceil(max(start + length for start, _, length, _ in notes) / TICKS_PER_BAR)
    if num_bars > MAX_BARS:
        raise InvalidMidi(
            f"The file lasts {num_bars} bars of four quarter notes; at most {MAX_BARS}."
        )
    return {
        "notes": [[start, duration, pitch, velocity] for start, pitch, duration, velocity in notes],
        "num_bars": num_bars,
        "num_tracks": len(score.tracks),
    }


def _parse(data: bytes) -> "ScoreTick":
    from symusic.core import ScoreTick  # noqa: PLC0415 - its import has to be under the limits

    try:
        score = ScoreTick.from_midi(data)
        resampled = score.resample(TICKS_PER_QUARTER, min_dur=1)
    except (RuntimeError, OverflowError) as error:
        raise InvalidMidi(f"The file cannot be parsed: {error}.") from error
    if len(score.tracks) > MAX_TRACKS:
        raise InvalidMidi(f"The file has {len(score.tracks)} tracks; at most {MAX_TRACKS}.")
    if score.note_num() > MAX_NOTES:
        raise InvalidMidi(f"The file has {score.note_num()} notes; at most {MAX_NOTES}.")
    return resampled


if __name__ == "__main__":
    sys.exit(main())
