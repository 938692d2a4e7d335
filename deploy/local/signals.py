"""SIGINT, SIGTERM and SIGHUP request an orderly shutdown, as a KeyboardInterrupt."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SHUTDOWN_REQUESTED = threading.Event()
"""Set by the first signal. A KeyboardInterrupt can get lost, for example in a destructor."""


def raise_if_shutting_down() -> None:
    """Raise KeyboardInterrupt if that of an earlier signal was lost."""
    if SHUTDOWN_REQUESTED.is_set():
        raise KeyboardInterrupt


@contextmanager
def keyboard_interrupt_on_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt on the first signal, and ignore further ones during shutdown."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        SHUTDOWN_REQUESTED.set()
        raise KeyboardInterrupt

    SHUTDOWN_REQUESTED.clear()
    previous = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
