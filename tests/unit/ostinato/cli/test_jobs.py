"""`ostinato jobs`, `job` and `cancel`."""

import json

from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.engravings import Engraving
from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import (
    DATASET_ID,
    EVALUATION_ID,
    JOB_ID,
    NOON,
    a_dataset,
    a_job,
    a_training,
    an_evaluation,
    page,
    problem,
)
from tests.unit.ostinato.receipt_payloads import a_receipt
from tests.unit.ostinato.scripted_server import ScriptedServer

JOB_PATH = f"/v1/jobs/{JOB_ID}"


def test_jobs_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/jobs", page(a_job(count=4, succeeded=1)))
    row = next(line for line in ostinato("jobs").output.splitlines() if str(JOB_ID) in line)
    created = f"{NOON.astimezone():%d %b %H:%M}"
    assert row.split()[1:] == ["running", "mini", "1/4", *created.split()]
    [job] = json.loads(ostinato("jobs", "--json").output)
    assert (job["id"], job["state"]) == (str(JOB_ID), "running")


def test_jobs_can_be_limited_and_filtered_by_state(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/jobs", page(a_job(), a_job(), cursor="more"))
    output = ostinato("jobs", "--state", "running", "--limit", "3", "--json").output
    assert len(json.loads(output)) == 3
    assert cli_server.requests[0].query_params["state"] == "running"


def test_a_job_is_shown_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    job = a_job(JobState.FAILED)
    accepted = job.request.with_sampling(ResolvedSampling())
    cli_server.script(JOB_PATH, job.model_copy(update={"request": accepted}).model_dump_json())
    rows = [line.split(maxsplit=1) for line in ostinato("job", str(JOB_ID)).output.splitlines()]
    found = {name: value.strip() for name, value in rows}
    assert found["error.detail"] == "The worker crashed."
    assert found["request.sampling.top_p"] == "1.0"
    assert json.loads(ostinato("job", str(JOB_ID), "--json").output)["error"]["code"] == "poison"


def test_a_receipt_is_printed_as_a_line_of_json_for_each_page(cli_server: ScriptedServer) -> None:
    pages = [a_receipt(cursor="64"), a_receipt()]
    cli_server.script(f"{JOB_PATH}/receipt", *(each.model_dump_json() for each in pages))
    lines = ostinato("receipt", str(JOB_ID)).output.splitlines()
    assert [json.loads(line)["next_cursor"] for line in lines] == ["64", None]
    assert json.loads(lines[0])["request_sha256"] == "ab" * 32


def script_unknown(server: ScriptedServer, *kinds: str) -> dict[str, str]:
    """Let the server know nothing of these kinds with the id, and return the paths of `cancel`."""
    plurals = {"batch": "batches"}
    paths = {kind: f"/v1/{plurals.get(kind, f'{kind}s')}/{JOB_ID}/cancel" for kind in kinds}
    for kind, path in paths.items():
        server.script(path, problem(404, f"{kind}_not_found", f"There is no {kind}."))
    return paths


def test_cancel_prints_the_finished_melodies(cli_server: ScriptedServer) -> None:
    script_unknown(cli_server, "batch")
    job = a_job(JobState.CANCELLING, count=4, succeeded=1)
    cli_server.script(f"{JOB_PATH}/cancel", job.model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Job {JOB_ID} is cancelling; 1 of 4 melodies are finished.\n"


def test_cancel_accepts_the_id_of_a_job_of_any_kind(cli_server: ScriptedServer) -> None:
    kinds = ("batch", "job", "training", "evaluation", "dataset", "engraving")
    paths = script_unknown(cli_server, *kinds)
    result = ostinato("cancel", str(JOB_ID))
    assert result.exit_code == 2
    assert result.stderr == (
        f"There is no job, batch, training, evaluation, data set or engraving '{JOB_ID}'.\n"
    )

    engraving = Engraving(id=JOB_ID, state=JobState.CANCELLING, created_at=NOON)
    cli_server.script(paths["engraving"], engraving.model_dump_json())
    assert ostinato("cancel", str(JOB_ID)).output == f"Engraving {JOB_ID} is cancelling.\n"

    cli_server.script(paths["dataset"], a_dataset(DatasetState.CANCELLED).model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Data set {DATASET_ID} (tunes) is cancelled.\n"

    cli_server.script(paths["evaluation"], an_evaluation(JobState.CANCELLING).model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Evaluation {EVALUATION_ID} of mini is cancelling.\n"

    cli_server.script(paths["training"], a_training(JobState.CANCELLED).model_dump_json())
    assert ostinato("cancel", str(JOB_ID)).output.startswith(f"Training {JOB_ID} is cancelled")

    cli_server.script(paths["job"], problem(409, "conflict", "It has already succeeded."))
    result = ostinato("cancel", str(JOB_ID))
    assert (result.exit_code, result.stderr) == (2, "It has already succeeded.\n")

    cli_server.script(paths["batch"], a_batch(JobState.CANCELLING, succeeded=2).model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Batch {BATCH_ID} is cancelling; 2 of 5 melodies are finished.\n"
