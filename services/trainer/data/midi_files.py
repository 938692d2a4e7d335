"""Parser of MIDI files, which runs in child processes with resource limits.

All pitched tracks are merged into one sequence of notes in time order; drums are dropped. Limits on
file size, memory, CPU time and wall time apply before a byte is parsed. A file that kills its child
is identified and skipped.
"""

import os
import resource
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ostinato.schemas.datasets import has_music_suffix
from ostinato.schemas.notes import COMMON_TIME, TICKS_PER_BAR, TICKS_PER_QUARTER, Metre, bar_length
from services.trainer.data.parsed_file import MIN_NOTES, ParsedFile, SkipFile, Skipped, SkipReason
from services.trainer.data.piece import Notes
from services.trainer.data.process_pool import map_batches
from services.trainer.data.tracking import Track
from shared.midi.faults import MAX_BARS, MAX_BYTES, UnreadableMidi
from shared.midi.reader import read_score
from shared.midi.score import Score
from shared.tokenizers.quantization import DURATION, PITCH, START, VELOCITY, bar_lines
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH, TICKS_PER_POSITION

FILES_PER_TASK = 16
"""Number of files that a child parses before it returns their notes."""
MAX_MEMORY_BYTES = 2 << 30
MAX_SECONDS = 10
"""Limit on the CPU time and on the wall time for one file."""
Metres: TypeAlias = tuple[Metre, ...]
File: TypeAlias = tuple[str, Path, Metres]
"""The name of a file, its path, and the metres that are used."""
BAR_OFFSETS = {(4, 4): {0}, (2, 2): {0}, (2, 4): {0, TICKS_PER_BAR // 2}}
"""Where the bars of a time signature may begin, so that four quarters are one bar or two bars."""


def find_midi_files(folder: Path) -> list[Path]:
    """All MIDI files below a folder, by suffix, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if has_music_suffix(path))


def relative_name(path: Path, folder: Path) -> str:
    r"""The path of a file relative to a folder; bytes that are not UTF-8 are written as \xe9."""
    return os.fsencode(path.relative_to(folder)).decode(errors="backslashreplace")


def parse_all(
    folder: Path, paths: Sequence[Path], track: Track, metres: Metres = COMMON_TIME
) -> list[ParsedFile]:
    """Parse files in child processes; their names are relative to `folder`."""
    files = [(relative_name(path, folder), path, metres) for path in paths]
    batches = [
        files[start : start + FILES_PER_TASK] for start in range(0, len(files), FILES_PER_TASK)
    ]
    parsed = map_batches(_parse_batch, batches, crashed=_crashed, initializer=_limit_memory)
    return [file for batch in track(parsed, "Parsing MIDI", len(batches)) for file in batch]


def _crashed(file: File) -> ParsedFile:
    """The result of a file that killed the process that parsed it."""
    return ParsedFile(name=file[0], skipped=Skipped(SkipReason.CRASHED))


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    """Let the kernel end this process if the next file takes longer than `MAX_SECONDS`."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MAX_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)


def _parse_batch(files: Sequence[File]) -> list[ParsedFile]:
    parsed = []
    for file in files:
        _limit_time()
        parsed.append(parse_file(*file))
    signal.setitimer(signal.ITIMER_REAL, 0)
    return parsed


def parse_file(name: str, path: Path, metres: Metres = COMMON_TIME) -> ParsedFile:
    """Parse one file of music in these metres; every error becomes a skip reason."""
    try:
        notes, of_bars, seconds = _parse(_read_bytes(path), metres)
    except SkipFile as skip:
        return ParsedFile(name=name, skipped=skip.skipped)
    except UnreadableMidi as error:
        return ParsedFile(name=name, skipped=Skipped(SkipReason(error.fault), error.detail))
    except OSError:
        return ParsedFile(name=name, skipped=Skipped(SkipReason.UNREADABLE))
    except MemoryError:
        return ParsedFile(name=name, skipped=Skipped(SkipReason.CRASHED))
    return ParsedFile(name=name, notes=notes, metres=of_bars, seconds=seconds)


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise SkipFile(SkipReason.UNREADABLE)
    if path.stat().st_size > MAX_BYTES:
        raise SkipFile(SkipReason.TOO_LARGE)
    return path.read_bytes()


def _parse(data: bytes, metres: Metres) -> tuple[Notes, Metres, float]:
    """Notes, the metres of their bars, and their duration in seconds.

    They are shifted so that the first one is in the first bar.

    Raises:
        SkipFile: the file is not used.
        UnreadableMidi: it cannot be read.
    """
    score = read_score(data)
    notes: Notes = score.pitched_notes
    if not len(notes):
        raise SkipFile(SkipReason.DRUMS_ONLY)
    shift, of_bars = _bars(score, metres)
    notes[:, START] += shift
    notes = _merge_notes(notes)
    if len(notes) < MIN_NOTES:
        raise SkipFile(SkipReason.TOO_SHORT)
    begin, end = int(notes[0, START]), int((notes[:, START] + notes[:, DURATION]).max())
    if begin == notes[-1, START]:
        raise SkipFile(SkipReason.NO_DURATION)
    lines = bar_lines(end, of_bars)
    first = int(np.searchsorted(lines, begin, side="right")) - 1
    if len(lines) - 1 - first > MAX_BARS:
        raise SkipFile(SkipReason.TOO_LONG)
    seconds = _duration_seconds(score, begin - shift, end - shift)
    notes[:, START] -= lines[first]
    return notes.astype(np.int32), of_bars[first:], seconds


def _bars(score: Score, known: Metres) -> tuple[int, Metres]:
    """Ticks of rest before the notes, and the metres of all bars; none if they are in 4/4.

    Raises:
        SkipFile: a metre is not known, or a bar is cut short.
    """
    if known == COMMON_TIME:
        return -_downbeat(score) % TICKS_PER_BAR, ()
    if not set(score.metres) <= set(known):
        raise SkipFile(SkipReason.UNKNOWN_METRE)
    for bar in score.bars[1:] if score.has_pickup else score.bars:
        if bar.length != bar_length(bar.numerator, bar.denominator):
            raise SkipFile(SkipReason.IRREGULAR_BARS)
    return score.pickup_rest, tuple(Metre(name) for name in score.metres)


def _downbeat(score: Score) -> int:
    """The start of the first full bar, with which bars of four quarters are aligned.

    Raises:
        SkipFile: they do not fit the bars of the file.
    """
    full = score.bars[1:] if score.has_pickup else score.bars
    for bar in full:
        offsets = BAR_OFFSETS.get((bar.numerator, bar.denominator))
        if offsets is None:
            raise SkipFile(SkipReason.METER)
        if (bar.start - full[0].start) % TICKS_PER_BAR not in offsets:
            raise SkipFile(SkipReason.IRREGULAR_BARS)
    return full[0].start


def _duration_seconds(score: Score, begin: int, end: int) -> float:
    """Seconds between two ticks, at the file's own tempo."""
    ticks, microseconds = np.array(score.tempos).T
    lengths = np.diff(np.clip(np.append(ticks, end), begin, end))
    return float(lengths @ microseconds) / TICKS_PER_QUARTER / 1e6


def _merge_notes(notes: Notes) -> Notes:
    """Order by start and pitch, and remove overlaps of notes with the same pitch.

    As on a piano, a repeated pitch ends the previous note. Of several notes at the same grid
    position and pitch, the longest is kept.
    """
    in_range = (notes[:, PITCH] >= LOWEST_PITCH) & (notes[:, PITCH] <= HIGHEST_PITCH)
    notes = notes[in_range & (notes[:, VELOCITY] > 0)]
    positions = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    order = np.lexsort((-notes[:, VELOCITY], -notes[:, DURATION], positions, notes[:, PITCH]))
    notes, positions = notes[order], positions[order]
    same_pitch = np.diff(notes[:, PITCH]) == 0
    first = np.append([True], ~(same_pitch & (np.diff(positions) == 0)))[: len(notes)]
    notes, positions = notes[first], positions[first]
    gaps = np.diff(positions) * TICKS_PER_POSITION
    gaps -= TICKS_PER_POSITION * (gaps > TICKS_PER_BAR)  # longer durations have a coarser grid
    repeated = np.diff(notes[:, PITCH]) == 0
    notes[:-1, DURATION][repeated] = np.minimum(notes[:-1, DURATION][repeated], gaps[repeated])
    return notes[np.lexsort((notes[:, PITCH], notes[:, START]))]
