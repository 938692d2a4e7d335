"""How long to go on trying: a little longer each time, and not for ever.

Refuses to know what is being tried.
"""

import time

from ostinato.errors import ClientError

FIRST_DELAY = 0.1
LONGEST_DELAY = 2.0


class Patience:
    """Waits between attempts, and gives up `seconds` after the last good sign."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """A good sign: start over."""
        self._delay = FIRST_DELAY
        self._deadline = time.monotonic() + self._seconds

    def pause(self, fault: ClientError) -> None:
        """Sleep before the next attempt, at least as long as asked for; or raise `fault`."""
        delay = max(self._delay, fault.retry_after or 0.0)
        if not fault.passing or time.monotonic() + delay > self._deadline:
            raise fault
        time.sleep(delay)
        self._delay = min(2 * self._delay, LONGEST_DELAY)
