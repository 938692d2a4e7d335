"""Damaged lines of a batch: each is an item or an error with its number, however they arrive."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.schemas.batches import InvalidLines
from services.gateway.submission.batch_items import BatchItems
from services.gateway.submission.batch_lines import BOM, UTF_16_BOMS, Line, read_lines
from shared.errors import InvalidRequest
from tests.integration.hostile_input.mutations import attempt, damaged

ORIGINAL = b"\n".join(
    [
        b'{"custom_id": "a", "bars": 4, "seed": 1, "chords": {"progression": ["C", "F#m7"]}}',
        b'{"bars": 2, "count": 3, "scale": {"tonic": "D", "mode": "dorian"}, "tempo": 90}',
        b"",
        b'{"model": "mini", "sampling": {"temperature": 0.5}, "pitch_range": {"lowest": 40}}',
    ]
)


async def chunks_of(data: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    """The data in parts of these sizes, and then the rest."""
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


async def lines_of(data: bytes, sizes: list[int]) -> list[Line]:
    return [line async for lines in read_lines(chunks_of(data, sizes)) for line in lines]


@settings(max_examples=300, deadline=None)
@given(
    damaged([ORIGINAL, BOM + ORIGINAL, ORIGINAL.replace(b"\n", b"\r\n")]),
    st.lists(st.integers(0, 40), max_size=12),
)
def test_damaged_lines_are_requests_or_errors(data: bytes, sizes: list[int]) -> None:
    lines = attempt(lambda: asyncio.run(lines_of(data, sizes)), InvalidRequest)
    if isinstance(lines, InvalidRequest):
        assert data.startswith(UTF_16_BOMS), lines
        return
    expected = [text.strip() for text in data.removeprefix(BOM).split(b"\n")]
    assert lines == [(number, text) for number, text in enumerate(expected, start=1) if text]
    parsed = BatchItems("mini", InvalidLines.REJECT).parse(lines)
    assert [number for number, _ in parsed] == [number for number, _ in lines]
