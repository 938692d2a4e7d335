"""The chunks and variable-length numbers of MIDI files, as bytes.

Needs no MIDI library, so the gateway can import it. Source of the format: the Standard MIDI Files
1.0 specification.
"""

from collections.abc import Iterator
from typing import NamedTuple

from shared.errors import InvalidMidi

HEADER, TRACK = b"MThd", b"MTrk"
HEADER_LENGTH = 6
MAX_LENGTH_BYTES, CONTINUATION_BIT = 4, 0x80
"""Most bytes of a variable-length number, and the bit which says that another byte follows."""


class Chunk(NamedTuple):
    """One chunk of a file."""

    kind: bytes
    body: bytes
    offset: int
    """Offset of the body in the file."""


def read_chunks(midi: bytes) -> Iterator[Chunk]:
    """The chunks of a file, the header first; InvalidMidi if one is truncated."""
    if midi[:4] != HEADER:
        raise InvalidMidi("The file does not begin with MThd: it is not a MIDI file.")
    end = 0
    while end < len(midi):
        start = end + 8
        end = start + int.from_bytes(midi[start - 4 : start], "big")
        if end > len(midi):
            kind = midi[start - 8 : start - 4].decode("latin-1")
            raise InvalidMidi(f"Chunk {kind!r} is truncated: {end - len(midi)} bytes are missing.")
        yield Chunk(midi[start - 8 : start - 4], midi[start:end], start)


def first_track(midi: bytes) -> Chunk:
    """The first track; InvalidMidi if there is none, or if any chunk is truncated."""
    header, *others = read_chunks(midi)
    if len(header.body) < HEADER_LENGTH:
        raise InvalidMidi("The header is too short.")
    tracks = [chunk for chunk in others if chunk.kind == TRACK]
    if not tracks:
        raise InvalidMidi("The file has no track.")
    return tracks[0]


def encode_variable_length(value: int) -> bytes:
    """A number in groups of seven bits, the high bit set on all but the last."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | CONTINUATION_BIT)
    return bytes(reversed(groups))


def decode_variable_length(data: bytes, offset: int) -> tuple[int, int]:
    """The number at `offset`, and the offset after it; InvalidMidi if it has no end."""
    value = 0
    for index in range(offset, min(offset + MAX_LENGTH_BYTES, len(data))):
        value = value << 7 | data[index] & 0x7F
        if not data[index] & CONTINUATION_BIT:
            return value, index + 1
    raise InvalidMidi("The length of a text in the file is invalid.")
