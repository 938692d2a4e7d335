"""The `ostinato` command in a process of its own, which a test interrupts or kills."""

import signal
from pathlib import Path

from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch, an_archive
from tests.unit.ostinato.cli.batches.test_commands import LINES
from tests.unit.ostinato.cli.batches.test_folder import (
    BATCH_PATH,
    COMMAND,
    COUNT,
    DONE,
    batch_server,
    submissions,
)
from tests.unit.ostinato.cli.test_evaluations import (
    EVALUATION,
    EVALUATION_EVENTS,
    EVALUATIONS,
    evaluation_server,
)
from tests.unit.ostinato.cli.test_generate import JOB_PATH, SAVED
from tests.unit.ostinato.command_line import ostinato, start, wait_until
from tests.unit.ostinato.payloads import (
    EVALUATION_ID,
    JOB_ID,
    a_job,
    a_summary,
    an_evaluation,
    job_event,
    notes_event,
    page,
    problem,
    sse,
)
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

__all__ = ["batch_server", "evaluation_server"]


def test_ctrl_c_cancels_the_job_and_saves_what_is_finished(
    generation_server: ScriptedServer, tmp_path: Path
) -> None:
    generation_server.script(
        f"{JOB_PATH}/events", ScriptedResponse(body=sse(notes_event(1, bars=1)), ending="hang")
    )
    cancelling = a_job(JobState.CANCELLING, count=4).model_dump_json()
    generation_server.script(f"{JOB_PATH}/cancel", cancelling)
    cancelled = a_job(JobState.CANCELLED, count=4, succeeded=1)
    cancelled = cancelled.model_copy(update={"cancel_seconds": 0.25})
    generation_server.script(JOB_PATH, cancelling, cancelled.model_dump_json())
    partial = a_summary().model_copy(update={"index": 1, "bars": 1, "partial": True})
    generation_server.script(f"{JOB_PATH}/melodies", page(a_summary(), partial))
    process = start("generate", cwd=tmp_path)
    wait_until(lambda: generation_server.count_requests(f"{JOB_PATH}/events") == 1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (
        f"Job {JOB_ID} is cancelled; 2 of 4 melodies saved in out/, 1 of them with their first "
        "bars only; its engine let go after 0.25 s."
    ) in errors
    assert (tmp_path / "out" / SAVED).read_bytes() == b"MThd"
    assert len(list((tmp_path / "out").glob("*-0001-partial.mid"))) == 1
    assert generation_server.count_requests(f"{JOB_PATH}/cancel") == 1


def test_a_killed_command_continues_its_batch(batch_server: ScriptedServer, tmp_path: Path) -> None:
    batch_server.script(BATCH_PATH, a_batch(total=COUNT).model_dump_json())
    process = start(*COMMAND, cwd=tmp_path)
    wait_until(lambda: batch_server.count_requests(BATCH_PATH) > 0)
    process.kill()
    process.communicate()
    batch_server.script(BATCH_PATH, DONE.model_dump_json())
    assert ostinato(*COMMAND).exit_code == 0
    assert len(submissions(batch_server)) == 1
    assert len(list(Path("tunes").glob("*.mid"))) == COUNT


def test_ctrl_c_cancels_the_batch_and_saves_what_is_finished(
    batch_server: ScriptedServer, tmp_path: Path
) -> None:
    batch_server.script(BATCH_PATH, a_batch(total=COUNT).model_dump_json())
    cancelled = a_batch(JobState.CANCELLED, total=COUNT, succeeded=2, cancelled=COUNT - 2)
    batch_server.script(f"{BATCH_PATH}/cancel", cancelled.model_dump_json())
    batch_server.script(f"{BATCH_PATH}/archive.zip", an_archive([0, 1]))
    process = start(*COMMAND, cwd=tmp_path)
    wait_until(lambda: batch_server.count_requests(BATCH_PATH) > 0)
    batch_server.script(BATCH_PATH, cancelled.model_dump_json())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    message = (
        f"Batch {BATCH_ID} is cancelled; 2 of 65 melodies are finished. They are in tunes/.\nA "
        "cancelled batch is not continued: to request all melodies again, choose another --out, or "
        "delete tunes/batch.json.\n"
    )
    assert errors.endswith(message)
    assert len(list(Path("tunes").glob("*.mid"))) == 2

    batch_server.requests.clear()
    result = ostinato(*COMMAND)
    assert (result.exit_code, result.stderr) == (1, message)
    assert batch_server.requests == []


def test_ctrl_c_leaves_a_submitted_batch_running(
    batch_server: ScriptedServer, tmp_path: Path
) -> None:
    Path("requests.jsonl").write_bytes(LINES)
    batch_server.script(BATCH_PATH, a_batch().model_dump_json())
    process = start("batch", "submit", "requests.jsonl", "--wait", cwd=tmp_path)
    wait_until(lambda: batch_server.count_requests(BATCH_PATH) > 0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"`ostinato batch status {BATCH_ID}` shows it" in errors
    assert batch_server.count_requests(f"{BATCH_PATH}/cancel") == 0


def interrupt_at(server: ScriptedServer, events: str, folder: Path) -> tuple[int, str]:
    """Interrupt the command while it waits for the events of a job; its exit code and errors."""
    server.script(events, ScriptedResponse(body=sse(job_event(1, JobState.RUNNING)), ending="hang"))
    process = start("evaluate", "v6", cwd=folder)
    wait_until(lambda: server.count_requests(events) == 1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def test_ctrl_c_cancels_the_generation(evaluation_server: ScriptedServer, tmp_path: Path) -> None:
    evaluation_server.script(f"{JOB_PATH}/cancel", a_job(JobState.CANCELLED).model_dump_json())
    code, errors = interrupt_at(evaluation_server, f"{JOB_PATH}/events", tmp_path)
    assert code == 130
    assert errors.endswith(f"Job {JOB_ID} is cancelled; it is not evaluated.\n")
    assert not evaluation_server.count_requests(EVALUATIONS)


def test_ctrl_c_cancels_the_evaluation(evaluation_server: ScriptedServer, tmp_path: Path) -> None:
    cancelling = an_evaluation(JobState.CANCELLING).model_dump_json()
    evaluation_server.script(f"{EVALUATION}/cancel", cancelling)
    code, errors = interrupt_at(evaluation_server, EVALUATION_EVENTS, tmp_path)
    assert code == 130
    assert errors.endswith(f"Evaluation {EVALUATION_ID} of mini is cancelling.\n")


def test_ctrl_c_after_the_end_reports_the_state(
    evaluation_server: ScriptedServer, tmp_path: Path
) -> None:
    ended = problem(409, "conflict", "The job has already succeeded; it cannot be cancelled.")
    evaluation_server.script(f"{EVALUATION}/cancel", ended)
    code, errors = interrupt_at(evaluation_server, EVALUATION_EVENTS, tmp_path)
    assert code == 130
    assert errors.endswith("The job has already succeeded; it cannot be cancelled.\n")
