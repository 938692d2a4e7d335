"""Whether somebody else's MIDI file can be used, found out in a child process with limits.

The parser is native code and the file may be made to break it, so it never runs in this process.
Standard library only. Refuses to know what is wrong with a file: the child says.
"""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass

from ostinato.schemas.notes import Note
from shared.errors import InvalidMidi

INSPECTOR = "shared.midi.inspect"
REFUSED = 2
MAX_SECONDS = 20.0
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""All that the child gets to see of ours: no secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file turned out to be."""

    notes: tuple[Note, ...]
    """Of all pitched tracks, in order of start and pitch."""
    bars: int
    """Bars of four quarters, the last one rounded up."""
    tracks: int


async def inspect(data: bytes, max_seconds: float = MAX_SECONDS) -> Inspection:
    """Read a file; InvalidMidi with what is broken, or with the limit that it exceeds."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", INSPECTOR),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(max_seconds):
            answer, _ = await child.communicate(data)
    except TimeoutError as error:
        raise InvalidMidi(f"The file takes longer than {max_seconds:g} s to read.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _understand(child.returncode, answer)


def _understand(status: int | None, answer: bytes) -> Inspection:
    if status == REFUSED:
        raise InvalidMidi(json.loads(answer)["error"])
    if status != 0:
        raise InvalidMidi(f"The file breaks the parser: {_cause(status or 0)}.")
    found = json.loads(answer)
    notes = tuple(Note(*note) for note in found["notes"])
    return Inspection(notes=notes, bars=found["bars"], tracks=found["tracks"])


def _cause(status: int) -> str:
    if status == -signal.SIGXCPU:
        return "it takes too much time to read"
    if status < 0:
        return signal.strsignal(-status) or f"signal {-status}"
    return f"status {status}"
