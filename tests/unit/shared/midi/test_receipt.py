"""Tests of receipts, and of malformed files."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidMidi
from shared.midi.container import read_container
from shared.midi.receipt import MAX_RECEIPT_BYTES, embed_receipt, read_receipt
from tests.unit.shared.midi.raw_midi import END_OF_TRACK, NOTE, header, midi

RECEIPT = {"model": "mini", "model_sha256": "00ff", "numerics": "bf16", "seed": 2**53 - 1}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children, max_size=3),
)


def text_event(text: bytes) -> bytes:
    assert len(text) < 128
    return b"\x00\xff\x01" + bytes([len(text)]) + text


@given(st.dictionaries(st.text(), values, max_size=20))
def test_a_receipt_round_trips(receipt: dict[str, Any]) -> None:
    assert read_receipt(embed_receipt(midi(), receipt)) == receipt


def test_the_other_events_are_unchanged_and_the_chunk_length_is_updated() -> None:
    with_receipt = embed_receipt(midi(), RECEIPT)
    [body] = read_container(with_receipt).tracks
    assert body.endswith(NOTE + END_OF_TRACK)
    assert with_receipt.startswith(header())


def test_it_is_a_text_event_at_the_start_of_the_track() -> None:
    [body] = read_container(embed_receipt(midi(), {"seed": 1})).tracks
    assert body.startswith(text_event(b'ostinato {"seed":1}'))


def test_other_files_have_no_receipt() -> None:
    assert read_receipt(midi()) is None
    assert read_receipt(midi(text_event(b"Verse") + NOTE)) is None


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff", b"[" * 100])
def test_a_malformed_receipt_is_rejected(content: bytes) -> None:
    with pytest.raises(InvalidMidi, match="receipt"):
        read_receipt(midi(text_event(b"ostinato " + content)))


def test_a_deeply_nested_receipt_is_rejected() -> None:
    length = b"\x83\xd4\x69"  # 60,009
    deep = b"\x00\xff\x01" + length + b"ostinato " + b"[" * 60_000
    with pytest.raises(InvalidMidi, match="receipt"):
        read_receipt(midi(deep))


def test_a_receipt_over_the_limit_is_rejected_before_it_is_read() -> None:
    receipt = {"notes": "x" * MAX_RECEIPT_BYTES}
    with pytest.raises(InvalidMidi, match="larger than 65,536 bytes"):
        read_receipt(embed_receipt(midi(), receipt))


def test_bytes_after_the_last_track_do_not_matter() -> None:
    assert read_receipt(embed_receipt(midi(), RECEIPT) + b"\r\n") == RECEIPT


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (midi()[:-1], "Track 1 is truncated: 1 bytes"),
        (header(), "no track"),
        (midi(b"\x00\xff\x01\x80\x80\x80\x80\x80"), "a length in the file has no end"),
    ],
)
def test_the_error_says_what_is_invalid(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        read_receipt(data)
