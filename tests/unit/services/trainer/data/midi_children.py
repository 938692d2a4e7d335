"""Functions that children of the MIDI parser run; importing them is fast."""

import os
import resource
import signal
import time
from pathlib import Path

from services.trainer.data import midi_files
from services.trainer.data.midi_files import parse_file
from services.trainer.data.parsed_file import ParsedFile


def parse_or_die(name: str, path: Path) -> ParsedFile:
    """Parse a file, except for one name that kills the process and one that hangs."""
    if path.name == "kills.mid":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.name == "hangs.mid":
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        time.sleep(60)
    return parse_file(name, path)


def parse_batch_or_die(files: list[midi_files.File]) -> list[ParsedFile]:
    return [parse_or_die(name, path) for name, path, _ in files]


def limits_for_the_next_file() -> tuple[float, float]:
    """The seconds of CPU time and of wall time that a child may spend on its next file."""
    midi_files._limit_time()
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
    wall, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    return soft - used.ru_utime, wall
