"""Where the drums of General MIDI are on a staff, and their note heads.

Positions are those of a drum kit with five lines (Weinberg 1998); hand drums have triangles.
"""

from typing import NamedTuple


class Drum(NamedTuple):
    """How one drum is written."""

    name: str
    position: str
    """Step and octave on a staff with a treble clef: E4 is the lowest line, F5 the highest."""
    notehead: str = "normal"


UNKNOWN_POSITION = "B4"
DRUMS = {
    35: Drum("Acoustic Bass Drum", "E4"),
    36: Drum("Bass Drum 1", "F4"),
    37: Drum("Side Stick", "C5", "x"),
    38: Drum("Acoustic Snare", "C5"),
    39: Drum("Hand Clap", "D5", "x"),
    40: Drum("Electric Snare", "C5"),
    41: Drum("Low Floor Tom", "G4"),
    42: Drum("Closed Hi-Hat", "G5", "x"),
    43: Drum("High Floor Tom", "A4"),
    44: Drum("Pedal Hi-Hat", "D4", "x"),
    45: Drum("Low Tom", "B4"),
    46: Drum("Open Hi-Hat", "G5", "circle-x"),
    47: Drum("Low-Mid Tom", "D5"),
    48: Drum("Hi-Mid Tom", "E5"),
    49: Drum("Crash Cymbal 1", "A5", "x"),
    50: Drum("High Tom", "F5"),
    51: Drum("Ride Cymbal 1", "F5", "x"),
    52: Drum("Chinese Cymbal", "C6", "x"),
    53: Drum("Ride Bell", "F5", "diamond"),
    54: Drum("Tambourine", "B4", "triangle"),
    55: Drum("Splash Cymbal", "A5", "diamond"),
    56: Drum("Cowbell", "E5", "triangle"),
    57: Drum("Crash Cymbal 2", "B5", "x"),
    58: Drum("Vibraslap", "B4", "diamond"),
    59: Drum("Ride Cymbal 2", "E5", "x"),
    60: Drum("High Bongo", "E5", "triangle"),
    61: Drum("Low Bongo", "C5", "triangle"),
    62: Drum("Mute High Conga", "D5", "x"),
    63: Drum("Open High Conga", "D5", "triangle"),
    64: Drum("Low Conga", "A4", "triangle"),
    65: Drum("High Timbale", "F5", "triangle"),
    66: Drum("Low Timbale", "B4", "triangle"),
    67: Drum("High Agogo", "G5", "triangle"),
    68: Drum("Low Agogo", "E5", "triangle"),
    69: Drum("Cabasa", "G4", "x"),
    70: Drum("Maracas", "A4", "x"),
    71: Drum("Short Whistle", "G5", "diamond"),
    72: Drum("Long Whistle", "G5", "diamond"),
    73: Drum("Short Guiro", "E4", "x"),
    74: Drum("Long Guiro", "E4", "x"),
    75: Drum("Claves", "F4", "x"),
    76: Drum("High Wood Block", "E5", "diamond"),
    77: Drum("Low Wood Block", "C5", "diamond"),
    78: Drum("Mute Cuica", "D5", "diamond"),
    79: Drum("Open Cuica", "D5", "diamond"),
    80: Drum("Mute Triangle", "A5", "triangle"),
    81: Drum("Open Triangle", "A5", "triangle"),
}


def drum_of(pitch: int) -> Drum:
    """How the drum of a MIDI pitch is written; General MIDI defines those from 35 to 81."""
    return DRUMS.get(pitch, Drum(f"Drum {pitch}", UNKNOWN_POSITION, "x"))
