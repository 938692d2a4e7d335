"""The events of one job, heard once each and in order, however often the line breaks.

Reads server-sent events (WHATWG HTML, section 9.2). Refuses to know what the events are for.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from ostinato.errors import ClientError, ConnectionLost
from ostinato.retry import Patience
from ostinato.schemas.events import EVENT, Event, JobEvent, ResyncEvent

Listen = Callable[[str | None], AbstractContextManager[Iterator[str]]]
"""Opens the stream after a position (`epoch:seq`, None from the start) and gives its lines."""


class Subscription:
    """Iterates over the events until the job ends; where it is cut off, it subscribes anew."""

    def __init__(self, listen: Listen, patience: Patience) -> None:
        self._listen = listen
        self._patience = patience
        self._epoch: str | None = None
        self._seq = 0
        self._ended = False

    def __iter__(self) -> Iterator[Event]:
        while not self._ended:
            try:
                yield from self._until_cut()
            except ClientError as fault:
                self._patience.pause(fault)

    def _until_cut(self) -> Iterator[Event]:
        position = None if self._epoch is None else f"{self._epoch}:{self._seq}"
        with self._listen(position) as lines:
            for event in events_in(self._renewing(lines)):
                if self._is_news(event):
                    self._remember(event)
                    yield event
                if self._ended:
                    return
        raise ConnectionLost("The event stream ended before the job did.")

    def _renewing(self, lines: Iterable[str]) -> Iterator[str]:
        """Every line is a good sign, also a comment that only keeps the line open."""
        for line in lines:
            self._patience.renew()
            yield line

    def _is_news(self, event: Event) -> bool:
        return event.epoch != self._epoch or event.seq > self._seq

    def _remember(self, event: Event) -> None:
        self._epoch = event.epoch
        self._seq = 0 if isinstance(event, ResyncEvent) else event.seq
        self._ended = isinstance(event, JobEvent) and event.state.is_terminal


def events_in(lines: Iterable[str]) -> Iterator[Event]:
    """Events out of lines; one that was cut off before its blank line does not count."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield EVENT.validate_json("\n".join(data))
            data.clear()
