"""`ostinato batch` and `ostinato generate` with many melodies, on the real services."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.local.stack import Stack
from ostinato import BatchLine, Client, GenerationRequest
from ostinato.cli.app import app
from ostinato.schemas.batches import InvalidLines
from ostinato.schemas.jobs import JobState

Run = Callable[..., Result]


@pytest.fixture
def run(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder, and expects an exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(stack.state_dir.path))

    def invoke(*arguments: str, exit_code: int = 0) -> Result:
        result = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)
        assert result.exit_code == exit_code, result.output
        return result

    return invoke


def test_many_melodies_are_one_batch_that_is_requested_once(run: Run, client: Client) -> None:
    command = ("generate", "--model", "mini", "--count", "150", "--bars", "1", "--seed", "5")
    run(*command, "--out", "many")
    batch = next(client.batches())
    assert (batch.state, batch.counts.succeeded) == (JobState.SUCCEEDED, 150)
    melodies = list(client.batch_melodies(batch.id))
    assert [melody.seed for melody in melodies] == list(range(5, 155))
    for melody in (melodies[0], melodies[77], melodies[149]):
        name = f"mini-{batch.id.hex[-6:]}-{melody.index:04d}.mid"
        assert Path("many", name).read_bytes() == client.midi(melody.id)
    assert len(list(Path("many").glob("*.mid"))) == 150

    Path("many", name).unlink()
    assert run(*command, "--out", "many").stdout.endswith("All 150 melodies are in many/.\n")
    assert Path("many", name).exists()
    assert next(client.batches()).id == batch.id


def test_a_batch_is_the_same_as_single_generations(run: Run, client: Client) -> None:
    run("generate", "--model", "mini", "--count", "65", "--bars", "2", "--seed", "40")
    job = client.wait(client.generate(GenerationRequest(model="mini", bars=2, seed=104)).id)
    [melody] = client.melodies(job.id)
    of_batch = list(client.batch_melodies(next(client.batches()).id))[-1]
    assert client.melody(of_batch.id).notes == client.melody(melody.id).notes


def test_lines_are_downloaded_with_their_custom_ids(run: Run, client: Client) -> None:
    lines = [BatchLine(custom_id=f"tune {i}", model="mini", bars=1 + i % 2) for i in range(70)]
    batch = client.wait_for_batch(client.submit_batch_lines(lines).id)
    assert batch.state is JobState.SUCCEEDED
    run("batch", "download", str(batch.id), "--out", "tunes")
    [manifest] = Path("tunes").glob("manifest-*.jsonl")
    entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    assert [entry["custom_id"] for entry in entries] == [line.custom_id for line in lines]
    for entry in entries:
        content = Path("tunes", entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_invalid_lines_are_named_or_reported(run: Run, client: Client) -> None:
    Path("lines.jsonl").write_text(
        '{"custom_id": "good", "model": "mini", "bars": 1}\n'
        '{"custom_id": "bad", "model": "mini", "bars": 0}\n'
        "not JSON\n"
    )
    rejected = run("batch", "submit", "lines.jsonl", exit_code=2).stderr.splitlines()
    assert [line.partition(": ")[2].partition(":")[0] for line in rejected] == [
        "line 2 (bad)",
        "line 3",
    ]
    run("batch", "submit", "lines.jsonl", "--invalid-lines", "report", "--wait", exit_code=1)
    batch = next(client.batches())
    assert (batch.state, batch.counts.succeeded, batch.counts.failed) == (JobState.PARTIAL, 1, 2)
    listed = json.loads(run("batch", "errors", str(batch.id), "--json").stdout)
    assert [(row["index"], row["custom_id"]) for row in listed] == [(1, "bad"), (2, None)]
    assert "bad" in run("batch", "errors", str(batch.id)).stdout


def test_a_batch_is_paused_resumed_and_cancelled(run: Run, client: Client) -> None:
    line = BatchLine(model="mini", bars=64, count=5000)
    batch = client.submit_batch_lines([line], invalid_lines=InvalidLines.REJECT)
    batch_id = str(batch.id)
    assert "is paused" in run("batch", "pause", batch_id).stdout
    assert "waiting_for" in run("batch", "status", batch_id).stdout
    assert "is paused" not in run("batch", "resume", batch_id).stdout
    assert batch_id in run("batches", "--limit", "1").stdout
    assert f"Batch {batch_id} is cancel" in run("cancel", batch_id).stdout
    assert client.wait_for_batch(batch.id, seconds=60).state is JobState.CANCELLED
