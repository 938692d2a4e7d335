# ruff: noqa: A005 - the name is part of the command: python -m shared.midi.inspect
"""`python -m shared.midi.inspect`: parses one untrusted MIDI file.

The arguments are the first and the last bar to use, counted from 0. It reads the file from standard
input, cuts these bars out of it, and writes two lines of JSON: first the file as the service stores
it, the number of bars, the tracks with notes, and the notes of the one that most likely is the
melody; then the `PrimerScore` of the file. For an invalid file it writes the error instead, and the
exit status is 2. Limits on memory and CPU time are set before a byte is read; a process that
exceeds them is killed. If the machine runs out of memory, the kernel kills it before any service.
Only `sandbox` starts it, and no service imports it.
"""

import base64
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.schemas.notes import bar_length
from shared.errors import InvalidRequest, UserError
from shared.midi.faults import MAX_BARS, MAX_BYTES, MidiFault, UnreadableMidi

if TYPE_CHECKING:
    from shared.midi.container import Container
    from shared.midi.score import Score

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 10
EXIT_INVALID = 2
"""Exit status for an invalid file; the output has the error."""


def main() -> int:
    """Read the file, write the result, return the exit status."""
    _set_limits()
    try:
        results = _inspect(sys.stdin.buffer.read(MAX_BYTES + 1), *map(int, sys.argv[1:]))
    except UserError as error:
        results = ({"error": error.detail, **error.extra},)
    except MemoryError:
        results = ({"error": "The file needs too much memory to read."},)
    sys.stdout.write("\n".join(json.dumps(result, separators=(",", ":")) for result in results))
    return EXIT_INVALID if "error" in results[0] else 0


def _set_limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    # SIGXCPU at the first limit says why the process ends, unlike SIGKILL at the second
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # the system has no such file
        Path("/proc/self/oom_score_adj").write_text("1000")


def _inspect(data: bytes, from_bar: int = 0, to_bar: int = MAX_BARS) -> tuple[dict[str, Any], ...]:
    # Here, so that their imports are under the limits
    from shared.midi.container import read_container  # noqa: PLC0415
    from shared.midi.normalization import normalize  # noqa: PLC0415
    from shared.midi.notation import as_midi  # noqa: PLC0415
    from shared.midi.reader import read_tracks  # noqa: PLC0415

    if len(data) > MAX_BYTES:
        raise UnreadableMidi(MidiFault.TOO_LARGE, f"The file has more than {MAX_BYTES} bytes.")
    container = normalize(read_container(as_midi(data)))
    score = read_tracks(container)
    if (from_bar, to_bar) != (0, MAX_BARS):
        container = _cut(container, score, from_bar, to_bar)
        score = read_tracks(container)
    _check_bars(score)
    track = score.melodic_track
    if track is None:
        raise UnreadableMidi(
            MidiFault.DRUMS_ONLY,
            "The file has drums only; a melody needs notes of pitched instruments.",
        )
    facts = {
        "midi": base64.b64encode(container.to_bytes()).decode("ascii"),
        "notes": score.melody_notes(track).tolist(),
        "num_bars": len(score.bars),
        "time_signatures": sorted(set(score.metres)),
        "track": track,
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
    return facts, _score_fields(score, track)


def _score_fields(score: "Score", track: int) -> dict[str, Any]:
    """The fields of `PrimerScore`."""
    return {
        "tempos": score.tempo_marks,
        "bar_positions": score.bars,
        "track": track,
        "tracks": [
            {
                "name": track.name,
                "program": track.program,
                "is_drum": track.is_drum,
                "notes": track.notes.tolist(),
            }
            for track in score.tracks
        ],
    }


def _cut(container: "Container", score: "Score", from_bar: int, to_bar: int) -> "Container":
    """Some bars of a file.

    Raises:
        InvalidRequest: there are no such bars, or no note begins in them.
    """
    from shared.midi.excerpt import cut  # noqa: PLC0415

    bars = len(score.bars)
    last = bars - 1 if to_bar == MAX_BARS else to_bar
    if not from_bar <= last < bars:
        raise InvalidRequest(
            f"from_bar, to_bar: the file has {bars:,} bars, numbered from 0; name one of them or "
            "several, the first one first.",
            field="from_bar",
            maximum=bars - 1,
        )
    part = score.bars[from_bar : last + 1]
    start, end = part[0].start, part[-1].start + part[-1].length
    if not any(
        ((track.notes[:, 0] >= start) & (track.notes[:, 0] < end)).any() for track in score.tracks
    ):
        raise InvalidRequest("from_bar, to_bar: no note begins in these bars.", field="from_bar")
    return cut(container, part)


def _check_bars(score: "Score") -> None:
    """Check that no bar but the first one is cut short by a time signature.

    Raises:
        UnreadableMidi: one is.
    """
    for number, bar in enumerate(score.bars, 1):
        if bar.length != bar_length(bar.numerator, bar.denominator) and number > 1:
            raise UnreadableMidi(
                MidiFault.METRE,
                f"Bar {number}, counted from 1, is in {bar.numerator}/{bar.denominator}, and a "
                "time signature begins before its end. To use bars before or after it, name them: "
                "from_bar, to_bar.",
            )


if __name__ == "__main__":
    sys.exit(main())
