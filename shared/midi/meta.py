"""MIDI files as chunks of bytes, and the receipt that our own carry: how to make them again.

Standard library only, so that everybody may import it. It walks the chunks and the meta events at
the head of a track, and refuses to know notes: `inspect` does, in a process of its own.

The receipt is a text meta event at the very beginning: "ostinato " and compact JSON. Source of the
format: the Standard MIDI Files 1.0 specification.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from shared.errors import InvalidMidi

HEADER, TRACK = b"MThd", b"MTrk"
HEADER_LENGTH = 6
TEXT_EVENT = b"\x00\xff\x01"
"""At once, a meta event: text."""
MARK = b"ostinato "
MAX_LENGTH_BYTES, CONTINUES = 4, 0x80
"""Of a variable-length number: the bit says that another byte follows."""


class Chunk(NamedTuple):
    """One chunk of a file."""

    kind: bytes
    body: bytes
    begin: int
    """Where the body begins in the file."""


def chunks(midi: bytes) -> Iterator[Chunk]:
    """The chunks of a file, its header first; InvalidMidi if one is cut short."""
    if midi[:4] != HEADER:
        raise InvalidMidi("The file does not begin with MThd: it is no MIDI file.")
    at = 0
    while at < len(midi):
        begin = at + 8
        at = begin + int.from_bytes(midi[begin - 4 : begin], "big")
        if at > len(midi):
            kind = midi[begin - 8 : begin - 4].decode("latin-1")
            raise InvalidMidi(f"Chunk {kind!r} is cut short: {at - len(midi)} bytes are missing.")
        yield Chunk(midi[begin - 8 : begin - 4], midi[begin:at], begin)


def write_receipt(midi: bytes, receipt: dict[str, Any]) -> bytes:
    """The file with a receipt at the beginning of its first track."""
    text = MARK + json.dumps(receipt, separators=(",", ":"), sort_keys=True).encode("ascii")
    event = TEXT_EVENT + _variable_length(len(text)) + text
    track = _first_track(midi)
    length = (len(event) + len(track.body)).to_bytes(4, "big")
    return midi[: track.begin - 4] + length + event + midi[track.begin :]


def read_receipt(midi: bytes) -> dict[str, Any] | None:
    """The receipt in a file, or None if it is not one of ours; InvalidMidi if it is broken."""
    body = _first_track(midi).body
    if not body.startswith(TEXT_EVENT):
        return None
    length, begin = _read_variable_length(body, len(TEXT_EVENT))
    text = body[begin : begin + length]
    if not text.startswith(MARK):
        return None
    try:
        receipt = json.loads(text.removeprefix(MARK))
    except (ValueError, RecursionError) as error:
        raise InvalidMidi(f"The receipt in the file is broken: {error}.") from error
    if not isinstance(receipt, dict):
        raise InvalidMidi("The receipt in the file is broken: it is no JSON object.")
    return receipt


def _first_track(midi: bytes) -> Chunk:
    """The first track; all chunks are walked, so that a broken one is found."""
    header, *rest = chunks(midi)
    if len(header.body) < HEADER_LENGTH:
        raise InvalidMidi("The header is too short.")
    tracks = [chunk for chunk in rest if chunk.kind == TRACK]
    if not tracks:
        raise InvalidMidi("The file has no track.")
    return tracks[0]


def _variable_length(value: int) -> bytes:
    """A number in groups of seven bits, the high bit set on all but the last."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | CONTINUES)
    return bytes(reversed(groups))


def _read_variable_length(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = 0
    for end in range(at, min(at + MAX_LENGTH_BYTES, len(data))):
        value = value << 7 | data[end] & 0x7F
        if not data[end] & CONTINUES:
            return value, end + 1
    raise InvalidMidi("The length of a text in the file is broken.")
