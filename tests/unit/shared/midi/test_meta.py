"""Receipts in files, and files that are cut short."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidMidi
from shared.midi.meta import chunks, read_receipt, write_receipt
from tests.unit.shared.midi.files import END_OF_TRACK, NOTE, header, midi, track

RECEIPT = {"model": "mini", "model_sha256": "00ff", "numerics": "bf16", "seed": 2**53 - 1}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each, max_size=3)
)


def text_event(text: bytes) -> bytes:
    assert len(text) < 128
    return b"\x00\xff\x01" + bytes([len(text)]) + text


@given(st.dictionaries(st.text(), values, max_size=20))
def test_a_receipt_comes_back(receipt: dict[str, Any]) -> None:
    assert read_receipt(write_receipt(midi(), receipt)) == receipt


def test_the_events_behind_it_are_unchanged_and_the_chunk_has_its_new_length() -> None:
    signed = write_receipt(midi(), RECEIPT)
    _, body = chunks(signed)
    assert body.kind == b"MTrk"
    assert body.body.endswith(NOTE + END_OF_TRACK)
    assert signed.startswith(header())


def test_it_is_a_text_event_at_the_beginning_that_anybody_can_read() -> None:
    (_, body) = chunks(write_receipt(midi(), {"seed": 1}))
    assert body.body.startswith(text_event(b'ostinato {"seed":1}'))


def test_a_file_of_somebody_else_has_none() -> None:
    assert read_receipt(midi()) is None
    assert read_receipt(midi(text_event(b"Verse") + NOTE)) is None


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff", b"[" * 100])
def test_a_broken_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidMidi, match="receipt"):
        read_receipt(midi(text_event(b"ostinato " + content)))


def test_a_receipt_nested_without_end_is_refused() -> None:
    length = b"\x86\x8d\x29"  # 100,009
    deep = b"\x00\xff\x01" + length + b"ostinato " + b"[" * 100_000
    with pytest.raises(InvalidMidi, match="receipt"):
        read_receipt(midi(deep))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "MThd"),
        (b"RIFF" + midi(), "MThd"),
        (midi()[:10], "'MThd' is cut short"),
        (midi()[:-1], "'MTrk' is cut short: 1 bytes"),
        (midi() + b"MTrk\x00", "cut short"),
        (header(), "no track"),
        (b"MThd\x00\x00\x00\x02\x00\x01" + track(NOTE), "header is too short"),
        (midi(b"\x00\xff\x01\x80\x80\x80\x80\x80"), "length of a text"),
    ],
)
def test_what_is_broken_is_said(data: bytes, message: str) -> None:
    with pytest.raises(InvalidMidi, match=message):
        read_receipt(data)
