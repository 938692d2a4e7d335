"""The merged log: whole lines, each with its time and program once."""

import re
import threading
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.log import Log


def test_a_line_of_a_service_keeps_its_level_and_loses_its_time(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        log.write("worker", "2026-11-23 12:46:04,933 WARNING worker engine: slow step")
    _date, _time, program, level, *text = (tmp_path / "log").read_text().split()
    assert (program, level, text) == ("worker", "WARNING", ["engine:", "slow", "step"])


def test_a_json_line_is_written_as_it_is(tmp_path: Path) -> None:
    terminal = StringIO()
    line = '{"time": "2026-11-23T12:46:04+00:00", "level": "ERROR", "program": "worker"}'
    with Log(tmp_path / "log", Console(file=terminal, width=200)) as log:
        log.write("worker", line)
    assert (tmp_path / "log").read_text() == f"{line}\n"
    assert line in terminal.getvalue()


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    (tmp_path / "log").touch(mode=0o644)  # of an earlier release
    Log(tmp_path / "log").close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"log": 0o600, "log.1": 0o600}


def test_a_line_in_the_file_has_a_date(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        log.write("worker", "ready")
    line = (tmp_path / "log").read_text()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} worker ", line)


def test_each_start_creates_a_new_file_and_keeps_the_previous_one(tmp_path: Path) -> None:
    for line in ("first", "second", "third"):
        with Log(tmp_path / "log") as log:
            log.write("stack", line)
    assert {path.name for path in tmp_path.iterdir()} == {"log", "log.1"}
    assert (tmp_path / "log").read_text().split()[-1:] == ["third"]
    assert (tmp_path / "log.1").read_text().split()[-1:] == ["second"]
    assert "first" not in (tmp_path / "log.1").read_text()


def test_a_large_file_is_kept_as_the_previous_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.log.MAX_BYTES", 500)
    with Log(tmp_path / "log") as log:
        for number in range(40):
            log.write("stack", f"line {number}")
    assert {path.name for path in tmp_path.iterdir()} == {"log", "log.1"}
    assert all(path.stat().st_size < 600 for path in tmp_path.iterdir())
    assert "line 39" in (tmp_path / "log").read_text()


def test_the_terminal_shows_the_lines_of_the_file(tmp_path: Path) -> None:
    terminal = StringIO()
    with Log(tmp_path / "log", Console(file=terminal, width=20)) as log:
        log.write("valkey", "a line that is longer than [the] terminal is wide")
    assert (
        terminal.getvalue().split()[1:]
        == ((tmp_path / "log").read_text().replace(" INFO ", " ").split()[2:])
    )


def test_lines_of_several_threads_are_not_interleaved(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for _ in range(50):
            log.write(name, name * 50)

    with Log(tmp_path / "log") as log:
        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert len(lines) == 200
    assert all(text == program * 50 for _date, _time, program, _level, text in lines)


def test_a_closed_log_drops_lines_without_an_error(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.close()
    log.write("worker", "too late")
    assert (tmp_path / "log").read_text() == ""


def test_a_reader_that_ended_stops_no_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make up | head`; rich raises SystemExit, which would end the thread of a program."""

    class ClosedPipe(StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

    def on_broken_pipe(_console: Console) -> None:
        raise SystemExit(1)

    monkeypatch.setattr(Console, "on_broken_pipe", on_broken_pipe)
    with Log(tmp_path / "log", Console(file=ClosedPipe())) as log:
        log.write("worker", "first")
        log.write("worker", "second")
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def test_on_a_full_disk_the_terminal_still_shows_every_line(tmp_path: Path) -> None:
    terminal = StringIO()
    with (
        Path("/dev/full").open("w", buffering=1, encoding="utf-8") as full,
        Log(tmp_path / "log", Console(file=terminal)) as log,
    ):
        log._file.close()
        log._file = full
        log.write("worker", "first")
        log.write("worker", "second")
    assert terminal.getvalue().split()[2::3] == ["first", "second"]
