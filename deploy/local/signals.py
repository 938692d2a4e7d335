"""SIGINT, SIGTERM and SIGHUP all mean: come down in good order, now.

Refuses to know what is to be brought down; whoever holds it gets a KeyboardInterrupt.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

STOPPING = threading.Event()
"""A signal has come. A KeyboardInterrupt can be lost, in a destructor for one; this cannot."""


def stop_if_asked() -> None:
    """Come down, if a signal has come whose KeyboardInterrupt was lost."""
    if STOPPING.is_set():
        raise KeyboardInterrupt


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """The first signal interrupts; those that follow cannot cut the coming down short."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        STOPPING.set()
        raise KeyboardInterrupt

    STOPPING.clear()
    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
