"""Bounds the time from a stop request to the end of this process.

The interpreter joins the threads of executors when it exits, so one thread that never returns would
keep the process alive for ever. The limit is enforced by a thread of `faulthandler`, which needs no
lock of the interpreter.
"""

import faulthandler
import signal
from collections.abc import Callable
from types import FrameType

STANDARD_ERROR = 2
EXIT_MARGIN_SECONDS = 20.0
"""Time to release jobs, publish events and close connections after the drain, on a busy machine."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class ExitLimit:
    """The time that this process may take to exit, once it was started."""

    def __init__(self, drain_seconds: float = 0.0) -> None:
        """The process may drain for so many seconds; `EXIT_MARGIN_SECONDS` are added."""
        self._seconds = drain_seconds + EXIT_MARGIN_SECONDS
        self._is_started = False

    @property
    def is_started(self) -> bool:
        """Whether the time runs."""
        return self._is_started

    def start(self) -> None:
        """End this process after the limit; a second call does not extend it.

        Before, `Timeout` and what every thread was doing are written to standard error. The status
        is 1, or that of a segmentation fault if a thread runs meanwhile. Safe in a signal handler.
        """
        if not self._is_started:
            self._is_started = True
            # Celery replaces sys.stderr by an object without a descriptor
            faulthandler.dump_traceback_later(self._seconds, exit=True, file=STANDARD_ERROR)

    def start_on_stop_signals(self) -> None:
        """Start with the first SIGTERM or SIGINT, whose handlers are called as before.

        Call it on the main thread, after the handlers were installed.
        """
        for number in STOP_SIGNALS:
            signal.signal(number, self._wrap(signal.getsignal(number)))

    def _wrap(
        self, handler: Callable[[int, FrameType | None], object] | int | None
    ) -> Callable[[int, FrameType | None], None]:
        """A handler that starts the limit and calls `handler`."""
        assert callable(handler)  # noqa: S101 - the default action and SIG_IGN need no limit

        def start_and_handle(number: int, frame: FrameType | None) -> None:
            self.start()
            handler(number, frame)

        return start_and_handle
