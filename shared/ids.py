"""Identifiers: time-ordered UUIDs (RFC 9562, version 7); primary keys sort by age."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A new UUIDv7: 60 bits of time in units of a quarter microsecond, then 62 random bits."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    noise = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | noise)
