"""MIDI files byte by byte, for malformed files."""

import struct

END_OF_TRACK = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x50\x60\x80\x3c\x50"
"""Middle C, 96 ticks long."""

DRUM = b"\x00\x99\x26\x50\x60\x89\x26\x50"
"""A snare drum, 96 ticks long."""
LATE = b"\x8f\xff\xff\x7f\x90\x3c\x50\x60\x80\x3c\x50"
"""Middle C after 2**25 - 1 ticks, which are 17,477 bars."""


def header(tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">IHHH", 6, 1, tracks, division)


def track(events: bytes) -> bytes:
    return b"MTrk" + struct.pack(">I", len(events)) + events


def midi(events: bytes = NOTE, division: int = 480) -> bytes:
    """A file of one track with these events."""
    return header(division=division) + track(events + END_OF_TRACK)
