"""An engraving: notes typeset as sheet music, delivered as a MusicXML document."""

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ostinato.schemas.deadlines import DeadlineSeconds
from ostinato.schemas.generations import is_none
from ostinato.schemas.jobs import JobError, JobState
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import (
    RELEASE_TOLERANCE,
    TICKS_PER_BAR,
    Bar,
    Note,
    TempoMark,
    bar_length,
)
from ostinato.schemas.schema import Schema

MAX_BARS = 512
"""The longest melody: 256 bars of a primer and as many generated ones."""
NONCHARACTER = 0xFFFE
"""The low bits of code points such as U+FFFE and U+FFFF, which are no characters."""
MAX_NOTES = 5_000
"""Limit on the notes on paper: a note is written again, with a tie, in each bar that it reaches."""
MAX_TRACKS = 64
MAX_MEASURES = 8_192
"""Limit on the bars of all tracks: an empty bar takes time, too."""
MAX_TEMPOS = 10_000
MAX_NAME_LENGTH = 200
MAX_NUMERATOR = 64
DENOMINATORS = frozenset((1, 2, 4, 8, 16, 32))
MIN_TEMPO, MAX_TEMPO = 1.0, 1000.0
"""Those of a tempo map; files have extreme ones."""


def printable(text: str) -> str:
    """The text without control characters and what else XML 1.0 cannot contain (section 2.2)."""
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in {"Cc", "Cs"}
        and ord(character) & NONCHARACTER != NONCHARACTER
    )


def _without_fraction(tempo: float) -> int | float:
    """Whole numbers as integers, as before: the idempotency key is bound to the JSON."""
    return int(tempo) if tempo.is_integer() else tempo


class EngravingRequest(Schema):
    """What to engrave: notes, or whole tracks, bars and tempos as `GET /v1/melodies/{id}` has them.

    They are at most 512 bars. A note counts once for each bar in which it sounds; together
    they count at most 5,000.
    """

    bar_positions: Annotated[
        Annotated[list[Bar], Field(min_length=1, max_length=MAX_BARS, fail_fast=True)] | None,
        Field(exclude_if=is_none),
    ] = None
    """The bars, without gaps from 0; a first one that is shorter than the second is a pickup. The
    last one ends at most a thirty-second before the last note. If omitted: four quarters each."""
    notes: Annotated[
        Annotated[list[Note], Field(min_length=1, max_length=MAX_NOTES, fail_fast=True)] | None,
        Field(exclude_if=is_none),
    ] = None
    """The notes of one part. Either `notes` or `tracks` is required."""
    tracks: Annotated[
        Annotated[list[MelodyTrack], Field(min_length=1, max_length=MAX_TRACKS, fail_fast=True)]
        | None,
        Field(exclude_if=is_none),
    ] = None
    """Tracks, of which each becomes a part with its name and instrument; drums are notated as
    unpitched percussion. The bars of all of them are at most 8,192."""
    tempos: Annotated[
        Annotated[list[TempoMark], Field(min_length=1, max_length=MAX_TEMPOS, fail_fast=True)]
        | None,
        Field(exclude_if=is_none),
    ] = None
    """The tempos in order, of 1 to 1,000 quarter notes per minute; the first one is at 0. If
    omitted: `tempo`."""
    title: Annotated[str, Field(max_length=200), AfterValidator(printable)] = ""
    """Printed above the music, without control characters."""
    tempo: Annotated[
        float,
        Field(ge=20, le=300),
        PlainSerializer(_without_fraction, return_type=int | float),
    ] = 120.0
    """Quarter notes per minute; of no effect with `tempos`."""
    instrument: Annotated[int, Field(ge=0, le=127)] = 0
    """General MIDI program of `notes`; keyboard instruments get two staves."""
    deadline_seconds: DeadlineSeconds | None = None
    """Seconds from acceptance until it expires, unless it has ended. If omitted: none."""

    @field_validator("tracks")
    @classmethod
    def _are_playable(cls, tracks: list[MelodyTrack] | None) -> list[MelodyTrack] | None:
        for index, track in enumerate(tracks or ()):
            if not 0 <= track.program <= 127:  # noqa: PLR2004
                raise ValueError(f"the program of track {index} is not from 0 to 127")
            if len(track.name) > MAX_NAME_LENGTH:
                raise ValueError(
                    f"the name of track {index} has more than {MAX_NAME_LENGTH} characters"
                )
        return tracks

    @field_validator("bar_positions")
    @classmethod
    def _follow_each_other(cls, bars: list[Bar] | None) -> list[Bar] | None:
        end = 0
        for index, bar in enumerate(bars or ()):
            if bar.start != end:
                raise ValueError(f"bar {index} must begin at {end}, where the one before it ends")
            if bar.numerator > MAX_NUMERATOR or bar.denominator not in DENOMINATORS:
                raise ValueError(
                    f"the time signature of bar {index} must be 1 to {MAX_NUMERATOR} beats of a "
                    "whole note to a thirty-second (denominator 1, 2, 4, 8, 16 or 32)"
                )
            if bar.length > whole_length(bar):
                raise ValueError(
                    f"bar {index} is longer than the {whole_length(bar)} ticks of its time "
                    "signature"
                )
            end = bar.start + bar.length
        return bars

    @field_validator("tempos")
    @classmethod
    def _ascend(cls, tempos: list[TempoMark] | None) -> list[TempoMark] | None:
        if not tempos:
            return tempos
        if tempos[0].start != 0:
            raise ValueError("the first tempo must be at 0")
        if any(not MIN_TEMPO <= mark.tempo <= MAX_TEMPO for mark in tempos):
            raise ValueError("a tempo must be 1 to 1,000 quarter notes per minute")
        if any(later.start <= earlier.start for earlier, later in pairwise(tempos)):
            raise ValueError("each tempo must begin after the one before it")
        return tempos

    @field_validator("notes")
    @classmethod
    def _are_of_bounded_length(
        cls, notes: list[Note] | None, info: ValidationInfo
    ) -> list[Note] | None:
        if notes is not None and "bar_positions" in info.data:
            labelled = [(f"note {index}", note) for index, note in enumerate(notes)]
            _Bars(info.data["bar_positions"]).check(labelled)
        return notes

    @field_validator("tracks")
    @classmethod
    def _have_a_bounded_number_of_notes(
        cls, tracks: list[MelodyTrack] | None, info: ValidationInfo
    ) -> list[MelodyTrack] | None:
        if tracks is None or "bar_positions" not in info.data:
            return tracks
        labelled = [
            (f"note {index} of track {number}", note)
            for number, track in enumerate(tracks)
            for index, note in enumerate(track.notes)
        ]
        if not labelled:
            raise ValueError("they have no notes")
        num_bars = _Bars(info.data["bar_positions"]).check(labelled)
        if len(tracks) * num_bars > MAX_MEASURES:
            raise ValueError(
                f"{len(tracks)} tracks of {num_bars} bars have more than {MAX_MEASURES:,} bars; "
                "engrave fewer tracks, or engrave them in parts"
            )
        return tracks

    @model_validator(mode="after")
    def _has_either_notes_or_tracks(self) -> Self:
        if (self.notes is None) == (self.tracks is None):
            raise ValueError("notes: pass either notes or tracks")
        return self


class _Bars:
    """The bars of a request, of four quarters each unless it has others."""

    def __init__(self, bars: Sequence[Bar] | None) -> None:
        self._bars = bars
        self._starts = [bar.start for bar in bars or ()]

    def check(self, labelled: Sequence[tuple[str, Note]]) -> int:
        """Check notes, each with what an error calls it; return the number of bars.

        Raises:
            ValueError: a note is not within the bars, or the notes or bars are too many.
        """
        if self._bars is None:
            num_bars = self._check_number(labelled)
        else:
            num_bars = len(self._bars)
            self._check_end(labelled, self._bars[-1].start + self._bars[-1].length)
        written = sum(self._index(_end(note) - 1) - self._index(note.start) for _, note in labelled)
        written += len(labelled)
        if written > MAX_NOTES:
            raise ValueError(
                f"counted once for each bar in which they sound, these are {written:,} "
                f"notes, and an engraving has at most {MAX_NOTES:,}; shorten long notes, "
                "or engrave them in parts"
            )
        return num_bars

    def _check_number(self, labelled: Sequence[tuple[str, Note]]) -> int:
        label, last = max(labelled, key=lambda pair: _end(pair[1]))
        bars = self._index(_end(last) - 1) + 1
        if bars > MAX_BARS:
            raise ValueError(
                f"{label} ends in bar {bars:,}, and an engraving has at most {MAX_BARS} "
                "bars of four quarters; engrave it in parts"
            )
        return bars

    def _check_end(self, labelled: Sequence[tuple[str, Note]], end: int) -> None:
        for label, note in labelled:
            if note.start >= end or _end(note) > end + RELEASE_TOLERANCE:
                raise ValueError(f"{label} is not within the bars, which end at {end}")

    def _index(self, tick: int) -> int:
        """The bar in which a tick is."""
        if self._bars is None:
            return tick // TICKS_PER_BAR
        return bisect_right(self._starts, tick) - 1


def whole_length(bar: Bar) -> int:
    """Ticks of a bar of this time signature that is not cut."""
    return bar_length(bar.numerator, bar.denominator)


def _end(note: Note) -> int:
    return note.start + note.duration


class Engraving(Schema):
    """One engraving; `GET /v1/engravings/{id}.musicxml` returns the document."""

    id: UUID
    """Also the id of its job: `/v1/jobs/{id}/events` reports its end."""
    state: JobState
    error: JobError | None = None
    """Why it failed; null in any other state."""
    created_at: datetime
    finished_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the state is final."""
        return self.state.is_terminal
