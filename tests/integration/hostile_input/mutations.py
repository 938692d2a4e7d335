"""Strategies of hypothesis for damaged files: valid ones, cut, overwritten and repeated."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

INTERESTING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0x90, 0xF0, 0xF7, 0xFE, 0xFF)
"""The borders of the ranges that formats give a meaning to."""
MAX_EDITS = 8
T = TypeVar("T")
E = TypeVar("E", bound=Exception)


@st.composite
def damaged(draw: st.DrawFn, originals: Sequence[bytes]) -> bytes:
    """One of the originals after a few edits; sometimes bytes that were never a file."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, MAX_EDITS))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 16))
        match draw(st.sampled_from(("overwrite", "cut", "repeat", "insert", "truncate"))):
            case "overwrite":
                data[start : start + length] = draw(_bytes(length))
            case "cut":
                del data[start : start + length]
            case "repeat":
                data[start:start] = data[start : start + length]
            case "insert":
                data[start:start] = draw(_bytes(length))
            case "truncate":
                del data[start:]
    return bytes(data)


def attempt(call: Callable[[], T], error: type[E]) -> T | E:
    """What the call returns, or the error of this type that it raises."""
    try:
        return call()
    except error as raised:
        return raised


def _bytes(length: int) -> st.SearchStrategy[bytes]:
    each = st.sampled_from(INTERESTING_BYTES) | st.integers(0, 255)
    return st.lists(each, min_size=length, max_size=length).map(bytes)
