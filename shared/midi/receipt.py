"""The receipt in generated MIDI files: everything needed to regenerate them.

It is a text meta event at the start of the first track: "ostinato " and compact JSON. Needs no MIDI
library, so the gateway can import it.
"""

import json
from dataclasses import replace
from typing import Any

from shared.errors import InvalidMidi
from shared.midi.container import read_container
from shared.midi.variable_length import decode_variable_length, encode_variable_length

TEXT_EVENT = b"\x00\xff\x01"
"""Delta time 0, meta event, text."""
PREFIX = b"ostinato "
MAX_RECEIPT_BYTES = 65_536
"""Many times the receipt of the largest request; reading a larger one would take long."""

INFILL_FORMAT = "infill-2"
"""How `shared/tokenizers/infill.py` arranges a prompt; increased when bytes would change by it."""


def melody_numerics(numerics: str, *, regenerates: bool) -> str:
    """The numerics id of a melody: that of the worker, and for regenerated bars the infill format.

    >>> melody_numerics("int8 cpu", regenerates=True)
    'int8 cpu infill-2'
    """
    return f"{numerics} {INFILL_FORMAT}" if regenerates else numerics


def embed_receipt(midi: bytes, receipt: dict[str, Any]) -> bytes:
    """The file with a receipt at the start of its first track."""
    text = PREFIX + json.dumps(receipt, separators=(",", ":"), sort_keys=True).encode("ascii")
    event = TEXT_EVENT + encode_variable_length(len(text)) + text
    container = read_container(midi)
    first, *others = container.tracks
    return replace(container, tracks=(event + first, *others)).to_bytes()


def read_receipt(midi: bytes) -> dict[str, Any] | None:
    """The receipt in a file, or None if it has none; InvalidMidi if it is malformed."""
    body = read_container(midi).tracks[0]
    if not body.startswith(TEXT_EVENT):
        return None
    length, start = decode_variable_length(body, len(TEXT_EVENT))
    text = body[start : start + length]
    if not text.startswith(PREFIX):
        return None
    if len(text) > MAX_RECEIPT_BYTES:
        raise InvalidMidi(
            f"The receipt in the file is malformed: it is larger than {MAX_RECEIPT_BYTES:,} bytes."
        )
    try:
        receipt = json.loads(text.removeprefix(PREFIX))
    except (ValueError, RecursionError) as error:
        raise InvalidMidi(f"The receipt in the file is malformed: {error}.") from error
    if not isinstance(receipt, dict):
        raise InvalidMidi("The receipt in the file is malformed: it is not a JSON object.")
    return receipt
