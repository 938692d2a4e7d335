"""The merged log: whole lines, each with its time and its program, once."""

import re
import threading
from io import StringIO
from pathlib import Path

from rich.console import Console

from deploy.local.log import Log


def test_a_line_of_ours_keeps_its_level_and_loses_its_second_time(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        log.write("worker", "2026-11-23 12:46:04,933 WARNING worker engine: slow step")
    _date, _time, program, level, *text = (tmp_path / "log").read_text().split()
    assert (program, level, text) == ("worker", "WARNING", ["engine:", "slow", "step"])


def test_a_line_in_the_file_says_of_which_day_it_is(tmp_path: Path) -> None:
    with Log(tmp_path / "log") as log:
        log.write("worker", "awake")
    line = (tmp_path / "log").read_text()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} worker ", line)


def test_each_start_begins_a_new_file_and_keeps_the_one_before(tmp_path: Path) -> None:
    for start in ("first", "second", "third"):
        with Log(tmp_path / "log") as log:
            log.write("stack", start)
    assert {path.name for path in tmp_path.iterdir()} == {"log", "log.1"}
    assert (tmp_path / "log").read_text().split()[-1:] == ["third"]
    assert (tmp_path / "log.1").read_text().split()[-1:] == ["second"]
    assert "first" not in (tmp_path / "log.1").read_text()


def test_the_terminal_shows_what_the_file_holds(tmp_path: Path) -> None:
    screen = StringIO()
    with Log(tmp_path / "log", Console(file=screen, width=20)) as log:
        log.write("valkey", "a line that is longer than [the] terminal is wide")
    assert (
        screen.getvalue().split()[1:]
        == ((tmp_path / "log").read_text().replace(" INFO ", " ").split()[2:])
    )


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    def speak(name: str) -> None:
        for _ in range(50):
            log.write(name, name * 50)

    with Log(tmp_path / "log") as log:
        threads = [threading.Thread(target=speak, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert len(lines) == 200
    assert all(text == program * 50 for _date, _time, program, _level, text in lines)


def test_a_closed_log_hears_nothing_and_does_not_fail(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.close()
    log.write("worker", "too late")
    assert (tmp_path / "log").read_text() == ""


def test_a_full_disk_stops_nobody_and_the_terminal_goes_on(tmp_path: Path) -> None:
    screen = StringIO()
    with (
        Path("/dev/full").open("w", buffering=1, encoding="utf-8") as full,
        Log(tmp_path / "log", Console(file=screen)) as log,
    ):
        log._file.close()
        log._file = full
        log.write("worker", "first")
        log.write("worker", "second")
    assert screen.getvalue().split()[2::3] == ["first", "second"]
