"""A data set is parsed once, split, and accounts for every file."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.trainer.data import music21_corpus
from services.trainer.data.catalog import CATALOG, DatasetNotFound
from services.trainer.data.dataset import Dataset, DatasetSource, NoUsablePieces, load_dataset
from services.trainer.data.midi_files import find_midi_files, parse_file, relative_name
from services.trainer.data.parsed_file import Skipped, SkipReason
from services.trainer.data.split import TooFewPieces
from tests.unit.services.trainer.conftest import random_piece, write_piece


def source_in_children(folder: Path) -> DatasetSource:
    return DatasetSource.from_folder(folder, name="mine", description="for a test", license="none")


def source(folder: Path) -> DatasetSource:
    """The same source, parsed in this process: a child takes a while to start."""
    files = [(relative_name(path, folder), path) for path in find_midi_files(folder)]
    return replace(
        source_in_children(folder),
        parse=lambda _track, _metres: [parse_file(*file) for file in files],
    )


NOT_MIDI = "The file does not begin with MThd: it is a page or another document in XML."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pieces, a duplicate, and files that are not used."""
    folder = tmp_path / "music"
    for seed in range(12):
        write_piece(folder / f"{seed:02}.mid", random_piece(seed).notes)
    write_piece(folder / "again.MIDI", random_piece(3).transposed(2).notes)
    write_piece(folder / "short.mid", random_piece(50, 10).notes)
    (folder / "broken.mid").write_bytes(b"<html>not found</html>")
    (folder / "song.mp3").write_bytes(b"sound")
    return folder


def contents(dataset: Dataset) -> list[tuple[str, list[list[int]], float]]:
    return [(piece.name, piece.notes.tolist(), piece.seconds) for piece in dataset.split.used]


def test_the_counts_account_for_every_file(folder: Path, tmp_path: Path) -> None:
    dataset = load_dataset(source_in_children(folder), tmp_path)
    assert dataset.counts.found == 15
    assert dataset.counts.used == 12 == dataset.counts.train + dataset.counts.held_out
    assert dataset.skipped == {
        "again.MIDI": Skipped(SkipReason.DUPLICATE),
        "broken.mid": Skipped(SkipReason.NOT_MIDI, NOT_MIDI),
        "short.mid": Skipped(SkipReason.TOO_SHORT),
    }
    assert dataset.counts.skipped == {
        str(skipped.reason): 1 for skipped in dataset.skipped.values()
    }
    assert dataset.counts.num_notes == 12 * 40
    dataset.write_skipped(tmp_path / "skipped.tsv")
    assert (
        f"{SkipReason.NOT_MIDI}\tbroken.mid\t{NOT_MIDI}" in (tmp_path / "skipped.tsv").read_text()
    )


def test_files_are_parsed_once_and_the_cache_has_the_same_pieces(
    folder: Path, tmp_path: Path
) -> None:
    first = load_dataset(source(folder), tmp_path)
    never_parsed = replace(
        source(folder), parse=lambda _track, _metres: pytest.fail("parsed again")
    )
    second = load_dataset(never_parsed, tmp_path)
    assert contents(first) == contents(second)
    assert first.counts == second.counts


def test_a_new_file_changes_the_cache_key(folder: Path, tmp_path: Path) -> None:
    before = load_dataset(source(folder), tmp_path)
    write_piece(folder / "new.mid", random_piece(99).notes)
    after = load_dataset(source(folder), tmp_path)
    assert after.cache_key != before.cache_key
    assert after.counts.used == 13


def test_an_incomplete_cache_is_replaced(folder: Path, tmp_path: Path) -> None:
    first = load_dataset(source(folder), tmp_path)
    (index,) = (tmp_path / "datasets").glob("*/index.json")
    index.unlink()
    assert contents(load_dataset(source(folder), tmp_path)) == contents(first)


def test_unreadable_files_are_counted_as_skipped(folder: Path, tmp_path: Path) -> None:
    (folder / "dangling.mid").symlink_to("nowhere.mid")
    (folder / "loop.mid").symlink_to("loop.mid")
    (folder / "unreadable.mid").symlink_to("/proc/self/mem")
    (folder / "folder.mid").mkdir()
    dataset = load_dataset(source(folder), tmp_path)
    unreadable = Skipped(SkipReason.UNREADABLE)
    names = {name for name, skipped in dataset.skipped.items() if skipped == unreadable}
    assert names == {"dangling.mid", "loop.mid", "unreadable.mid", "folder.mid"}
    assert dataset.counts.found == 19
    assert load_dataset(source(folder), tmp_path).cache_key == dataset.cache_key
    (folder / "nowhere.mid").write_bytes((folder / "00.mid").read_bytes())
    assert load_dataset(source(folder), tmp_path).cache_key != dataset.cache_key


def test_a_file_name_that_is_not_utf8_is_escaped(folder: Path, tmp_path: Path) -> None:
    """The names are in Latin-1, as on old disks."""
    for name, seed in ((b"/caf\xe9.mid", 99), (b"/once more caf\xe9.mid", 1)):
        path = Path(os.fsdecode(os.fsencode(folder) + name))
        write_piece(path, random_piece(seed).notes)
    dataset = load_dataset(source(folder), tmp_path)
    assert r"caf\xe9.mid" in {piece.name for piece in dataset.split.used}
    dataset.write_skipped(tmp_path / "skipped.tsv")
    listed = (tmp_path / "skipped.tsv").read_text(encoding="utf-8")
    assert f"{SkipReason.DUPLICATE}\tonce more caf\\xe9.mid" in listed


def test_a_set_without_usable_pieces_is_rejected_with_the_reasons(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NoUsablePieces, match="no MIDI file found"):
        load_dataset(source(empty), tmp_path)
    for number in range(5):
        (empty / f"{number}.mid").write_bytes(b"no MIDI")
    found = re.escape("5 not a MIDI file (0.mid, 1.mid, 2.mid and 2 more)")
    with pytest.raises(NoUsablePieces, match=found):
        load_dataset(source(empty), tmp_path)


def test_a_set_of_one_piece_is_rejected(tmp_path: Path) -> None:
    write_piece(tmp_path / "one" / "a.mid", random_piece(0).notes)
    with pytest.raises(TooFewPieces):
        load_dataset(source(tmp_path / "one"), tmp_path)


def test_a_set_that_is_unknown_or_not_installed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="OSTINATO_DATASETS_DIR is not set"):
        DatasetSource.from_name("maestro", None)
    with pytest.raises(DatasetNotFound, match="maestro is not a folder"):
        DatasetSource.from_name("maestro", tmp_path)
    with pytest.raises(DatasetNotFound, match=r"'polka'.*music21.*maestro"):
        DatasetSource.from_name("polka", tmp_path)


def test_every_named_set_has_a_license_and_a_description(tmp_path: Path) -> None:
    for name, entry in CATALOG.items():
        (tmp_path / entry.path).mkdir(parents=True)
        found = DatasetSource.from_name(name, tmp_path)
        assert found.license
        assert found.description
        assert found.is_performance == (name == "maestro")


def test_a_published_split_is_used(tmp_path: Path) -> None:
    sides = ["train"] * 6 + ["validation"] * 2 + ["test"] * 2
    for seed, _ in enumerate(sides):
        write_piece(tmp_path / "set" / "2004" / f"{seed}.mid", random_piece(seed).notes)
    write_piece(tmp_path / "set" / "mine.mid", random_piece(20).notes)
    header = "canonical_composer,canonical_title,split,midi_filename"
    rows = [f"Bach,Fugue {seed // 2},{side},2004/{seed}.mid" for seed, side in enumerate(sides)]
    table = tmp_path / "set" / "maestro-v3.0.0.csv"
    table.write_text("\n".join([header, *rows]))
    dataset = load_dataset(source(tmp_path / "set"), tmp_path)
    split = dataset.split
    assert {piece.name for piece in split.held_out} == {"2004/6.mid", "2004/7.mid"}
    assert {piece.name for piece in split.test} == {"2004/8.mid", "2004/9.mid"}
    assert len(split.train) == 6
    assert split.duplicate_groups == 5
    assert dataset.skipped == {"mine.mid": Skipped(SkipReason.UNLISTED)}
    table.write_text(table.read_text().replace("test", "train"))
    assert len(load_dataset(source(tmp_path / "set"), tmp_path).split.train) == 8


def test_music21_is_always_available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = "airdsAirs/book1"
    entries = [entry for entry in music21_corpus.list_entries() if entry.name.startswith(book)][:12]
    monkeypatch.setattr(music21_corpus, "list_entries", lambda: entries)
    dataset = load_dataset(DatasetSource.from_name("music21", None), tmp_path)
    assert dataset.counts.used >= 2
    assert np.issubdtype(dataset.split.train[0].notes.dtype, np.integer)
