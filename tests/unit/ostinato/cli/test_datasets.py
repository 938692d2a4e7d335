"""`ostinato datasets`: requests, output and exit codes."""

import functools
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path

import pytest

from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.events import ProgressEvent
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import DATASET_ID, a_dataset, job_event, page, problem, sse
from tests.unit.ostinato.scripted_server import ScriptedServer

PATH = f"/v1/datasets/{DATASET_ID}"
EVENTS = f"/v1/jobs/{DATASET_ID}/events"
PROGRESS = f"Data set {DATASET_ID}: importing 9 files\nParsing MIDI: 50%\nsucceeded\n"


@pytest.fixture
def dataset_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server that accepts a data set and imports it at once."""
    cli_server.script("/v1/datasets", a_dataset(DatasetState.PROCESSING).model_dump_json())
    parsing = ProgressEvent(epoch="e", seq=1, at=1, stage="Parsing MIDI", progress=0.5)
    cli_server.script(EVENTS, sse(parsing, job_event(2, JobState.SUCCEEDED)))
    cli_server.script(PATH, a_dataset().model_dump_json())
    return cli_server


def test_a_zip_is_uploaded_and_its_report_is_printed(dataset_server: ScriptedServer) -> None:
    Path("tunes.zip").write_bytes(b"PK zip")
    result = ostinato("datasets", "upload", "tunes", "tunes.zip")
    assert result.exit_code == 0, result.output
    assert dataset_server.bodies[0] == b"PK zip"
    assert result.stderr == PROGRESS
    assert "cannot be parsed" in result.output
    assert "held_out" in result.output


def test_only_the_midi_files_of_a_folder_are_zipped(dataset_server: ScriptedServer) -> None:
    Path("music/deep").mkdir(parents=True)
    Path("music/a.mid").write_bytes(b"MThd a")
    Path("music/deep/b.MIDI").write_bytes(b"MThd b")
    Path("music/song.mp3").write_bytes(b"sound")
    assert ostinato("datasets", "upload", "tunes", "music").exit_code == 0
    with zipfile.ZipFile(io.BytesIO(dataset_server.bodies[0])) as archive:
        assert archive.namelist() == ["a.mid", "deep/b.MIDI"]
        assert archive.read("a.mid") == b"MThd a"


def test_the_zip_does_not_depend_on_the_dates_of_the_files(dataset_server: ScriptedServer) -> None:
    Path("music").mkdir()
    tune = Path("music/a.mid")
    tune.write_bytes(b"MThd a")
    for seconds in (0, 1_700_000_000, 5_000_000_000):  # zip can store the years 1980 to 2107
        os.utime(tune, (seconds, seconds))
        result = ostinato("datasets", "upload", "tunes", "music")
        assert result.exit_code == 0, result.output
    assert len({body for body in dataset_server.bodies if body}) == 1


def test_unreadable_files_are_skipped_and_listed(dataset_server: ScriptedServer) -> None:
    Path("music/album.mid").mkdir(parents=True)
    Path("music/album.mid/a.mid").write_bytes(b"MThd a")
    Path("music/b.mid").symlink_to("nowhere")
    os.mkfifo("music/c.mid")
    result = ostinato("datasets", "upload", "tunes", "music")
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Skipped, because they cannot be read: b.mid, c.mid.\n{PROGRESS}"
    with zipfile.ZipFile(io.BytesIO(dataset_server.bodies[0])) as archive:
        assert archive.namelist() == ["album.mid/a.mid"]


def test_only_the_first_skipped_files_are_listed(dataset_server: ScriptedServer) -> None:
    Path("music").mkdir()
    Path("music/a.mid").write_bytes(b"MThd a")
    for number in range(5):
        Path(f"music/{number}.mid").symlink_to("nowhere")
    result = ostinato("datasets", "upload", "tunes", "music")
    expected = "Skipped, because they cannot be read: 0.mid, 1.mid, 2.mid and 2 more.\n"
    assert result.stderr == expected + PROGRESS
    with zipfile.ZipFile(io.BytesIO(dataset_server.bodies[0])) as archive:
        assert archive.namelist() == ["a.mid"]


def test_names_that_are_not_utf8_stay_distinct(dataset_server: ScriptedServer) -> None:
    Path("music").mkdir()
    for name in (b"caf\xe8.mid", b"caf\xe9.mid"):
        Path("music", os.fsdecode(name)).write_bytes(name)
    Path("music", os.fsdecode(b"\xff.mid")).symlink_to("nowhere")
    result = ostinato("datasets", "upload", "tunes", "music")
    assert (result.exit_code, result.stderr) == (
        0,
        f"Skipped, because they cannot be read: %FF.mid.\n{PROGRESS}",
    )
    with zipfile.ZipFile(io.BytesIO(dataset_server.bodies[0])) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents == {"caf%E8.mid": b"caf\xe8.mid", "caf%E9.mid": b"caf\xe9.mid"}


def test_a_rejected_data_set_exits_1_and_prints_its_error(dataset_server: ScriptedServer) -> None:
    dataset_server.script(PATH, a_dataset(DatasetState.REJECTED).model_dump_json())
    result = ostinato("datasets", "show", str(DATASET_ID))
    assert result.exit_code == 1
    assert "Add music." in result.output


def test_a_zip_that_the_gateway_rejects_exits_2(dataset_server: ScriptedServer) -> None:
    dataset_server.script(
        "/v1/datasets", problem(422, "invalid_archive", "The body is not a zip file.")
    )
    Path("tunes.zip").write_bytes(b"not a zip")
    result = ostinato("datasets", "upload", "tunes", "tunes.zip")
    assert (result.exit_code, result.stderr) == (
        2,
        "tunes.zip: The body is not a zip file.\n",
    )


def test_data_sets_are_listed(dataset_server: ScriptedServer) -> None:
    dataset_server.script("/v1/datasets", page(a_dataset(), a_dataset(DatasetState.PROCESSING)))
    rows = ostinato("datasets", "list").output.splitlines()
    assert rows[2].split() == [str(DATASET_ID), "tunes", "ready", "8/9", "320"]
    assert rows[3].split()[2:] == ["processing", "-/9", "-"]
    listed = json.loads(ostinato("datasets", "list", "--json").output)
    assert listed[0]["report"]["used"] == 8


def test_a_full_disk_is_one_sentence(
    dataset_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("music").mkdir()
    Path("music/a.mid").write_bytes(b"MThd a" * 10_000)
    full = functools.partial(open, "/dev/full", "r+b")
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    result = ostinato("datasets", "upload", "tunes", "music")
    assert result.exit_code == 2
    assert result.stderr == (
        f"Cannot write to {tempfile.gettempdir()}: No space left on device. Set TMPDIR to a folder "
        "with space.\n"
    )
    assert not dataset_server.requests
