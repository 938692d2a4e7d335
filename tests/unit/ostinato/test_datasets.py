"""What `ostinato datasets` sends, prints and exits with."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from ostinato.schemas.datasets import DatasetState
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import DATASET_ID, a_dataset, page, problem

PATH = f"/v1/datasets/{DATASET_ID}"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


@pytest.fixture
def library(at_peer: Peer) -> Peer:
    """A peer that takes a data set and has read it at once."""
    at_peer.will_say("/v1/datasets", a_dataset(DatasetState.READING).model_dump_json())
    at_peer.will_say(PATH, a_dataset().model_dump_json())
    return at_peer


def test_a_zip_is_handed_in_and_its_report_is_printed(library: Peer) -> None:
    Path("tunes.zip").write_bytes(b"PK zip")
    result = ostinato("datasets", "upload", "tunes", "tunes.zip")
    assert result.exit_code == 0, result.output
    assert library.bodies[0] == b"PK zip"
    assert "does not parse" in result.output
    assert "held_out" in result.output


def test_a_folder_is_zipped_without_what_is_no_midi(library: Peer) -> None:
    Path("music/deep").mkdir(parents=True)
    Path("music/a.mid").write_bytes(b"MThd a")
    Path("music/deep/b.MIDI").write_bytes(b"MThd b")
    Path("music/song.mp3").write_bytes(b"sound")
    assert ostinato("datasets", "upload", "tunes", "music").exit_code == 0
    with zipfile.ZipFile(io.BytesIO(library.bodies[0])) as archive:
        assert archive.namelist() == ["a.mid", "deep/b.MIDI"]
        assert archive.read("a.mid") == b"MThd a"


def test_files_of_whatever_date_make_the_same_zip(library: Peer) -> None:
    Path("music").mkdir()
    tune = Path("music/a.mid")
    tune.write_bytes(b"MThd a")
    for seconds in (0, 1_700_000_000, 5_000_000_000):  # a zip knows the years 1980 to 2107
        os.utime(tune, (seconds, seconds))
        result = ostinato("datasets", "upload", "tunes", "music")
        assert result.exit_code == 0, result.output
    assert len({body for body in library.bodies if body}) == 1


def test_what_is_no_readable_file_is_left_out_and_named(library: Peer) -> None:
    Path("music/album.mid").mkdir(parents=True)
    Path("music/album.mid/a.mid").write_bytes(b"MThd a")
    Path("music/b.mid").symlink_to("nowhere")
    os.mkfifo("music/c.mid")
    result = ostinato("datasets", "upload", "tunes", "music")
    assert result.exit_code == 0, result.output
    assert result.stderr == "Left out, for they cannot be read: b.mid, c.mid.\n"
    with zipfile.ZipFile(io.BytesIO(library.bodies[0])) as archive:
        assert archive.namelist() == ["album.mid/a.mid"]


def test_of_many_that_are_left_out_the_first_are_named(library: Peer) -> None:
    Path("music").mkdir()
    Path("music/a.mid").write_bytes(b"MThd a")
    for number in range(5):
        Path(f"music/{number}.mid").symlink_to("nowhere")
    result = ostinato("datasets", "upload", "tunes", "music")
    expected = "Left out, for they cannot be read: 0.mid, 1.mid, 2.mid and 2 more.\n"
    assert result.stderr == expected
    with zipfile.ZipFile(io.BytesIO(library.bodies[0])) as archive:
        assert archive.namelist() == ["a.mid"]


def test_names_that_are_no_utf8_stay_apart(library: Peer) -> None:
    Path("music").mkdir()
    for name in (b"caf\xe8.mid", b"caf\xe9.mid"):
        Path("music", os.fsdecode(name)).write_bytes(name)
    Path("music", os.fsdecode(b"\xff.mid")).symlink_to("nowhere")
    result = ostinato("datasets", "upload", "tunes", "music")
    assert (result.exit_code, result.stderr) == (
        0,
        "Left out, for they cannot be read: %FF.mid.\n",
    )
    with zipfile.ZipFile(io.BytesIO(library.bodies[0])) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents == {"caf%E8.mid": b"caf\xe8.mid", "caf%E9.mid": b"caf\xe9.mid"}


def test_a_data_set_that_is_refused_exits_1_and_says_why(library: Peer) -> None:
    library.will_say(PATH, a_dataset(DatasetState.REFUSED).model_dump_json())
    result = ostinato("datasets", "show", str(DATASET_ID))
    assert result.exit_code == 1
    assert "Add music." in result.output


def test_a_zip_that_the_gateway_does_not_take_exits_2(library: Peer) -> None:
    library.will_say("/v1/datasets", problem(422, "invalid_archive", "The body is no zip file."))
    Path("tunes.zip").write_bytes(b"no zip")
    result = ostinato("datasets", "upload", "tunes", "tunes.zip")
    assert (result.exit_code, result.stderr) == (2, "The body is no zip file.\n")


def test_data_sets_are_listed(library: Peer) -> None:
    library.will_say("/v1/datasets", page(a_dataset(), a_dataset(DatasetState.READING)))
    rows = ostinato("datasets", "list").output.splitlines()
    assert rows[2].split() == [str(DATASET_ID), "tunes", "ready", "9", "8", "320", "0.1"]
    assert rows[3].split()[2:] == ["reading", "9", "-", "-", "-"]
    listed = json.loads(ostinato("datasets", "list", "--json").output)
    assert listed[0]["report"]["kept"] == 8
