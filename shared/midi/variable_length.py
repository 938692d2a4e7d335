"""Numbers of variable length: seven bits a byte, the high bit on all but one.

Source: Standard MIDI Files 1.0.
"""

from shared.midi.faults import MidiFault, UnreadableMidi

MAX_LENGTH_BYTES, CONTINUATION_BIT = 4, 0x80
"""Most bytes of a number, and the bit which says that another byte follows."""


def encode_variable_length(value: int) -> bytes:
    """The bytes of a number."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | CONTINUATION_BIT)
    return bytes(reversed(groups))


def decode_variable_length(data: bytes, offset: int) -> tuple[int, int]:
    """The number at `offset`, and the offset after it.

    Raises:
        UnreadableMidi: it has no end.
    """
    if offset < len(data) and data[offset] < CONTINUATION_BIT:
        return data[offset], offset + 1
    value = 0
    for index in range(offset, min(offset + MAX_LENGTH_BYTES, len(data))):
        value = value << 7 | data[index] & 0x7F
        if not data[index] & CONTINUATION_BIT:
            return value, index + 1
    raise UnreadableMidi(MidiFault.MALFORMED, "A time or a length in the file has no end.")
