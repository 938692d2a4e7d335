"""Which channels of a file play drums."""

from shared.midi.events import CONTROLLER, SYSEX, Event

GENERAL_MIDI_DRUMS = 9
"""The channel of drums in General MIDI, counted from 0."""
BANK_SELECT = 0
GM2_DRUM_BANK = 120
XG_DRUM_BANK = 127
"""In files that turn XG on; other files use this bank for pitched instruments."""
XG_ON = b"\x4c\x00\x00\x7e\x00"
YAMAHA, ROLAND = b"\x43", b"\x41"
GS_SET = b"\x42\x12\x40"
"""Model and command of a message that sets a parameter of GS."""
GS_USE_FOR_RHYTHM = 0x15
GS_FIRST_PART = 0x10
GS_CHANNELS = (9, *range(9), *range(10, 16))
"""The channel of each part."""


class DrumChannels:
    """The channels of drums of one file."""

    def __init__(self) -> None:
        self._drums = {GENERAL_MIDI_DRUMS}
        self._in_xg_bank: set[int] = set()
        self._is_xg = False

    def note(self, event: Event) -> None:
        """Take note of an event that may make a channel one of drums, or of pitches."""
        _, status, data = event
        if status == SYSEX:
            self._note_sysex(data)
        elif status & 0xF0 == CONTROLLER and data[0] == BANK_SELECT:
            if data[1] == GM2_DRUM_BANK:
                self._drums.add(status & 0x0F)
            elif data[1] == XG_DRUM_BANK:
                self._in_xg_bank.add(status & 0x0F)

    def __contains__(self, channel: int) -> bool:
        return channel in self._drums or (self._is_xg and channel in self._in_xg_bank)

    def _note_sysex(self, data: bytes) -> None:
        maker, message = data[:1], data[2:]  # between them is the number of the device
        if maker == YAMAHA and message.startswith(XG_ON):
            self._is_xg = True
        elif maker == ROLAND and message.startswith(GS_SET):
            part, parameter, value = message[3:6].ljust(3, b"\0")
            if parameter == GS_USE_FOR_RHYTHM and part - GS_FIRST_PART in range(len(GS_CHANNELS)):
                channel = GS_CHANNELS[part - GS_FIRST_PART]
                (self._drums.add if value else self._drums.discard)(channel)
