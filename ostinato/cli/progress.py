"""The progress of a job on standard error: a bar on a terminal, elsewhere lines."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.events import Event, JobEvent, ProgressEvent

LINE_SECONDS = 10.0
"""Seconds between two lines about the same stage, where there is no terminal."""
MIN_BAR_WIDTH = 10


def progress_console() -> Console:
    """The console of progress: standard error, so that standard output has results only."""
    return Console(stderr=True)


class ProgressDisplay:
    """Shows one job at a time: its stage, the share that is done, and a detail."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=MIN_BAR_WIDTH)),
            TextColumn("{task.fields[detail]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            expand=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1.0, detail="")
        self._stage = ""
        self._text = self._printed = ""
        self._printed_at = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._print_line()
        self._bar.stop()

    def update(
        self, stage: str, share: float = 0.0, detail: str = "", *, is_news: bool = False
    ) -> None:
        """Show a new state of the job; as a line at once if its stage, or `is_news`, is new."""
        self._bar.update(self._task, description=stage, completed=share, detail=detail)
        is_new_stage = stage != self._stage
        self._stage, self._text = stage, f"{stage}: {detail}" if detail else stage
        if is_new_stage or is_news or time.monotonic() - self._printed_at > LINE_SECONDS:
            self._print_line()

    def _print_line(self) -> None:
        """Print the state as a line, unless it was printed or there is a bar."""
        if self._console.is_terminal or self._text == self._printed:
            return
        self._console.print(self._text, markup=False, highlight=False, soft_wrap=True)
        self._printed, self._printed_at = self._text, time.monotonic()


def follow(
    client: Client,
    job_id: UUID,
    console: Console,
    on_keep_alive: Callable[[], None] = lambda: None,
) -> Iterator[Event]:
    """The events of a job until it ends, or until its stream is unavailable.

    `on_keep_alive` is called about once a second while there is no event.
    """
    try:
        yield from client.events(job_id, on_keep_alive=on_keep_alive)
    except ClientError as error:
        if not error.is_transient:
            raise
        console.print("The event stream is unavailable; polling the job.", style="yellow")


def show_stages(client: Client, job_id: UUID, console: Console) -> None:
    """Show the stages of an evaluation or a data set import until its end."""
    with ProgressDisplay(console) as display:
        for event in follow(client, job_id, console):
            if isinstance(event, JobEvent):
                display.update(event.state, share=float(event.state.is_terminal))
            elif isinstance(event, ProgressEvent):
                display.update(event.stage, event.progress, f"{event.progress:.0%}")
