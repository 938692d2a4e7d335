"""One log of all programs: time, program, text; plain in a file, coloured on a terminal.

Each start begins a new file, and the one before stays beside it. On a full disk lines are lost, but
for the terminal, and no program that says them stands still. Refuses to know which programs there
are.
"""

import re
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.text import Text

COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_magenta")
LOUD = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}

OURS = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?P<level>[A-Z]+) +\S+ (?P<text>.*)$")
"""A line of `shared.logs`; its time and program are already in the merged line."""


class Log:
    """Takes lines from any thread and keeps each whole."""

    def __init__(self, path: Path, console: Console | None = None) -> None:
        if path.exists():
            path.replace(path.with_name(f"{path.name}.1"))
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._console = console
        self._colours: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; whoever writes afterwards is not heard."""
        with self._lock, suppress(OSError):
            self._file.close()

    def write(self, program: str, line: str) -> None:
        """One line of one program, stamped with the time at which we heard it."""
        day, now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3].split()
        ours = OURS.match(line)
        level, text = (ours["level"], ours["text"]) if ours else ("INFO", line)
        with self._lock:
            if self._file.closed:
                return
            with suppress(OSError):  # of a full disk: who writes here must not wait for its end
                self._file.write(f"{day} {now} {program:<11} {level:<7} {text}\n")
            if self._console is not None:
                self._show(self._console, now, program, Text(text, LOUD.get(level, "")))

    def _show(self, console: Console, now: str, program: str, text: Text) -> None:
        colour = self._colours.setdefault(program, COLOURS[len(self._colours) % len(COLOURS)])
        line = Text.assemble((f"{now} ", "dim"), (f"{program:<11} ", colour), text)
        console.print(line, soft_wrap=True)
