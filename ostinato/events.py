"""The event stream of one job: ordered, without duplicates, across reconnections.

Parses server-sent events (WHATWG HTML, section 9.2).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from ostinato.errors import ClientError, ConnectionLost
from ostinato.retry import RetryBackoff
from ostinato.schemas.events import EVENT_ADAPTER, Event, JobEvent, ResyncEvent

OpenStream = Callable[[str | None], AbstractContextManager[Iterator[str]]]
"""Opens the stream after an event id (`epoch:seq`; None: from the start) and yields its lines."""


class EventStream:
    """Iterates over the events until the job ends; reconnects after the last event received."""

    def __init__(
        self,
        open_stream: OpenStream,
        backoff: RetryBackoff,
        on_keep_alive: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_keep_alive` is called about once a second while there is no event."""
        self._open_stream = open_stream
        self._on_keep_alive = on_keep_alive
        self._backoff = backoff
        self._epoch: str | None = None
        self._seq = 0
        self._ended = False

    def __iter__(self) -> Iterator[Event]:
        while not self._ended:
            try:
                yield from self._until_disconnected()
            except ClientError as error:
                self._backoff.wait(error)

    def _until_disconnected(self) -> Iterator[Event]:
        last_event_id = None if self._epoch is None else f"{self._epoch}:{self._seq}"
        with self._open_stream(last_event_id) as lines:
            for event in parse_events(self._resetting_backoff(lines)):
                if self._is_new(event):
                    self._record(event)
                    yield event
                if self._ended:
                    return
        raise ConnectionLost("The event stream ended before the job did.")

    def _resetting_backoff(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines, and reset the backoff after each, even after a keep-alive comment."""
        for line in lines:
            self._backoff.reset()
            if line.startswith(":"):
                self._on_keep_alive()
            yield line

    def _is_new(self, event: Event) -> bool:
        return event.epoch != self._epoch or event.seq > self._seq

    def _record(self, event: Event) -> None:
        self._epoch = event.epoch
        self._seq = 0 if isinstance(event, ResyncEvent) else event.seq
        self._ended = isinstance(event, JobEvent) and event.state.is_terminal


def parse_events(lines: Iterable[str]) -> Iterator[Event]:
    """The events in these lines; an event without its closing blank line is dropped."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield EVENT_ADAPTER.validate_json("\n".join(data))
            data.clear()
