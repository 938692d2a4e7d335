"""Retry with exponential backoff until a deadline."""

import time

from ostinato.errors import ClientError

FIRST_DELAY = 0.1
MAX_DELAY = 2.0


class RetryBackoff:
    """Sleeps between attempts; gives up `timeout` seconds after the first error since a success."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.reset()

    def reset(self) -> None:
        """Restart the delay and the deadline after a success."""
        self._delay = FIRST_DELAY
        self._deadline: float | None = None

    def wait(self, error: ClientError) -> None:
        """Sleep before the next attempt, at least for `error.retry_after`.

        Raises:
            ClientError: `error`, if it is not transient or the deadline would pass.
        """
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._timeout
        delay = max(self._delay, error.retry_after or 0.0)
        if not error.is_transient or now + delay > self._deadline:
            raise error
        time.sleep(delay)
        self._delay = min(2 * self._delay, MAX_DELAY)
