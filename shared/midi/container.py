"""The tracks of a MIDI file, without what surrounds them.

Accepts RIFF (.rmi), bytes after the last track, unknown chunks, wrong numbers of tracks, and the
independent tracks of format 2, which follow each other here. Source: Standard MIDI Files 1.0.
"""

import struct
from dataclasses import dataclass

from shared.midi.events import read_events, write_events
from shared.midi.faults import MidiFault, UnreadableMidi

HEADER, TRACK = b"MThd", b"MTrk"
CHUNK_HEADER_LENGTH, HEADER_LENGTH = 8, 6
RIFF_KIND, RIFF_OFFSET = b"RMID", 12
"""The kind of a RIFF file that contains a MIDI file, and the offset of its first part."""
INDEPENDENT_TRACKS = 2
"""The format whose tracks are played one after another."""
SMPTE_BIT = 0x8000
SMPTE_QUARTERS_PER_SECOND = 2
"""Times in parts of a second are read at 120 quarters per minute."""
DROP_FRAME, DROP_FRAME_RATE = 29, 30
KNOWN = {
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"PK\x03\x04": "a zip file; unpack it first, or upload it as a data set",
    b"<": "a page or another document in XML",
    b"ID3": "an MP3 file, which is audio",
    b"RIFF": "a RIFF file without MIDI, such as a WAV file, which is audio",
    b"OggS": "an Ogg file, which is audio",
    b"fLaC": "a FLAC file, which is audio",
}
"""How files begin that are often taken for MIDI, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The tracks of a file, without what surrounds them."""

    division: int
    """Ticks per quarter note."""
    tracks: tuple[bytes, ...]
    """The body of each track: its events."""
    midi_format: int = 1
    """0 for a file of one track, or 1."""
    is_smpte: bool = False
    """Whether times are parts of a second, so that tempo events have no effect."""

    def to_bytes(self) -> bytes:
        """A file of these tracks alone."""
        numbers = self.midi_format, len(self.tracks), self.division
        header = struct.pack(">4sIHHH", HEADER, HEADER_LENGTH, *numbers)
        return header + b"".join(
            struct.pack(">4sI", TRACK, len(body)) + body for body in self.tracks
        )


def read_container(data: bytes) -> Container:
    """The tracks of a file.

    Raises:
        UnreadableMidi: it is no MIDI file, or it is truncated; the detail says what it is instead.
    """
    data = _unwrap(data)
    if data[:4] != HEADER:
        raise UnreadableMidi(MidiFault.NOT_MIDI, _what_it_is(data))
    if len(data) < CHUNK_HEADER_LENGTH + HEADER_LENGTH:
        raise UnreadableMidi(MidiFault.MALFORMED, "The header is truncated.")
    length, midi_format, _, division = struct.unpack_from(">IHHH", data, 4)
    tracks = _tracks(data, CHUNK_HEADER_LENGTH + length)
    if not tracks:
        raise UnreadableMidi(MidiFault.MALFORMED, "The file has no track.")
    is_smpte = bool(division & SMPTE_BIT)
    division = _smpte_division(division) if is_smpte else division
    if not division:
        raise UnreadableMidi(MidiFault.MALFORMED, "The file has 0 ticks per quarter note.")
    if midi_format == INDEPENDENT_TRACKS:
        tracks = _one_after_another(tracks, division)
    return Container(
        division=division,
        tracks=tuple(tracks),
        midi_format=int(midi_format > 0 or len(tracks) > 1),
        is_smpte=is_smpte,
    )


def _unwrap(data: bytes) -> bytes:
    """The MIDI file in a RIFF file (RP-029 of the MIDI Association); any other data as they are."""
    if data[:4] != b"RIFF" or data[8:RIFF_OFFSET] != RIFF_KIND:
        return data
    offset = RIFF_OFFSET
    while offset + CHUNK_HEADER_LENGTH <= len(data):
        kind, length = struct.unpack_from("<4sI", data, offset)
        offset += CHUNK_HEADER_LENGTH
        if kind == b"data":
            return data[offset : offset + length]
        offset += length + length % 2
    return data


def _what_it_is(data: bytes) -> str:
    if not data:
        return "The file is empty."
    known = [what for start, what in KNOWN.items() if data.lstrip().startswith(start)]
    detail = f"it is {known[0]}" if known else "it is not a MIDI file"
    return f"The file does not begin with MThd: {detail}."


def _tracks(data: bytes, offset: int) -> list[bytes]:
    """The bodies of the tracks; what follows them is no chunk, or a chunk of another kind."""
    tracks: list[bytes] = []
    while offset + CHUNK_HEADER_LENGTH <= len(data):
        kind, length = struct.unpack_from(">4sI", data, offset)
        start = offset + CHUNK_HEADER_LENGTH
        offset = start + length
        if kind == TRACK:
            if offset > len(data):
                missing = f"{offset - len(data)} bytes are missing"
                detail = f"Track {len(tracks) + 1} is truncated: {missing}."
                raise UnreadableMidi(MidiFault.MALFORMED, detail)
            tracks.append(data[start:offset])
    return tracks


def _smpte_division(division: int) -> int:
    """Ticks per quarter note of a division in frames per second and ticks per frame."""
    frames = 256 - (division >> 8)
    rate = DROP_FRAME_RATE if frames == DROP_FRAME else frames
    return rate * (division & 0xFF) // SMPTE_QUARTERS_PER_SECOND


def _one_after_another(tracks: list[bytes], division: int) -> list[bytes]:
    """Tracks that each begin on a bar line after the end of the one before."""
    bar = 4 * division
    shifted, start = [], 0
    for body in tracks:
        events = [event._replace(tick=event.tick + start) for event in read_events(body)]
        shifted.append(write_events(events))
        start = -(-events[-1].tick // bar) * bar
    return shifted
