"""A staff with measures, voices and rests: from notes on paper to music21."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from music21 import bar, clef, instrument, key, meter, note, stream, tie
from music21.stream.makeNotation import makeBeams, makeTupletBrackets

from ostinato.schemas.notes import TICKS_PER_QUARTER
from services.trainer.engraving.note_lengths import split_note, split_rest
from services.trainer.engraving.paper_time import Measure, PaperNote

MakeElement = Callable[[PaperNote, Fraction], note.NotRest]
"""Makes a note or chord of a length in quarters."""
STEMS = ("up", "down")
"""Of the voices of a measure, in turns."""
TIES = {(False, True): "start", (True, True): "continue", (True, False): "stop"}
"""By whether a note is tied to an earlier and to a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffStyle:
    """What a staff has besides notes."""

    instrument: instrument.Instrument
    clef: clef.Clef
    sharps: int | None
    """Of its key signature; negative numbers are flats. None: it has none."""
    make_element: MakeElement


@dataclass(slots=True)
class _Part:
    """The part of a note in one measure; times are positions in the measure of full length."""

    start: int
    end: int
    note: PaperNote
    is_tied_on: bool
    is_tied_back: bool


@dataclass(slots=True)
class _Voice:
    """Notes that do not sound together, by measure."""

    end: int = 0
    parts: dict[int, list[_Part]] = field(default_factory=dict)


def engrave_staff(
    notes: Sequence[PaperNote], measures: Sequence[Measure], style: StaffStyle
) -> stream.PartStaff:
    """A staff with all measures; `notes` are in order of their starts."""
    staff = stream.PartStaff()  # type: ignore[no-untyped-call]
    voices = _voices(notes, measures)
    signature, text = meter.TimeSignature(), ""
    for index, measure in enumerate(measures):
        engraved = _measure(measure, [voice.parts.get(index, []) for voice in voices], style)
        is_new = text != (text := f"{measure.numerator}/{measure.denominator}")
        if is_new:
            signature = meter.TimeSignature(text)
        _make_beams(engraved, signature, style.clef)
        if is_new:
            engraved.timeSignature = signature
        staff.coreInsert(_quarters(measure.paper_start), engraved)
    staff.coreElementsChanged()
    _set_signatures(staff, style)
    return staff


def _make_beams(
    engraved: stream.Measure, signature: meter.TimeSignature, staff_clef: clef.Clef
) -> None:
    """Make beams and stems, which depend on the signature and the clef, and brackets of tuplets.

    Both are removed again: searched in earlier measures, they take time that grows as the square of
    the number of measures.
    """
    engraved.insert(0, staff_clef)
    engraved.insert(0, signature)
    makeBeams(engraved, inPlace=True)
    engraved.remove([staff_clef, signature])
    for voice in engraved.voices or [engraved]:
        makeTupletBrackets(voice, inPlace=True)


def _set_signatures(staff: stream.PartStaff, style: StaffStyle) -> None:
    engraved = list(staff.getElementsByClass(stream.Measure))
    staff.insert(0, style.instrument)
    engraved[0].clef = style.clef
    engraved[-1].rightBarline = bar.Barline("final")  # type: ignore[no-untyped-call]
    staff.atSoundingPitch = False  # the notes are at written pitch already
    if style.sharps is not None:
        engraved[0].keySignature = key.KeySignature(style.sharps)
        staff.makeAccidentals(inPlace=True)  # type: ignore[no-untyped-call]


def _voices(notes: Sequence[PaperNote], measures: Sequence[Measure]) -> list[_Voice]:
    """Each note is in the first voice that is free."""
    starts = [measure.paper_start for measure in measures]
    voices: list[_Voice] = []
    for paper_note in notes:
        voice = next((voice for voice in voices if voice.end <= paper_note.start), None)
        if voice is None:
            voice = _Voice()
            voices.append(voice)
        voice.end = paper_note.end
        first = bisect_right(starts, paper_note.start) - 1
        last = bisect_right(starts, paper_note.end - 1) - 1
        for index in range(first, last + 1):
            part = _in_measure(paper_note, measures[index])
            voice.parts.setdefault(index, []).append(part)
    return voices


def _in_measure(paper_note: PaperNote, measure: Measure) -> _Part:
    offset = measure.missing - measure.paper_start
    end = measure.missing + measure.length
    return _Part(
        start=max(paper_note.start + offset, measure.missing),
        end=min(paper_note.end + offset, end),
        note=paper_note,
        is_tied_on=paper_note.end + offset > end,
        is_tied_back=paper_note.start + offset < measure.missing,
    )


def _measure(
    measure: Measure, parts_of_voices: Sequence[Sequence[_Part]], style: StaffStyle
) -> stream.Measure:
    engraved = stream.Measure(number=measure.number)
    if measure.number == 0:
        engraved.showNumber = stream.enums.ShowNumber.NEVER
        engraved.paddingLeft = _quarters(measure.missing)
    elif measure.length < measure.whole_length:
        engraved.paddingRight = _quarters(measure.whole_length - measure.length)
    used = [parts for parts in parts_of_voices if parts]
    if not used:
        rest = note.Rest(quarterLength=_quarters(measure.length))
        rest.fullMeasure = True
        engraved.insert(0, rest)
    elif len(used) == 1:
        _fill(engraved, measure, used[0], style.make_element)
    else:
        for number, parts in enumerate(used):
            voice = stream.Voice(id=str(number + 1))
            _fill(voice, measure, parts, style.make_element)
            for element in voice.notes:
                element.stemDirection = STEMS[number % len(STEMS)]
            engraved.insert(0, voice)
    return engraved


def _fill(
    container: stream.Stream[note.GeneralNote],
    measure: Measure,
    parts: Sequence[_Part],
    make_element: MakeElement,
) -> None:
    """Insert the notes of one voice in a measure, with rests between them."""
    position = measure.missing
    for part in parts:
        _insert_rests(container, measure, position, part.start)
        for start, element in _elements(part, measure.compound_beat, make_element):
            container.insert(_quarters(start - measure.missing), element)
        position = part.end
    _insert_rests(container, measure, position, measure.missing + measure.length)


def _insert_rests(
    container: stream.Stream[note.GeneralNote], measure: Measure, start: int, end: int
) -> None:
    for rest_start, rest_end in split_rest(start, end, measure.compound_beat):
        rest = note.Rest(quarterLength=_quarters(rest_end - rest_start))
        container.insert(_quarters(rest_start - measure.missing), rest)


def _elements(
    part: _Part, compound_beat: int | None, make_element: MakeElement
) -> Iterator[tuple[int, note.NotRest]]:
    spans = list(split_note(part.start, part.end, compound_beat))
    for index, (start, end) in enumerate(spans):
        element = make_element(part.note, _quarters(end - start))
        is_tied_back = part.is_tied_back or index > 0
        is_tied_on = part.is_tied_on or index < len(spans) - 1
        if is_tied_back or is_tied_on:
            kind = TIES[is_tied_back, is_tied_on]
            for head in getattr(element, "notes", (element,)):
                head.tie = tie.Tie(kind)  # type: ignore[no-untyped-call]
        yield start, element


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_QUARTER)
