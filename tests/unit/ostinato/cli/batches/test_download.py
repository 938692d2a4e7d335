"""The files of a downloaded batch, and what a second download does."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import typer
from rich.console import Console

from ostinato import Client, ClientError
from ostinato.cli.batches import download
from ostinato.cli.batches.download import is_complete, manifest_path, save_batch
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch, an_archive, midi_of, saved_name
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

ARCHIVE = f"/v1/batches/{BATCH_ID}/archive.zip"
DONE = a_batch(JobState.SUCCEEDED, succeeded=5)


@pytest.fixture
def console() -> Iterator[Console]:
    with Path("/dev/null").open("w", encoding="utf-8") as sink:
        yield Console(file=sink)


@pytest.fixture(autouse=True)
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PART_SIZE", 2)


def script_parts(server: ScriptedServer, *parts: Iterable[int]) -> None:
    server.script(ARCHIVE, *(an_archive(part) for part in parts))


def requested_parts(server: ScriptedServer) -> list[int]:
    return [int(request.query_params["after"]) for request in server.requests]


def test_all_parts_are_saved_with_one_manifest(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    script_parts(server, [0, 1], [2, 3], [4])
    assert save_batch(client, DONE, tmp_path / "tunes", console) == 5
    assert requested_parts(server) == [-1, 1, 3]
    for index in range(5):
        assert (tmp_path / "tunes" / saved_name(index)).read_bytes() == midi_of(index)
    lines = manifest_path(tmp_path / "tunes", BATCH_ID).read_text(encoding="utf-8").splitlines()
    assert [download.ManifestEntry.model_validate_json(line).custom_id for line in lines] == [
        f"line-{index}" for index in range(5)
    ]
    assert len(list((tmp_path / "tunes").iterdir())) == 6
    assert is_complete(DONE, tmp_path / "tunes")


def test_a_second_download_requests_nothing(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    script_parts(server, [0, 1], [2, 3], [4])
    save_batch(client, DONE, tmp_path, console)
    server.requests.clear()
    assert save_batch(client, DONE, tmp_path, console) == 5
    assert server.requests == []


def test_an_interrupted_download_continues_with_the_first_incomplete_part(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    unavailable = ScriptedResponse(body=b"{}", status=404)
    server.script(ARCHIVE, an_archive([0, 1]), unavailable)
    with pytest.raises(ClientError):
        save_batch(client, DONE, tmp_path, console)
    server.requests.clear()
    script_parts(server, [2, 3], [4])
    assert save_batch(client, DONE, tmp_path, console) == 5
    assert requested_parts(server) == [1, 3]


def test_a_lost_connection_is_only_a_delay(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    cut = ScriptedResponse(body=an_archive([0, 1])[:40], ending="cut")
    server.script(ARCHIVE, cut, an_archive([0, 1]), cut, an_archive([2]))
    assert save_batch(client, a_batch(total=3, succeeded=3), tmp_path, console) == 3


def test_missing_and_changed_files_are_written_again_and_others_are_kept(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    script_parts(server, [0, 1], [2, 3], [4])
    save_batch(client, DONE, tmp_path, console)
    kept = (tmp_path / saved_name(4)).stat().st_ino
    (tmp_path / saved_name(2)).write_bytes(b"changed")
    (tmp_path / saved_name(3)).unlink()
    assert not is_complete(DONE, tmp_path)
    script_parts(server, [2, 3], [4])
    assert save_batch(client, DONE, tmp_path, console) == 5
    assert [(tmp_path / saved_name(index)).read_bytes() for index in range(5)] == [
        midi_of(index) for index in range(5)
    ]
    assert (tmp_path / saved_name(4)).stat().st_ino == kept


def test_melodies_that_were_unfinished_before_are_added(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    script_parts(server, [0, 3], [])
    assert save_batch(client, a_batch(succeeded=2), tmp_path, console) == 2
    server.requests.clear()
    script_parts(server, [1, 2], [3, 4], [])
    assert save_batch(client, DONE, tmp_path, console) == 5
    assert requested_parts(server) == [0, 2, 4]
    assert is_complete(DONE, tmp_path)


@pytest.mark.parametrize("changed", [{"sha256": "ab" * 32}, {"model": "../escape"}])
def test_a_file_that_differs_from_the_manifest_is_an_error(
    server: ScriptedServer,
    client: Client,
    console: Console,
    tmp_path: Path,
    changed: dict[str, object],
) -> None:
    server.script(ARCHIVE, an_archive([0], **changed))
    with pytest.raises(ClientError, match=r"differs from the manifest|damaged"):
        save_batch(client, DONE, tmp_path / "in", console)
    assert list(tmp_path.rglob("*.mid")) == []


def test_a_damaged_archive_is_an_error(
    server: ScriptedServer, client: Client, console: Console, tmp_path: Path
) -> None:
    server.script(ARCHIVE, b"PK not a zip")
    with pytest.raises(ClientError, match="The archive is damaged"):
        save_batch(client, DONE, tmp_path, console)


def test_a_full_disk_is_one_sentence_with_the_command_that_continues(
    server: ScriptedServer,
    client: Client,
    console: Console,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script_parts(server, [0])
    unfinished = tmp_path / f".{saved_name(0)}.unfinished"
    unfinished.symlink_to("/dev/full")
    with pytest.raises(typer.Exit):
        save_batch(client, a_batch(total=1, succeeded=1), tmp_path, console)
    error = capsys.readouterr().err
    assert f"Cannot write to {tmp_path / saved_name(0)}: No space left on device." in error
    command = f"`ostinato batch download {BATCH_ID} --out {tmp_path}`"
    assert f"No melody is lost: {command} continues when it can be written." in error
