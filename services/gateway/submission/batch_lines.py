"""Splits the body of a batch into lines while it arrives."""

from collections.abc import AsyncIterator

from shared.errors import InvalidRequest

BOM = b"\xef\xbb\xbf"
UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
LINES_AT_ONCE = 500
MAX_LINE_BYTES = 100_000

Line = tuple[int, bytes]
"""The number of a line, counted from 1, and its text."""


async def read_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[Line]]:
    """Yield the lines that are not blank, at most `LINES_AT_ONCE` at a time.

    Raises:
        InvalidRequest: a line is longer than `MAX_LINE_BYTES`, or the lines are in UTF-16.
    """
    number, rest, lines = 0, b"", list[Line]()
    async for chunk in chunks:
        *complete, rest = (rest + chunk).split(b"\n")
        for text in complete:
            number += 1
            _append(lines, number, text)
            if len(lines) == LINES_AT_ONCE:
                yield lines
                lines = []
        _check_length(number + 1, rest)
    _append(lines, number + 1, rest)
    yield lines


def _append(lines: list[Line], number: int, text: bytes) -> None:
    if number == 1 and text.startswith(UTF_16_BOMS):
        raise InvalidRequest("The lines are in UTF-16; save them as UTF-8.", field="body", line=1)
    text = (text.removeprefix(BOM) if number == 1 else text).strip()
    _check_length(number, text)
    if text:
        lines.append((number, text))


def _check_length(number: int, text: bytes) -> None:
    if len(text) > MAX_LINE_BYTES:
        raise InvalidRequest(
            f"Line {number} has more than {MAX_LINE_BYTES:,} bytes; separate the lines of a batch "
            "by line feeds.",
            field="body",
            line=number,
        )
