"""Prepares an uploaded file for storage: in ticks that fit generated notes."""

from dataclasses import replace

from shared.midi.container import Container
from shared.midi.events import META, SET_TEMPO, read_events, write_events

POSITIONS_PER_QUARTER = 8
"""Generated notes begin and end on these."""
MAX_DIVISION = 0x7FFF


def normalize(container: Container) -> Container:
    """The same music with ticks per quarter note that are a multiple of the positions, if possible.

    The times of events stay the same, as fractions of a quarter note. If times were parts of a
    second, tempo events, which have no effect then, are left out.
    """
    factor = 1
    while container.division * factor % POSITIONS_PER_QUARTER:
        factor *= 2
    if container.division * factor > MAX_DIVISION:
        factor = 1
    if factor == 1 and not container.is_smpte:
        return container
    return replace(
        container,
        division=container.division * factor,
        tracks=tuple(_scale(body, factor, container.is_smpte) for body in container.tracks),
        is_smpte=False,
    )


def _scale(body: bytes, factor: int, is_smpte: bool) -> bytes:  # noqa: FBT001 - private
    return write_events(
        event._replace(tick=event.tick * factor)
        for event in read_events(body)
        if not (is_smpte and event.status == META and event.data[0] == SET_TEMPO)
    )
