"""A data set is read once, split, and accounts for every piece."""

from pathlib import Path

import pytest

from services.trainer.data import music21_corpus
from services.trainer.data.dataset import load_dataset, read_readings, write_readings
from services.trainer.data.music21_corpus import Reading, cache_key
from services.trainer.data.score import Reason
from shared.errors import NotFound
from tests.unit.services.trainer.conftest import random_piece

PIECE = random_piece(0)
READINGS = [
    Reading(name="a", notes=PIECE.notes),
    Reading(name="b", reason=Reason.METRE),
    Reading(name="c", notes=PIECE.transposed(2).notes),
    Reading(name="d", notes=random_piece(1).notes),
]


def plain(reading: Reading) -> tuple[object, ...]:
    notes = None if reading.notes is None else reading.notes.tolist()
    return reading.name, reading.reason, notes


def test_readings_survive_the_file(tmp_path: Path) -> None:
    write_readings(tmp_path / "set.npz", READINGS)
    back = read_readings(tmp_path / "set.npz")
    assert [plain(reading) for reading in back] == [plain(reading) for reading in READINGS]


def test_the_report_accounts_for_every_piece_that_was_found(tmp_path: Path) -> None:
    write_readings(tmp_path / "datasets" / f"music21-{cache_key()}.npz", READINGS)
    dataset = load_dataset("music21", tmp_path)
    assert dataset.report.found == 4
    assert dataset.report.kept == 2
    assert dataset.left_out == {"b": Reason.METRE, "c": Reason.DUPLICATE}
    dataset.list_left_out(tmp_path / "left-out.tsv")
    assert (tmp_path / "left-out.tsv").read_text().splitlines() == [
        f"{Reason.METRE}\tb",
        f"{Reason.DUPLICATE}\tc",
    ]


def test_the_scores_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rags = [source for source in music21_corpus.sources() if source.name.startswith("joplin/")]
    monkeypatch.setattr(music21_corpus, "sources", lambda: rags)
    first = load_dataset("music21", tmp_path)
    monkeypatch.setattr(music21_corpus, "sources", lambda: pytest.fail("read again"))
    second = load_dataset("music21", tmp_path)
    assert first.folders == second.folders == {"joplin": 1}
    assert first.report.notes == second.report.notes > 700


def test_a_set_that_is_not_here_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        load_dataset("maestro", tmp_path)
    assert refused.value.extra["known"] == ["music21"]
