"""The data set is what the package brings along, tune by tune; nothing broken is fatal."""

from pathlib import Path

from services.trainer.data.music21_corpus import FOLDERS, Source, read, read_all, sources
from services.trainer.data.parsed_file import Reason


def test_every_folder_has_pieces_and_every_piece_its_own_name() -> None:
    names = [source.name for source in sources()]
    assert {name.partition("/")[0] for name in names} == set(FOLDERS)
    assert len(set(names)) == len(names) > 4000


def test_a_tune_of_a_collection_is_read_alone() -> None:
    tune = next(source for source in sources() if source.name == "airdsAirs/book1.abc#0001")
    reading = read(tune)
    assert reading.notes is not None
    assert len(reading.notes) == 84
    assert reading.seconds > 10


def test_why_a_score_is_left_out_is_said(tmp_path: Path) -> None:
    tune = "X:{}\nM:4/4\nL:1/8\nK:C\nCDEFGABc|CDEFGABc|\n"
    several = Source(name="several", path=tmp_path, text=tune.format(1) + tune.format(2))
    broken = tmp_path / "broken.mxl"
    broken.write_bytes(b"no score at all")
    jig = next(source for source in sources() if source.name == "airdsAirs/book1.abc#0004")
    assert read(jig).reason is Reason.METRE
    assert read(several).reason is Reason.BROKEN
    assert read(Source(name="broken.mxl", path=broken)).reason is Reason.BROKEN


def test_broken_files_are_counted_beside_good_ones(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mxl"
    broken.write_bytes(b"no score at all")
    good = next(source for source in sources() if source.name.startswith("joplin/"))
    readings = read_all([Source(name="broken.mxl", path=broken), good])
    assert [reading.reason for reading in readings] == [Reason.BROKEN, None]
