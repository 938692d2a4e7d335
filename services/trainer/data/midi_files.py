"""MIDI files as readings, in child processes that may die of them.

All pitched tracks become one stream of notes in time order; drums are left out. Limits on size,
memory, processor time and wall time hold before a byte is parsed. A file that kills its reader is
found, named, and left out. Refuses to know which files make a data set.
"""

import os
import resource
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
from rich.progress import track
from symusic.core import ScoreTick

from ostinato.schemas.notes import TICKS_PER_BAR, TICKS_PER_QUARTER
from services.trainer.data.parsed_file import (
    FEWEST_NOTES,
    MAX_BARS,
    MAX_BYTES,
    MAX_NOTES,
    MAX_TRACKS,
    Reading,
    Reason,
    Unusable,
)
from services.trainer.data.piece import Notes
from services.trainer.data.process_pool import PROCESSES, children
from shared.tokenizers.grid import DURATION, PITCH, START, VELOCITY
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH, TICKS_PER_POSITION

SUFFIXES = {".mid", ".midi"}
BATCH = 16
"""Files that a child reads before it answers."""
MAX_MEMORY = 2 << 30
MAX_SECONDS = 10
"""For one file, by the processor's clock and by the wall's."""
USUAL_QUARTER = 500_000
"""Microseconds: a file's tempo until it names one."""
SHORTEST_QUARTER = 60_000
"""Microseconds, 1,000 quarters a minute: a faster tempo (0 is one) is a slip and does not count."""


def midi_files(folder: Path) -> list[Path]:
    """Every MIDI file below a folder, by its suffix, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def name_of(path: Path, folder: Path) -> str:
    r"""What a file below a folder is called; bytes that are no UTF-8 are written as \xe9."""
    return os.fsencode(path.relative_to(folder)).decode(errors="backslashreplace")


def read_all(folder: Path, paths: Sequence[Path]) -> list[Reading]:
    """Read files in child processes, with a progress bar; names are relative to `folder`."""
    files = [(name_of(path, folder), path) for path in paths]
    batches = [files[at : at + BATCH] for at in range(0, len(files), BATCH)]
    readings = _in_children(batches, PROCESSES)
    return [one for batch in track(readings, "Reading MIDI", total=len(batches)) for one in batch]


def _in_children(batches: list[list[tuple[str, Path]]], processes: int) -> Iterator[list[Reading]]:
    """The readings of each batch; if a child dies, the batches left are read with more care."""
    done = 0
    with children(_limit_memory, processes=processes) as pool:
        try:
            for readings in pool.map(_read_batch, batches):
                yield readings
                done += 1
        except BrokenProcessPool:
            pass
    if done < len(batches):
        yield [_read_alone(file) for file in batches[done]]
        yield from _in_children(batches[done + 1 :], processes)


def _read_alone(file: tuple[str, Path]) -> Reading:
    with children(_limit_memory, processes=1) as pool:
        try:
            (reading,) = pool.submit(_read_batch, [file]).result()
        except BrokenProcessPool:
            return Reading(name=file[0], reason=Reason.DEADLY)
    return reading


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    """Let the kernel end this process if the next file takes too long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MAX_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)


def _read_batch(files: Sequence[tuple[str, Path]]) -> list[Reading]:
    readings = []
    for name, path in files:
        _limit_time()
        readings.append(read_file(name, path))
    signal.setitimer(signal.ITIMER_REAL, 0)
    return readings


def read_file(name: str, path: Path) -> Reading:
    """One file; whatever is wrong with it becomes the reason."""
    try:
        notes, seconds = _parse(_bytes_of(path))
    except Unusable as refusal:
        return Reading(name=name, reason=refusal.reason)
    except OSError:
        return Reading(name=name, reason=Reason.UNREADABLE)
    except (RuntimeError, OverflowError, MemoryError):
        return Reading(name=name, reason=Reason.BROKEN)
    return Reading(name=name, notes=notes, seconds=seconds)


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        raise Unusable(Reason.UNREADABLE)
    if path.stat().st_size > MAX_BYTES:
        raise Unusable(Reason.LARGE)
    return path.read_bytes()


def _parse(data: bytes) -> tuple[Notes, float]:
    """Notes, counted from the bar of the first, and the seconds in which they sound.

    Raises `Unusable`, or what symusic raises on a broken file.
    """
    score = ScoreTick.from_midi(data)
    if not score.ticks_per_quarter:
        raise Unusable(Reason.BROKEN)
    if len(score.tracks) > MAX_TRACKS or score.note_num() > MAX_NOTES:
        raise Unusable(Reason.CROWDED)
    if score.start() < 0:  # past 2^31 ticks the parser's clock begins anew, below nothing
        raise Unusable(Reason.LONG)
    score = _on_our_grid(score)
    notes = _merge(_pitched(score))
    if len(notes) < FEWEST_NOTES:
        raise Unusable(Reason.SHORT)
    begin, end = int(notes[0, START]), int((notes[:, START] + notes[:, DURATION]).max())
    if begin == notes[-1, START]:
        raise Unusable(Reason.TIMELESS)
    lead_in = begin // TICKS_PER_BAR * TICKS_PER_BAR
    if end - lead_in > MAX_BARS * TICKS_PER_BAR:
        raise Unusable(Reason.LONG)
    notes[:, START] -= lead_in
    return notes.astype(np.int32), _seconds(score, begin, end)


def _on_our_grid(score: ScoreTick) -> ScoreTick:
    try:
        return score.resample(TICKS_PER_QUARTER, min_dur=1)
    except OverflowError as error:  # more of our ticks than 32 bits count
        raise Unusable(Reason.LONG) from error


def _pitched(score: ScoreTick) -> Notes:
    """The notes of all tracks but drums, in 64 bits, so that no sum of them overflows."""
    tracks = [each for each in score.tracks if not each.is_drum]
    rows = [_rows(each.notes.numpy()) for each in tracks if len(each.notes)]
    return np.concatenate([np.zeros((0, 4), dtype=np.int64), *rows])


def _seconds(score: ScoreTick, begin: int, end: int) -> float:
    """From one of our ticks to another at the file's own tempo, as far as anybody can play it."""
    tempos = [(0, USUAL_QUARTER), *((tempo.time, tempo.mspq) for tempo in score.tempos)]
    ticks, quarters = np.array([tempo for tempo in tempos if tempo[1] >= SHORTEST_QUARTER]).T
    lengths = np.diff(np.clip(np.append(ticks, end), begin, end))
    return float(lengths @ quarters) / TICKS_PER_QUARTER / 1e6


def _rows(columns: dict[str, Notes]) -> Notes:
    return np.stack([columns[name] for name in ("time", "duration", "pitch", "velocity")], axis=1)


def _merge(notes: Notes) -> Notes:
    """In order of start and pitch, as one piano could play it.

    Of several notes on one place of the grid and one key the longest counts: they are one note. A
    key that is struck again ends the note before.
    """
    on_keyboard = (notes[:, PITCH] >= LOWEST_PITCH) & (notes[:, PITCH] <= HIGHEST_PITCH)
    notes = notes[on_keyboard & (notes[:, VELOCITY] > 0)]
    places = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    order = np.lexsort((-notes[:, VELOCITY], -notes[:, DURATION], places, notes[:, PITCH]))
    notes, places = notes[order], places[order]
    same_key = np.diff(notes[:, PITCH]) == 0
    first = np.append([True], ~(same_key & (np.diff(places) == 0)))[: len(notes)]
    notes, places = notes[first], places[first]
    gaps = np.diff(places) * TICKS_PER_POSITION
    gaps -= TICKS_PER_POSITION * (gaps > TICKS_PER_BAR)  # longer notes have a coarser grid
    again = np.diff(notes[:, PITCH]) == 0
    notes[:-1, DURATION][again] = np.minimum(notes[:-1, DURATION][again], gaps[again])
    return notes[np.lexsort((notes[:, PITCH], notes[:, START]))]
