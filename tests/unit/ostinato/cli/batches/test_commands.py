"""`ostinato batch` and `ostinato batches`: output and exit codes."""

import json
from pathlib import Path

import pytest

from ostinato.schemas.batches import BatchItemError
from ostinato.schemas.jobs import JobError, JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch, an_archive, saved_name
from tests.unit.ostinato.command_line import ostinato, words
from tests.unit.ostinato.payloads import page, problem
from tests.unit.ostinato.scripted_server import ScriptedServer

BATCH_PATH = f"/v1/batches/{BATCH_ID}"
LINES = b'{"custom_id": "a", "bars": 1}\n{"custom_id": "b", "bars": 2}\n'


@pytest.fixture
def batch_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server that accepts a batch, and a file of lines in the current folder."""
    cli_server.script("/v1/batches", a_batch(JobState.QUEUED).model_dump_json())
    Path("requests.jsonl").write_bytes(LINES)
    return cli_server


def test_submit_sends_the_file_and_prints_the_id(batch_server: ScriptedServer) -> None:
    result = ostinato("batch", "submit", "requests.jsonl")
    assert result.exit_code == 0
    assert result.stdout == f"Batch {BATCH_ID} is queued; 0 of 5 melodies are finished.\n"
    assert batch_server.bodies == [LINES]
    assert dict(batch_server.requests[0].query_params) == {"invalid_lines": "reject"}


def test_submit_sends_its_options(batch_server: ScriptedServer) -> None:
    options = "--invalid-lines report --deadline-seconds 60 --metadata a=1 --metadata b=x=y --json"
    result = ostinato("batch", "submit", "requests.jsonl", *options.split())
    assert json.loads(result.stdout)["id"] == str(BATCH_ID)
    query = dict(batch_server.requests[0].query_params)
    assert json.loads(query.pop("metadata")) == {"a": "1", "b": "x=y"}
    assert query == {"invalid_lines": "report", "deadline_seconds": "60"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metadata", "album"], "--metadata: 'album' is not a name and a value"),
        (["--metadata", "a=1", "--metadata", "a=2"], "--metadata: 'a' occurs twice"),
        (["--deadline-seconds", "0"], "'0' is not a whole number from 1 to 604800"),
        (["--invalid-lines", "drop"], "'drop' is not one of 'reject', 'report'"),
    ],
)
def test_an_invalid_option_is_named_before_any_request(
    batch_server: ScriptedServer, options: list[str], message: str
) -> None:
    result = ostinato("batch", "submit", "requests.jsonl", *options)
    assert result.exit_code == 2
    assert message in words(result.stderr)
    assert batch_server.requests == []


def test_invalid_lines_are_named_with_the_file(batch_server: ScriptedServer) -> None:
    lines = [
        {"line": 2, "custom_id": "b", "field": "bars", "message": "bars: must be at least 1."},
        {"line": 9, "custom_id": None, "field": "tempo", "message": "tempo: must be a number."},
    ]
    detail = "Line 2: bars: must be at least 1."
    error = problem(422, "invalid_request", detail, field="bars", line=2, errors=lines)
    batch_server.script("/v1/batches", error)
    result = ostinato("batch", "submit", "requests.jsonl")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "requests.jsonl: line 2 (b): bars: must be at least 1.",
        "requests.jsonl: line 9: tempo: must be a number.",
    ]


def test_submit_can_wait_for_the_end(batch_server: ScriptedServer) -> None:
    partial = a_batch(JobState.PARTIAL, succeeded=4, failed=1)
    batch_server.script(BATCH_PATH, a_batch().model_dump_json(), partial.model_dump_json())
    result = ostinato("batch", "submit", "requests.jsonl", "--wait")
    assert result.exit_code == 1
    assert "is partial; 4 of 5 melodies are finished, 1 failed" in result.stdout
    assert f"Batch {BATCH_ID}" in result.stderr
    assert f"`ostinato batch errors {BATCH_ID}` lists what failed" in result.stderr

    done = a_batch(JobState.SUCCEEDED, succeeded=5)
    batch_server.script(BATCH_PATH, done.model_dump_json())
    assert ostinato("batch", "submit", "requests.jsonl", "--wait").exit_code == 0


def test_status_shows_counts_rate_and_what_it_waits_for(cli_server: ScriptedServer) -> None:
    cli_server.script(BATCH_PATH, a_batch(succeeded=2).model_dump_json())
    result = ostinato("batch", "status", str(BATCH_ID), columns=80)
    rows = [line.split(maxsplit=1) for line in result.output.splitlines()]
    found = {row[0]: row[1].strip() for row in rows if len(row) == 2}
    assert found["counts.succeeded"] == "2"
    assert found["melodies_per_second"] == "2.5"
    assert found["queue_position"] == "3"
    assert found["metadata.project"] == "album"
    assert found["waiting_for"].startswith("3 shards of all owners")
    assert max(map(len, result.output.splitlines())) <= 80
    as_json = ostinato("batch", "status", str(BATCH_ID), "--json").output
    assert json.loads(as_json)["eta_seconds"] == 1.2


def test_errors_are_listed_with_their_custom_ids(cli_server: ScriptedServer) -> None:
    errors = [
        BatchItemError(
            index=99_999,
            custom_id=custom_id,
            error=JobError(code="invalid_request", detail="Line 3: bars: must be at least 1."),
        )
        for custom_id in ("a-very-long-name-of-a-line-in-a-file-of-many-lines", None)
    ]
    cli_server.script(f"{BATCH_PATH}/errors", page(*errors))
    result = ostinato("batch", "errors", str(BATCH_ID), columns=80)
    assert max(map(len, result.output.splitlines())) <= 80
    assert "99999" in result.output
    assert "invalid_request" in result.output
    found = json.loads(ostinato("batch", "errors", str(BATCH_ID), "--json").output)
    assert [row["custom_id"] for row in found] == [errors[0].custom_id, None]
    limited = ostinato("batch", "errors", str(BATCH_ID), "--limit", "1", "--json").output
    assert len(json.loads(limited)) == 1


@pytest.mark.parametrize(
    ("action", "state"),
    [("pause", JobState.PAUSED), ("resume", JobState.RUNNING), ("retry", JobState.QUEUED)],
)
def test_an_action_prints_the_new_state(
    cli_server: ScriptedServer, action: str, state: JobState
) -> None:
    cli_server.script(f"{BATCH_PATH}/{action}", a_batch(state).model_dump_json())
    output = ostinato("batch", action, str(BATCH_ID)).output
    assert output == f"Batch {BATCH_ID} is {state}; 0 of 5 melodies are finished.\n"


def test_an_unknown_batch_is_one_sentence(cli_server: ScriptedServer) -> None:
    cli_server.script(BATCH_PATH, problem(404, "batch_not_found", "There is no such batch."))
    result = ostinato("batch", "status", str(BATCH_ID))
    assert (result.exit_code, result.stderr) == (2, "There is no such batch.\n")


def test_download_saves_what_is_finished(cli_server: ScriptedServer) -> None:
    cli_server.script(BATCH_PATH, a_batch(succeeded=2).model_dump_json())
    cli_server.script(f"{BATCH_PATH}/archive.zip", an_archive([0, 3]))
    result = ostinato("batch", "download", str(BATCH_ID), "--out", "tunes")
    assert result.exit_code == 0
    assert result.stdout == "2 of 5 melodies are in tunes/.\n"
    assert {path.name for path in Path("tunes").glob("*.mid")} == {
        saved_name(0),
        saved_name(3),
    }


def test_batches_are_listed(cli_server: ScriptedServer) -> None:
    big = a_batch(JobState.CANCELLING, total=100_000, succeeded=99_998)
    cli_server.script("/v1/batches", page(big, a_batch(failed=1), cursor="more"))
    result = ostinato("batches", "--limit", "2", columns=80)
    rows = [line.split() for line in result.output.splitlines() if str(BATCH_ID) in line]
    assert [row[1:4] for row in rows] == [
        ["cancelling", "99998/100000", "0"],
        ["running", "0/5", "1"],
    ]
    assert max(map(len, result.output.splitlines())) <= 80
    assert len(json.loads(ostinato("batches", "--limit", "1", "--json").output)) == 1


def test_no_id_is_cut_in_a_narrow_terminal(cli_server: ScriptedServer) -> None:
    big = a_batch(JobState.CANCELLING, total=100_000, succeeded=99_998)
    cli_server.script("/v1/batches", page(big))
    lines = ostinato("batches", columns=40).output.splitlines()
    assert any(line.split()[:3] == [str(BATCH_ID), "cancelling", "99998/100000"] for line in lines)


def test_long_reasons_wrap_in_a_narrow_terminal(cli_server: ScriptedServer) -> None:
    error = JobError(code="poison", detail="The worker crashed three times with this melody.")
    row = BatchItemError(index=7, custom_id="line-7", error=error)
    cli_server.script(f"{BATCH_PATH}/errors", page(row))
    result = ostinato("batch", "errors", str(BATCH_ID), columns=50)
    assert max(map(len, result.output.splitlines())) <= 50
