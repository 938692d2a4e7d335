"""A folder is there whole or not at all, whoever else writes it."""

from pathlib import Path

import pytest

from services.trainer.data.atomic_folder import whole

LAST = "last.txt"


def write(folder: Path, text: str) -> None:
    with whole(folder, LAST) as unfinished:
        (unfinished / "first.txt").write_text(text)
        (unfinished / LAST).write_text(text)


def test_it_appears_with_everything_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    with whole(folder, LAST) as unfinished:
        (unfinished / LAST).write_text("x")
        assert not folder.exists()
    assert (folder / LAST).read_text() == "x"
    assert list(folder.parent.iterdir()) == [folder]


def test_what_goes_wrong_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "folder", LAST):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_whoever_was_faster_keeps_the_place(tmp_path: Path) -> None:
    with whole(tmp_path / "folder", LAST) as unfinished:
        (unfinished / LAST).write_text("slow")
        write(tmp_path / "folder", "fast")
    assert (tmp_path / "folder" / LAST).read_text() == "fast"


def test_a_rest_of_what_was_cut_short_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "first.txt").write_text("half")
    write(tmp_path / "folder", "whole")
    assert (tmp_path / "folder" / "first.txt").read_text() == "whole"


def test_a_place_that_cannot_be_taken_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(OSError, match="folder"):
        write(tmp_path / "folder", "x")
