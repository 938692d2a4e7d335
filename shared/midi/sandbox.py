"""Inspects an untrusted MIDI file in a child process with resource limits.

A malicious file may need much time or memory, so it is never read in this process.
"""

import asyncio
import base64
import json
import signal
import sys
from dataclasses import dataclass

from ostinato.schemas.generations import PrimerTrack
from ostinato.schemas.notes import Note
from shared.errors import InvalidMidi, InvalidRequest
from shared.midi.faults import MAX_BARS

INSPECTOR = "shared.midi.inspect"
EXIT_INVALID = 2
"""Exit status of the inspector for an invalid file, repeated here because it is not imported."""
MAX_SECONDS = 20.0
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""The child's whole environment, which has none of the service's secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The contents of a file."""

    midi: bytes
    """The file as the service stores it: its tracks, without what surrounds them."""
    notes: tuple[Note, ...]
    """Notes of the melodic track as models read them; the previous release knows no others."""
    num_bars: int
    """Number of bars, by the time signatures of the file."""
    track: int
    """Index of the track that most likely is the melody."""
    tracks: tuple[PrimerTrack, ...]
    """The tracks with notes."""
    time_signatures: tuple[str, ...]
    """The time signatures of its bars."""
    score: bytes
    """The `PrimerScore` in JSON, which no service has to parse."""

    @property
    def num_notes(self) -> int:
        """The number of notes of all tracks."""
        return sum(track.num_notes for track in self.tracks)


async def inspect_in_sandbox(
    data: bytes,
    *,
    from_bar: int = 0,
    to_bar: int | None = None,
    max_seconds: float = MAX_SECONDS,
) -> Inspection:
    """Parse these bars of a file.

    Raises:
        InvalidMidi: the file is invalid, or exceeds a limit.
        InvalidRequest: it has no such bars, or no note begins in them.
    """
    bars = map(str, (from_bar, MAX_BARS if to_bar is None else to_bar))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", INSPECTOR, *bars),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(max_seconds):
            output, _ = await child.communicate(data)
    except TimeoutError as error:
        raise InvalidMidi(f"The file takes longer than {max_seconds:g} s to read.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _parse_output(child.returncode, output)


def _parse_output(status: int | None, output: bytes) -> Inspection:
    if status == EXIT_INVALID:
        error = json.loads(output)
        kind = InvalidRequest if "field" in error else InvalidMidi
        raise kind(error.pop("error"), **error)
    if status == -signal.SIGXCPU:
        raise InvalidMidi("The file takes too much time to read.")
    if status != 0:
        raise InvalidMidi(f"The file crashes the parser: {_cause(status or 0)}.")
    facts, _, score = output.partition(b"\n")
    result = json.loads(facts)
    return Inspection(
        midi=base64.b64decode(result["midi"]),
        notes=tuple(Note(*note) for note in result["notes"]),
        num_bars=result["num_bars"],
        track=result["track"],
        tracks=tuple(PrimerTrack(**track) for track in result["tracks"]),
        time_signatures=tuple(result["time_signatures"]),
        score=score,
    )


def _cause(status: int) -> str:
    if status < 0:
        return signal.strsignal(-status) or f"signal {-status}"
    return f"status {status}"
