"""Reads MIDI files for all services: tracks, notes, bars and tempos.

So all agree on what is valid. The events themselves stay in the file: see `events`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import RELEASE_TOLERANCE, Bar
from shared.midi.bars import TimeSignature, bars_until, on_bar_lines
from shared.midi.container import Container, read_container
from shared.midi.drum_channels import DrumChannels
from shared.midi.events import (
    META,
    NOTE_ON,
    PROGRAM,
    SET_TEMPO,
    SYSEX,
    SYSTEM,
    TIME_SIGNATURE,
    TRACK_NAME,
    Event,
    read_events,
)
from shared.midi.faults import (
    MAX_BARS,
    MAX_BYTES,
    MAX_NOTES,
    MAX_TRACKS,
    MidiFault,
    UnreadableMidi,
)
from shared.midi.notation import as_midi
from shared.midi.note_pairs import pair_notes
from shared.midi.score import Score, Tempo, Track
from shared.midi.ticks import to_our_ticks

MAX_NAME_LENGTH = 100
TEMPO_LENGTH, TIME_SIGNATURE_LENGTH = 3, 2
"""Bytes of their contents that are read."""
HIGHEST_VALUE = 127
DEFAULT_MICROSECONDS_PER_QUARTER = 500_000
MIN_MICROSECONDS_PER_QUARTER = 60_000
"""1,000 quarters per minute; faster tempo events, and those with 0 microseconds, are ignored."""
MAX_DENOMINATOR_POWER = 5
"""The shortest beat is a thirty-second note."""
BEATS_WITHOUT_BARS = (1, 4)
"""The only time signature of files whose program knew beats but no bars: they are read as 4/4."""

Rows = list[tuple[int, int, int, int]]
"""Start, end, pitch and velocity, in ticks of the file."""


def read_score(data: bytes) -> Score:
    """Read a MIDI file, or a score in MusicXML or ABC.

    Raises:
        UnreadableMidi: it is none, is malformed, has no notes, or exceeds a limit.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMidi(MidiFault.TOO_LARGE, f"The file has more than {MAX_BYTES} bytes.")
    return read_tracks(read_container(as_midi(data)))


def read_tracks(container: Container) -> Score:
    """Read the tracks of a file.

    Raises:
        UnreadableMidi: they are malformed, have no notes, or exceed a limit.
    """
    return _Reader(container).score()


@dataclass(slots=True)
class _Voice:
    """The notes of one channel in one track of the file."""

    program: int
    rows: Rows = field(default_factory=list)


class _Reader:
    """Reads one file."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._drums = DrumChannels()
        self._programs: dict[int, int] = {}
        self._tempos = {0: DEFAULT_MICROSECONDS_PER_QUARTER}
        """Microseconds per quarter, by the tick at which they begin."""
        self._signatures: list[TimeSignature] = []
        self._num_notes = 0
        self._end = 0

    def score(self) -> Score:
        voices: list[tuple[int, int, str, _Voice]] = []
        for chunk, body in enumerate(self._container.tracks):
            name, channels, end = self._read(read_events(body))
            self._end = max(self._end, end)
            voices += [(chunk, number, name, voice) for number, voice in channels]
        if not voices:
            raise UnreadableMidi(MidiFault.NO_NOTES, "The file has no notes.")
        if len(voices) > MAX_TRACKS:
            raise UnreadableMidi(
                MidiFault.TOO_MANY_NOTES,
                f"The file has {len(voices)} tracks; at most {MAX_TRACKS}.",
            )
        tracks = tuple(
            Track(
                chunk=chunk,
                channel=number,
                name=name,
                program=voice.program,
                is_drum=number in self._drums,
                notes=self._notes(voice.rows),
            )
            for chunk, number, name, voice in voices
        )
        return Score(
            tracks=tracks,
            tempos=tuple(Tempo(*tempo) for tempo in sorted(self._tempos.items())),
            bars=self._bars(tracks),
        )

    def _read(self, body: Iterable[Event]) -> tuple[str, list[tuple[int, _Voice]], int]:
        """The name of a track, the voices of its channels, and its last tick."""
        voices: dict[int, _Voice] = {}
        events: list[Event] = []
        name = ""
        for event in body:  # one by one, to stop at the first note too many
            events.append(event)
            if event.status < SYSTEM:
                self._read_channel_event(voices, event)
            elif event.status == SYSEX:
                self._drums.note(event)
            elif event.status == META and event.data[0] == TRACK_NAME:
                name = name or clean_name(event.data[1:])
            elif event.status == META:
                self._read_meta(event.tick, event.data[0], event.data[1:])
        end = events[-1].tick
        for on, off in pair_notes(events):
            start, status, (pitch, velocity) = events[on]
            last = end if off is None else events[off].tick
            voices[status & 0x0F].rows.append((start, last, pitch, velocity))
        return name, sorted(voices.items()), end

    def _read_channel_event(self, voices: dict[int, _Voice], event: Event) -> None:
        tick, status, data = event
        kind, number = status & 0xF0, status & 0x0F
        if kind == NOTE_ON and data[1]:
            self._check_note(tick, *data)
            if number not in voices:
                voices[number] = _Voice(self._programs.get(number, 0))
        elif kind == PROGRAM:
            self._programs[number] = data[0] & HIGHEST_VALUE
        else:
            self._drums.note(event)

    def _check_note(self, tick: int, pitch: int, velocity: int) -> None:
        if pitch > HIGHEST_VALUE or velocity > HIGHEST_VALUE:
            raise UnreadableMidi(
                MidiFault.MALFORMED, f"The note at tick {tick} has a pitch or a velocity above 127."
            )
        self._num_notes += 1
        if self._num_notes > MAX_NOTES:
            raise UnreadableMidi(
                MidiFault.TOO_MANY_NOTES, f"The file has more than {MAX_NOTES:,} notes."
            )

    def _read_meta(self, tick: int, kind: int, content: bytes) -> None:
        if kind == SET_TEMPO and len(content) == TEMPO_LENGTH and not self._container.is_smpte:
            microseconds = int.from_bytes(content, "big")
            if microseconds >= MIN_MICROSECONDS_PER_QUARTER:
                self._tempos[self._resample(tick)] = microseconds
        elif kind == TIME_SIGNATURE and len(content) >= TIME_SIGNATURE_LENGTH:
            numerator, power = content[:TIME_SIGNATURE_LENGTH]
            if numerator and power <= MAX_DENOMINATOR_POWER:
                self._signatures.append(TimeSignature(self._resample(tick), numerator, 2**power))

    def _notes(self, rows: Rows) -> NDArray[np.int64]:
        start, end, pitch, velocity = np.array(rows, dtype=np.int64).T
        start, end = self._resample(start), self._resample(end)
        notes = np.stack((start, np.maximum(end - start, 1), pitch, velocity), axis=1)
        return notes[np.lexsort((notes[:, 1], pitch, start))]

    def _bars(self, tracks: Sequence[Track]) -> tuple[Bar, ...]:
        last_start = max(int(track.notes[-1, 0]) for track in tracks)
        last_end = max(int((track.notes[:, 0] + track.notes[:, 1]).max()) for track in tracks)
        end = max(last_start + 1, max(last_end, self._resample(self._end)) - RELEASE_TOLERANCE)
        signatures = sorted(self._signatures, key=lambda signature: signature.tick)
        if all(signature[1:] == BEATS_WITHOUT_BARS for signature in signatures):
            signatures = []
        bars = tuple(islice(bars_until(end, on_bar_lines(signatures)), MAX_BARS + 1))
        if len(bars) > MAX_BARS:
            raise UnreadableMidi(MidiFault.TOO_LONG, f"The file lasts more than {MAX_BARS:,} bars.")
        return bars

    def _resample(self, ticks: Any) -> Any:  # noqa: ANN401 - a number or an array of numbers
        return to_our_ticks(ticks, self._container.division)


def clean_name(text: bytes) -> str:
    """A text of a file, without characters that cannot be printed."""
    try:
        name = text.decode()
    except UnicodeDecodeError:
        name = text.decode("latin-1")
    printable = "".join(character for character in name if character.isprintable())
    return printable.strip()[:MAX_NAME_LENGTH]
