"""Inspects an untrusted MIDI file in a child process with resource limits.

A malicious file may need much time or memory, so it is never read in this process.
"""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass, replace

from ostinato.schemas.generations import PrimerTrack
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.errors import InvalidMidi

INSPECTOR = "shared.midi.inspect"
EXIT_INVALID = 2
"""Exit status of the inspector for an invalid file, repeated here because it is not imported."""
MAX_SECONDS = 20.0
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""The child's whole environment, which has none of the service's secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The contents of a file."""

    notes: tuple[Note, ...]
    """Notes of all tracks except drums, sorted by start and pitch."""
    num_bars: int
    """Number of bars, by the time signatures of the file."""
    tracks: tuple[PrimerTrack, ...]
    """The tracks with notes."""


def cut(inspection: Inspection, from_bar: int, to_bar: int | None) -> Inspection:
    """The notes that begin in these bars, counted from 0; none outlasts the last of them."""
    last = inspection.num_bars - 1 if to_bar is None else min(to_bar, inspection.num_bars - 1)
    start, end = from_bar * TICKS_PER_BAR, (last + 1) * TICKS_PER_BAR
    notes = tuple(
        note._replace(start=note.start - start, duration=min(note.duration, end - note.start))
        for note in inspection.notes
        if start <= note.start < end
    )
    return replace(inspection, notes=notes, num_bars=last + 1 - from_bar)


async def inspect_in_sandbox(data: bytes, max_seconds: float = MAX_SECONDS) -> Inspection:
    """Parse a file; InvalidMidi names what is invalid, or the limit that it exceeds."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", INSPECTOR),
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
        raise InvalidMidi(json.loads(output)["error"])
    if status != 0:
        raise InvalidMidi(f"The file crashes the parser: {_cause(status or 0)}.")
    result = json.loads(output)
    notes = tuple(Note(*note) for note in result["notes"])
    tracks = tuple(PrimerTrack(**track) for track in result["tracks"])
    return Inspection(notes=notes, num_bars=result["num_bars"], tracks=tracks)


def _cause(status: int) -> str:
    if status == -signal.SIGXCPU:
        return "it takes too much time to read"
    if status < 0:
        return signal.strsignal(-status) or f"signal {-status}"
    return f"status {status}"
