"""The entries of the music21 corpus; malformed scores are skipped with a reason."""

from pathlib import Path

import pytest
from rich.progress import track

from services.trainer.data import music21_corpus
from services.trainer.data.music21_corpus import (
    FOLDERS,
    CorpusEntry,
    list_entries,
    parse_all,
    parse_entry,
)
from services.trainer.data.parsed_file import SkipReason
from tests.unit.services.trainer.conftest import reason_of
from tests.unit.services.trainer.data.pool_children import read_and_die


def test_every_folder_has_pieces_with_unique_names() -> None:
    names = [entry.name for entry in list_entries()]
    assert {name.partition("/")[0] for name in names} == set(FOLDERS)
    assert len(set(names)) == len(names) > 4000


def test_each_tune_of_a_collection_is_a_piece() -> None:
    tune = next(entry for entry in list_entries() if entry.name == "airdsAirs/book1.abc#0001")
    parsed = parse_entry(tune)
    assert parsed.notes is not None
    assert len(parsed.notes) == 84
    assert parsed.seconds > 10


def test_a_skipped_score_has_a_reason(tmp_path: Path) -> None:
    tune = "X:{}\nM:4/4\nL:1/8\nK:C\nCDEFGABc|CDEFGABc|\n"
    two_tunes = CorpusEntry(name="two tunes", path=tmp_path, text=tune.format(1) + tune.format(2))
    malformed = tmp_path / "broken.mxl"
    malformed.write_bytes(b"no score at all")
    jig = next(entry for entry in list_entries() if entry.name == "airdsAirs/book1.abc#0004")
    assert reason_of(parse_entry(jig)) is SkipReason.METER
    assert reason_of(parse_entry(two_tunes)) is SkipReason.MALFORMED
    broken = parse_entry(CorpusEntry(name="broken.mxl", path=malformed))
    assert reason_of(broken) is SkipReason.MALFORMED


def test_malformed_files_do_not_affect_others(tmp_path: Path) -> None:
    malformed = tmp_path / "broken.mxl"
    malformed.write_bytes(b"no score at all")
    good = next(
        entry for entry in list_entries() if entry.name == "mozart/k545/movement1_exposition.mxl"
    )
    parsed = parse_all([CorpusEntry(name="broken.mxl", path=malformed), good], track)
    assert [reason_of(file) for file in parsed] == [SkipReason.MALFORMED, None]


def test_a_score_that_kills_its_reader_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(music21_corpus, "_parse_batch", read_and_die)
    [parsed] = parse_all([CorpusEntry(name="kills", path=tmp_path)], track)
    assert (parsed.name, reason_of(parsed)) == ("kills", SkipReason.CRASHED)
