# ruff: noqa: A005 - the name is part of the command: python -m shared.midi.inspect
"""`python -m shared.midi.inspect`: parses one untrusted MIDI file.

Reads the file from standard input and writes a line of JSON: the notes of all tracks except drums,
the number of bars, and the tracks with notes. For an invalid file it writes the error instead, and
the exit status is 2. Limits on memory and CPU time are set before a byte is read; a process that
exceeds them is killed. If the machine runs out of memory, the kernel kills it before any service.
Only `sandbox` starts it, and no service imports it.
"""

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.schemas.notes import TICKS_PER_BAR
from shared.errors import InvalidMidi
from shared.midi.faults import MAX_BYTES, MidiFault, UnreadableMidi

if TYPE_CHECKING:
    from shared.midi.score import Score

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 10
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
    # Here, so that its imports are under the limits
    import numpy as np  # noqa: PLC0415

    from shared.midi.reader import read_score  # noqa: PLC0415

    score = read_score(data)
    notes = score.pitched_notes
    if not len(notes):
        raise UnreadableMidi(
            MidiFault.DRUMS_ONLY,
            "The file has drums only; a melody needs notes of pitched instruments.",
        )
    notes[:, 0] += _pickup_rest(score)
    end = len(score.bars) * TICKS_PER_BAR
    notes[:, 1] = np.minimum(notes[:, 1], end - notes[:, 0])  # a late release
    return {
        "notes": notes.tolist(),
        "num_bars": len(score.bars),
        "tracks": [
            {
                "name": track.name,
                "program": track.program,
                "is_drum": track.is_drum,
                "num_notes": len(track.notes),
            }
            for track in score.tracks
        ],
    }


def _pickup_rest(score: "Score") -> int:
    """Ticks of rest before a first bar that is short, so that all bars last four quarters."""
    for number, bar in enumerate(score.bars, 1):
        if bar.length != TICKS_PER_BAR and not (number == 1 and score.has_pickup):
            raise UnreadableMidi(
                MidiFault.METRE,
                f"Bar {number} is in {bar.numerator}/{bar.denominator}, or is cut short; models "
                "know bars of four quarters only.",
            )
    return TICKS_PER_BAR - score.bars[0].length


if __name__ == "__main__":
    sys.exit(main())
