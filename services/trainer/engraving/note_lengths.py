"""Splits notes and rests into lengths that can be written and show the beats.

Positions are ticks of 1/480 quarter note from the start of a measure of full length.
"""

from collections.abc import Iterator

from ostinato.schemas.notes import TICKS_PER_QUARTER
from services.trainer.engraving.paper_time import EIGHTH, THIRTY_SECOND

Span = tuple[int, int]
"""Start and end of a note or rest in its measure."""

PLAIN_LENGTHS = frozenset(THIRTY_SECOND << power for power in range(7))
"""From a thirty-second to a breve."""
LENGTHS = PLAIN_LENGTHS | frozenset(3 * length // 2 for length in PLAIN_LENGTHS if length < 3840)  # noqa: PLR2004
"""With those that have a dot."""
BOUNDARIES = tuple(THIRTY_SECOND << power for power in reversed(range(13)))
"""The longest measure has 256 quarters."""
LONGEST_REST = 4 * TICKS_PER_QUARTER


def split_note(start: int, end: int, compound_beat: int | None) -> Iterator[Span]:
    """Parts of a note, to be tied; `compound_beat` is the length of a dotted beat, if there are."""
    for part in _at_thirds(start, end):
        if part[0] % THIRTY_SECOND or part[1] % THIRTY_SECOND:
            yield part
        elif compound_beat is None:
            yield from _simple(*part)
        else:
            yield from _compound(*part, compound_beat)


def split_rest(start: int, end: int, compound_beat: int | None) -> Iterator[Span]:
    """Parts of a rest: none has a dot, but for dotted beats."""
    beat = compound_beat or LONGEST_REST
    for part_start, part_end in _at_thirds(start, end):
        position = part_start
        if part_start % THIRTY_SECOND or part_end % THIRTY_SECOND:
            yield part_start, part_end
            continue
        while position < part_end:
            length = _rest_length(position % beat, part_end - position, compound_beat)
            yield position, position + length
            position += length


def _rest_length(position: int, longest: int, compound_beat: int | None) -> int:
    if compound_beat is not None and position == 0 and longest >= compound_beat:
        return compound_beat
    lengths = (length for length in PLAIN_LENGTHS if length <= LONGEST_REST)
    return max(
        length
        for length in lengths
        if position % length == 0
        and length <= longest
        and (compound_beat is None or position + length <= compound_beat)
    )


def _at_thirds(start: int, end: int) -> Iterator[Span]:
    """Split at the ends of beats that are divided into thirds."""
    if start < end and start % THIRTY_SECOND:
        first_end = min(end, (start // TICKS_PER_QUARTER + 1) * TICKS_PER_QUARTER)
        yield start, first_end
        start = first_end
    last_start = end // TICKS_PER_QUARTER * TICKS_PER_QUARTER
    if end % THIRTY_SECOND and last_start > start:
        yield start, last_start
        start = last_start
    if start < end:
        yield start, end


def _simple(start: int, end: int) -> Iterator[Span]:
    beat_end = (start // TICKS_PER_QUARTER + 1) * TICKS_PER_QUARTER
    if start % EIGHTH and beat_end < end:
        yield from _simple(start, beat_end)
        yield from _simple(beat_end, end)
    elif end - start in LENGTHS:
        yield start, end
    else:
        strongest = next(
            boundary for length in BOUNDARIES if (boundary := (start // length + 1) * length) < end
        )
        yield from _simple(start, strongest)
        yield from _simple(strongest, end)


def _compound(start: int, end: int, beat: int) -> Iterator[Span]:
    """Notes of whole beats where they begin at a beat; others end with their beat."""
    while start < end:
        into_beat = start % beat
        num_beats = 0 if into_beat else (end - start) // beat
        length = beat << (num_beats.bit_length() - 1) if num_beats else beat - into_beat
        part_end = min(end, start + length)
        if num_beats and length in LENGTHS:
            yield start, part_end
        elif num_beats:
            part_end = start + beat
            yield from _shifted(start, part_end, start)
        else:
            yield from _shifted(start, part_end, start - into_beat)
        start = part_end


def _shifted(start: int, end: int, beat_start: int) -> Iterator[Span]:
    for part_start, part_end in _simple(start - beat_start, end - beat_start):
        yield part_start + beat_start, part_end + beat_start
