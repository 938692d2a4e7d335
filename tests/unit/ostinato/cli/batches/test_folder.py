"""`ostinato generate` with many melodies: the same command never requests anything twice."""

import hashlib
import json
import signal
import socket
from pathlib import Path

import pytest

from ostinato.cli.batches.folder import RECORD
from ostinato.schemas.batches import BatchRequest
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch, an_archive, saved_name
from tests.unit.ostinato.command_line import ostinato, start
from tests.unit.ostinato.payloads import MELODY_ID, problem
from tests.unit.ostinato.primer_payloads import a_primer
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

BATCH_PATH = f"/v1/batches/{BATCH_ID}"
COUNT = 65
COMMAND = ("generate", "--count", str(COUNT), "--bars", "2", "--out", "tunes")
DONE = a_batch(JobState.SUCCEEDED, total=COUNT, succeeded=COUNT)


@pytest.fixture
def batch_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server with all responses for a batch of `COUNT` melodies."""
    cli_server.script("/v1/batches", a_batch(JobState.QUEUED, total=COUNT).model_dump_json())
    running = a_batch(total=COUNT, succeeded=10)
    cli_server.script(BATCH_PATH, running.model_dump_json(), DONE.model_dump_json())
    cli_server.script(f"{BATCH_PATH}/archive.zip", an_archive(range(COUNT)))
    return cli_server


def submissions(server: ScriptedServer) -> list[tuple[str, BatchRequest]]:
    return [
        (request.headers["idempotency-key"], BatchRequest.model_validate_json(body))
        for request, body in zip(server.requests, server.bodies, strict=True)
        if request.url.path == "/v1/batches"
    ]


def test_more_than_one_shard_is_a_batch_whose_files_are_saved(
    batch_server: ScriptedServer,
) -> None:
    result = ostinato(*COMMAND, "--seed", "7")
    assert result.exit_code == 0, result.output
    [(_, request)] = submissions(batch_server)
    assert request == BatchRequest(request=GenerationRequest(bars=2, seed=7), count=COUNT)
    assert f"Batch {BATCH_ID}\n" in result.stdout
    assert result.stdout.endswith("All 65 melodies are in tunes/.\n")
    assert "running: 10/65 melodies, 2.5/s, 0:00:22 left" in result.stderr
    names = {path.name for path in Path("tunes").glob("*.mid")}
    assert names == {saved_name(index) for index in range(COUNT)}


def test_64_melodies_are_a_job_with_pictures(generation_server: ScriptedServer) -> None:
    ostinato("generate", "--count", "64")
    assert generation_server.count_requests("/v1/generations") == 1
    assert not Path("out", RECORD).exists()


def test_a_finished_folder_says_so_without_any_request(batch_server: ScriptedServer) -> None:
    ostinato(*COMMAND)
    batch_server.requests.clear()
    result = ostinato(*COMMAND)
    assert (result.exit_code, result.output) == (0, "All 65 melodies are in tunes/.\n")
    assert batch_server.requests == []


def test_a_deleted_file_is_downloaded_again(batch_server: ScriptedServer) -> None:
    ostinato(*COMMAND)
    Path("tunes", saved_name(0)).unlink()
    batch_server.script(BATCH_PATH, DONE.model_dump_json())
    assert ostinato(*COMMAND).exit_code == 0
    assert Path("tunes", saved_name(0)).exists()
    assert len(submissions(batch_server)) == 1


def test_another_request_in_the_same_folder_is_rejected(batch_server: ScriptedServer) -> None:
    ostinato(*COMMAND)
    result = ostinato(*COMMAND, "--tempo", "90")
    assert result.exit_code == 2
    assert result.stderr == (
        f"tunes/ has the batch of another request ({BATCH_ID}): repeat that request to continue "
        "it, or choose another --out.\n"
    )
    assert len(submissions(batch_server)) == 1


def test_a_response_that_was_lost_is_requested_with_the_same_key(
    batch_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.transport.RETRY_SECONDS", 0.0)
    accepted = a_batch(JobState.QUEUED, total=COUNT).model_dump_json()
    lost = ScriptedResponse(body="{", ending="cut")
    batch_server.script("/v1/batches", lost, accepted)
    assert ostinato(*COMMAND).exit_code == 2
    assert ostinato(*COMMAND).exit_code == 0
    (first, _), (second, _) = submissions(batch_server)
    assert first == second


def test_ctrl_c_before_the_batch_is_accepted_says_how_to_continue(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        env = {"OSTINATO_URL": url, "OSTINATO_API_KEY": "key"}
        process = start(*COMMAND, "--model", "mini", cwd=tmp_path, **env)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(10) == b"POST /v1/b"
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error == "The gateway may have accepted the batch; the same command continues with it.\n"
    assert (tmp_path / "tunes" / RECORD).exists()


def test_failed_melodies_are_reported_with_the_commands_that_help(
    batch_server: ScriptedServer,
) -> None:
    partial = a_batch(JobState.PARTIAL, total=COUNT, succeeded=COUNT - 1, failed=1)
    batch_server.script(BATCH_PATH, partial.model_dump_json())
    batch_server.script(f"{BATCH_PATH}/archive.zip", an_archive(range(COUNT - 1)))
    result = ostinato(*COMMAND)
    assert result.exit_code == 1
    assert "64 of 65 melodies are finished, 1 failed: The worker crashed." in result.stderr
    assert f"`ostinato batch retry {BATCH_ID}`" in result.stderr


@pytest.mark.parametrize(
    ("state", "stopped"), [(JobState.CANCELLED, "A cancelled"), (JobState.EXPIRED, "An expired")]
)
def test_a_stopped_batch_says_how_to_request_its_melodies_again(
    batch_server: ScriptedServer, state: JobState, stopped: str
) -> None:
    ended = a_batch(state, total=COUNT, succeeded=1, cancelled=COUNT - 1)
    batch_server.script(BATCH_PATH, ended.model_dump_json())
    batch_server.script(f"{BATCH_PATH}/archive.zip", an_archive([0]))
    for _ in range(2):
        result = ostinato(*COMMAND)
        assert result.exit_code == 1
        assert f"is {state}; 1 of 65 melodies are finished. They are in tunes/." in result.stderr
        assert result.stderr.endswith(
            f"{stopped} batch is not continued: to request all melodies again, choose another "
            "--out, or delete tunes/batch.json.\n"
        )


def test_a_batch_that_the_gateway_does_not_know_is_named(batch_server: ScriptedServer) -> None:
    ostinato(*COMMAND)
    Path("tunes", saved_name(0)).unlink()
    batch_server.script(BATCH_PATH, problem(404, "batch_not_found", "There is no such batch."))
    result = ostinato(*COMMAND)
    assert result.exit_code == 2
    assert result.stderr == (
        f"This gateway has no batch {BATCH_ID}, which tunes/batch.json names; choose another "
        "--out.\n"
    )


def test_an_outage_says_how_to_continue(
    batch_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.transport.RETRY_SECONDS", 0.0)
    batch_server.script(BATCH_PATH, problem(503, "unavailable", "Down.", retry_after=3600))
    result = ostinato(*COMMAND)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-2:] == [
        f"Batch {BATCH_ID} continues; the same command continues with it.",
        "Down.",
    ]


def test_a_primer_is_uploaded_once(batch_server: ScriptedServer) -> None:
    midi = b"MThd theme"
    sha256 = hashlib.sha256(midi).hexdigest()
    primer = a_primer(sha256=sha256)
    batch_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(midi)
    for _ in range(2):
        assert ostinato(*COMMAND, "--primer", "theme.mid").exit_code == 0
    assert batch_server.count_requests("/v1/primers") == 1
    [(_, request)] = submissions(batch_server)
    assert request.request.primer_id == MELODY_ID

    Path("theme.mid").write_bytes(b"MThd another")
    other = primer.model_copy(update={"id": BATCH_ID})
    batch_server.script("/v1/primers", other.model_dump_json())
    assert ostinato(*COMMAND, "--primer", "theme.mid").exit_code == 2


def test_a_folder_with_a_foreign_record_is_rejected(batch_server: ScriptedServer) -> None:
    Path("tunes").mkdir()
    Path("tunes", RECORD).write_text(json.dumps({"batches": []}))
    result = ostinato(*COMMAND)
    assert result.exit_code == 2
    assert "tunes/batch.json is not a record of this version" in result.stderr


def test_a_folder_that_cannot_be_written_is_reported_before_any_request(
    batch_server: ScriptedServer,
) -> None:
    Path("tunes").mkdir()
    Path("tunes", f".{RECORD}.unfinished").symlink_to("/dev/full")
    result = ostinato(*COMMAND)
    assert result.exit_code == 2
    assert "Cannot write to tunes/batch.json: No space left on device." in result.stderr
    assert batch_server.requests == []
