"""A data set is read once, split, and accounts for every file."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.trainer.data import music21_corpus
from services.trainer.data.catalog import CATALOGUE, DatasetNotFound
from services.trainer.data.dataset import Dataset, NothingToLearn, Source, load_dataset
from services.trainer.data.parsed_file import Reason
from services.trainer.data.split import TooFewPieces
from tests.unit.services.trainer.conftest import random_piece, write_piece


def source(folder: Path) -> Source:
    return Source.of_folder(folder, name="mine", about="for a test", licence="none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pieces, one of them twice, and what is no piece."""
    folder = tmp_path / "music"
    for seed in range(12):
        write_piece(folder / f"{seed:02}.mid", random_piece(seed).notes)
    write_piece(folder / "again.MIDI", random_piece(3).transposed(2).notes)
    write_piece(folder / "short.mid", random_piece(50, 10).notes)
    (folder / "broken.mid").write_bytes(b"MThd, but nothing else")
    (folder / "song.mp3").write_bytes(b"sound")
    return folder


def plain(dataset: Dataset) -> list[tuple[str, list[list[int]], float]]:
    return [(each.name, each.notes.tolist(), each.seconds) for each in dataset.split.kept]


def test_the_report_accounts_for_every_file_that_was_found(folder: Path, tmp_path: Path) -> None:
    dataset = load_dataset(source(folder), tmp_path)
    assert dataset.report.found == 15
    assert dataset.report.kept == 12 == dataset.report.train + dataset.report.held_out
    assert dataset.left_out == {
        "again.MIDI": Reason.DUPLICATE,
        "broken.mid": Reason.BROKEN,
        "short.mid": Reason.SHORT,
    }
    assert dataset.report.left_out == {str(reason): 1 for reason in dataset.left_out.values()}
    assert dataset.report.notes == 12 * 40
    dataset.list_left_out(tmp_path / "left-out.tsv")
    assert f"{Reason.BROKEN}\tbroken.mid" in (tmp_path / "left-out.tsv").read_text()


def test_the_files_are_read_once_and_the_cache_gives_the_same(folder: Path, tmp_path: Path) -> None:
    first = load_dataset(source(folder), tmp_path)
    unread = replace(source(folder), read=lambda: pytest.fail("read again"))
    second = load_dataset(unread, tmp_path)
    assert plain(first) == plain(second)
    assert first.report == second.report


def test_another_file_makes_another_cache(folder: Path, tmp_path: Path) -> None:
    before = load_dataset(source(folder), tmp_path)
    write_piece(folder / "new.mid", random_piece(99).notes)
    after = load_dataset(source(folder), tmp_path)
    assert after.key != before.key
    assert after.report.kept == 13


def test_a_cache_that_was_cut_short_is_made_again(folder: Path, tmp_path: Path) -> None:
    first = load_dataset(source(folder), tmp_path)
    (index,) = (tmp_path / "datasets").glob("*/index.json")
    index.unlink()
    assert plain(load_dataset(source(folder), tmp_path)) == plain(first)


def test_what_is_no_file_to_read_is_accounted_for_like_all_else(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "dangling.mid").symlink_to("nowhere.mid")
    (folder / "loop.mid").symlink_to("loop.mid")
    (folder / "unreadable.mid").symlink_to("/proc/self/mem")
    (folder / "folder.mid").mkdir()
    dataset = load_dataset(source(folder), tmp_path)
    names = {name for name, reason in dataset.left_out.items() if reason is Reason.UNREADABLE}
    assert names == {"dangling.mid", "loop.mid", "unreadable.mid", "folder.mid"}
    assert dataset.report.found == 19
    assert load_dataset(source(folder), tmp_path).key == dataset.key
    (folder / "nowhere.mid").write_bytes((folder / "00.mid").read_bytes())
    assert load_dataset(source(folder), tmp_path).key != dataset.key


def test_a_name_that_is_no_text_is_written_as_far_as_it_is(folder: Path, tmp_path: Path) -> None:
    """As an old disk has them: in Latin-1."""
    for name, seed in ((b"/caf\xe9.mid", 99), (b"/once more caf\xe9.mid", 1)):
        path = Path(os.fsdecode(os.fsencode(folder) + name))
        write_piece(path, random_piece(seed).notes)
    dataset = load_dataset(source(folder), tmp_path)
    assert r"caf\xe9.mid" in {piece.name for piece in dataset.split.kept}
    dataset.list_left_out(tmp_path / "left-out.tsv")
    listed = (tmp_path / "left-out.tsv").read_text(encoding="utf-8")
    assert f"{Reason.DUPLICATE}\tonce more caf\\xe9.mid" in listed


def test_an_empty_set_and_one_of_broken_files_say_so(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NothingToLearn, match="no MIDI file found"):
        load_dataset(source(empty), tmp_path)
    for number in range(3):
        (empty / f"{number}.mid").write_bytes(b"no MIDI")
    with pytest.raises(NothingToLearn, match="3 does not parse"):
        load_dataset(source(empty), tmp_path)


def test_a_set_of_one_piece_is_refused(tmp_path: Path) -> None:
    write_piece(tmp_path / "one" / "a.mid", random_piece(0).notes)
    with pytest.raises(TooFewPieces):
        load_dataset(source(tmp_path / "one"), tmp_path)


def test_a_set_that_is_not_here_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="OSTINATO_DATA is not set"):
        Source.of_name("maestro", None)
    with pytest.raises(DatasetNotFound, match="maestro is no folder"):
        Source.of_name("maestro", tmp_path)
    with pytest.raises(DatasetNotFound, match=r"'polka'.*music21.*maestro"):
        Source.of_name("polka", tmp_path)


def test_every_named_set_says_where_it_lies_and_what_may_be_done_with_it(tmp_path: Path) -> None:
    for name, entry in CATALOGUE.items():
        (tmp_path / entry.path).mkdir(parents=True)
        found = Source.of_name(name, tmp_path)
        assert found.licence
        assert found.about
        assert found.performed == (name == "maestro")


def test_a_published_split_is_kept(tmp_path: Path) -> None:
    sides = ["train"] * 6 + ["validation"] * 2 + ["test"] * 2
    for seed, _ in enumerate(sides):
        write_piece(tmp_path / "set" / "2004" / f"{seed}.mid", random_piece(seed).notes)
    write_piece(tmp_path / "set" / "mine.mid", random_piece(20).notes)
    head = "canonical_composer,canonical_title,split,midi_filename"
    rows = [f"Bach,Fugue {at // 2},{side},2004/{at}.mid" for at, side in enumerate(sides)]
    table = tmp_path / "set" / "maestro-v3.0.0.csv"
    table.write_text("\n".join([head, *rows]))
    dataset = load_dataset(source(tmp_path / "set"), tmp_path)
    split = dataset.split
    assert {piece.name for piece in split.held_out} == {"2004/6.mid", "2004/7.mid"}
    assert {piece.name for piece in split.test} == {"2004/8.mid", "2004/9.mid"}
    assert len(split.train) == 6
    assert split.families == 5
    assert dataset.left_out == {"mine.mid": Reason.UNLISTED}
    table.write_text(table.read_text().replace("test", "train"))
    assert len(load_dataset(source(tmp_path / "set"), tmp_path).split.train) == 8


def test_music21_is_always_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [one for one in music21_corpus.sources() if one.name.startswith(("joplin/", "haydn/"))]
    monkeypatch.setattr(music21_corpus, "sources", lambda: some)
    dataset = load_dataset(Source.of_name("music21", None), tmp_path)
    assert dataset.report.kept >= 2
    assert np.issubdtype(dataset.split.train[0].notes.dtype, np.integer)
