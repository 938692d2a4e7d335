"""Each attempt writes into a folder of its own, and begins with what the one before has left."""

from pathlib import Path
from uuid import UUID

from services.trainer.ipc.workdir import begin_attempt

JOB = UUID("018f0000-0000-7000-8000-000000000001")
INHERITED = ("last", "best", "words")


def begin(home: Path, attempt: int) -> Path:
    return begin_attempt(home, JOB, attempt, INHERITED)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(folder: Path, **files: str) -> None:
    """As checkpoints are written: beside the file, and then in its place."""
    for name, text in files.items():
        (folder / f"{name}.partial").write_text(text)
        (folder / f"{name}.partial").replace(folder / name)


def test_the_first_attempt_begins_with_nothing(tmp_path: Path) -> None:
    assert contents(begin(tmp_path, 1)) == {}


def test_an_attempt_takes_over_what_the_latest_one_left(tmp_path: Path) -> None:
    write(begin(tmp_path, 1), last="1", best="1", words="w", other="no")
    second = begin(tmp_path, 2)
    assert contents(second) == {"last": "1", "best": "1", "words": "w"}
    write(second, last="2")
    assert contents(begin(tmp_path, 10)) == {"last": "2", "best": "1", "words": "w"}


def test_an_attempt_that_got_nowhere_is_passed_over(tmp_path: Path) -> None:
    first = begin(tmp_path, 1)
    write(first, last="1", best="1")
    killed = first.with_name("2")
    killed.mkdir()
    write(killed, taken="1")
    assert contents(begin(tmp_path, 3)) == {"last": "1", "best": "1"}


def test_whoever_lost_the_claim_writes_where_nobody_reads(tmp_path: Path) -> None:
    lost = begin(tmp_path, 1)
    write(lost, last="1")
    present = begin(tmp_path, 2)
    lost.mkdir()
    write(lost, last="too late")
    assert contents(present) == {"last": "1"}


def test_what_was_taken_over_is_not_changed_through_its_other_name(tmp_path: Path) -> None:
    write(begin(tmp_path, 1), last="1")
    second = begin(tmp_path, 2)
    write(second, last="2")
    assert contents(second) == {"last": "2"}


def test_older_attempts_are_cleared_away(tmp_path: Path) -> None:
    for attempt in (1, 2, 3):
        folder = begin(tmp_path, attempt)
    assert list(folder.parent.iterdir()) == [folder]
