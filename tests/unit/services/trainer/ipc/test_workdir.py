"""Each attempt writes to its own directory, and inherits files of the previous attempt."""

from pathlib import Path
from uuid import UUID

from services.trainer.ipc.workdir import INCOMPLETE, create_attempt_dir, migrate_jobs_dir

JOB = UUID("018f0000-0000-7000-8000-000000000001")
INHERITED = ("last", "best", "tokenizer")


def create(cache_dir: Path, attempt: int) -> Path:
    return create_attempt_dir(cache_dir, JOB, attempt, INHERITED)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(folder: Path, **files: str) -> None:
    """Replace files atomically, as checkpoints are written."""
    for name, text in files.items():
        (folder / f"{name}.partial").write_text(text)
        (folder / f"{name}.partial").replace(folder / name)


def test_the_first_attempt_starts_with_an_empty_directory(tmp_path: Path) -> None:
    assert contents(create(tmp_path, 1)) == {}


def test_an_attempt_inherits_the_files_of_the_latest_attempt(tmp_path: Path) -> None:
    write(create(tmp_path, 1), last="1", best="1", tokenizer="t", other="no")
    second = create(tmp_path, 2)
    assert contents(second) == {"last": "1", "best": "1", "tokenizer": "t"}
    write(second, last="2")
    assert contents(create(tmp_path, 10)) == {"last": "2", "best": "1", "tokenizer": "t"}


def test_an_attempt_without_a_checkpoint_is_skipped(tmp_path: Path) -> None:
    first = create(tmp_path, 1)
    write(first, last="1", best="1")
    killed = first.with_name("2")
    killed.mkdir()
    write(killed, **{INCOMPLETE: "1"})
    assert contents(create(tmp_path, 3)) == {"last": "1", "best": "1"}


def test_a_stale_attempt_does_not_write_to_the_current_directory(tmp_path: Path) -> None:
    stale = create(tmp_path, 1)
    write(stale, last="1")
    current = create(tmp_path, 2)
    stale.mkdir()
    write(stale, last="too late")
    assert contents(current) == {"last": "1"}


def test_an_inherited_file_can_be_replaced(tmp_path: Path) -> None:
    write(create(tmp_path, 1), last="1")
    second = create(tmp_path, 2)
    write(second, last="2")
    assert contents(second) == {"last": "2"}


def test_the_directories_of_earlier_attempts_are_removed(tmp_path: Path) -> None:
    for attempt in (1, 2, 3):
        folder = create(tmp_path, attempt)
    assert list(folder.parent.iterdir()) == [folder]


def test_an_attempt_inherits_from_the_jobs_directory_of_0_1_0(tmp_path: Path) -> None:
    earlier = tmp_path / "errands" / str(JOB) / "1"
    earlier.mkdir(parents=True)
    write(earlier, last="1", best="1")
    migrate_jobs_dir(tmp_path)
    assert contents(create(tmp_path, 2)) == {"last": "1", "best": "1"}
    migrate_jobs_dir(tmp_path)
    assert not (tmp_path / "errands").exists()
