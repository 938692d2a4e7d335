"""The merged log of all programs: a plain file and a colored terminal copy.

Each start creates a new file and keeps the previous one as `log.1`; so does a file that has become
large. On a full disk the file loses lines, but the terminal still shows them and no program blocks.
"""

import os
import re
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self, TextIO

from rich.console import Console
from rich.text import Text

COLORS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_magenta")
LEVEL_STYLES = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}

LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?P<level>[A-Z]+) +\S+ (?P<text>.*)$")
"""A line in the format of `shared.logs`; the merged line has its time and program already."""

JSON_LINE = re.compile(r'^\{"time": "[^"]+", "level": "(?P<level>[A-Z]+)", "program": ')
"""A line in the JSON format of `shared.logs`, which is written as it is."""
FILE_MODE = 0o600
"""Only the owner of the stack reads what clients have sent and what went wrong."""

MAX_BYTES = 50_000_000
"""Size at which a new file is started; with the previous one the log occupies twice this."""


class Log:
    """Accepts lines from any thread and never interleaves them."""

    def __init__(self, path: Path, console: Console | None = None) -> None:
        self._path = path
        self._file = self._new_file()
        self._console = console
        self._colors: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; later lines are dropped."""
        with self._lock, suppress(OSError):
            self._file.close()

    def write(self, program: str, line: str) -> None:
        """Write one line of one program, with the time at which it was received."""
        day, now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3].split()
        is_json = JSON_LINE.match(line)
        match = is_json or LOG_LINE.match(line)
        level = match["level"] if match else "INFO"
        text = line if is_json or match is None else match["text"]
        with self._lock:
            if self._file.closed:
                return
            with suppress(OSError):  # the disk is full: the writing program must not block
                if self._file.tell() > MAX_BYTES:
                    previous, self._file = self._file, self._new_file()
                    previous.close()
                head = "" if is_json else f"{day} {now} {program:<11} {level:<7} "
                self._file.write(f"{head}{text}\n")
            if self._console is None:
                return
            with suppress(SystemExit):  # of rich, if the reader of a pipe has ended
                self._show(self._console, now, program, Text(text, LEVEL_STYLES.get(level, "")))

    def _new_file(self) -> TextIO:
        if self._path.exists():
            self._path.chmod(FILE_MODE)
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        return open(self._path, "w", encoding="utf-8", buffering=1, opener=_open_private)

    def _show(self, console: Console, now: str, program: str, text: Text) -> None:
        color = self._colors.setdefault(program, COLORS[len(self._colors) % len(COLORS)])
        line = Text.assemble((f"{now} ", "dim"), (f"{program:<11} ", color), text)
        console.print(line, soft_wrap=True)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)
