"""The generation commands: output, files and exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    JOB_ID,
    MELODY_ID,
    NOON,
    a_job,
    a_model,
    a_summary,
    job_event,
    notes_event,
    page,
    problem,
    sse,
)
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer, posted_generation

ROOT = Path(__file__).parents[4]
JOB_PATH = f"/v1/jobs/{JOB_ID}"
MELODY_PATH = f"/v1/melodies/{MELODY_ID}"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_generate_saves_midi_and_piano_roll_and_prints_a_table(
    generation_server: ScriptedServer,
) -> None:
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 0
    assert Path("here/mini-000001-0000.mid").read_bytes() == b"MThd"
    assert Path("here/mini-000001-0000.svg").is_file()
    row = next(line for line in result.output.splitlines() if "here/mini" in line)
    assert row.split() == ["mini", "7", "2", "8", "0.50", "60", "here/mini-000001-0000.mid"]
    assert "First note after " in result.output


def test_generate_sends_its_options(generation_server: ScriptedServer) -> None:
    options = "--model mini --count 3 --bars 4 --tempo 90 --instrument 5 --seed 11"
    sampling = "--temperature 0.9 --top-k 40 --top-p 0.95 --min-p 0.0"
    assert ostinato("generate", *options.split(), *sampling.split()).exit_code == 0
    assert posted_generation(generation_server) == GenerationRequest.model_validate(
        {
            "model": "mini",
            "count": 3,
            "bars": 4,
            "tempo": 90,
            "instrument": 5,
            "seed": 11,
            "sampling": {"temperature": 0.9, "top_k": 40, "top_p": 0.95, "min_p": 0.0},
        }
    )


def test_generate_defaults_to_the_last_promoted_version_and_the_api_defaults(
    generation_server: ScriptedServer,
) -> None:
    ostinato("generate")
    assert posted_generation(generation_server) == GenerationRequest(model="v8")


def test_the_default_version_is_the_one_promoted_last_not_the_last_by_name(
    generation_server: ScriptedServer,
) -> None:
    later = a_model("fresh", registered_at=NOON + timedelta(days=1))
    generation_server.script("/v1/models", page(later, a_model("v8")))
    ostinato("generate")
    assert posted_generation(generation_server).model == "fresh"


def test_a_version_that_is_not_promoted_is_not_the_default(
    generation_server: ScriptedServer,
) -> None:
    registered = a_model("v9").model_copy(update={"promoted_at": None})
    generation_server.script("/v1/models", page(a_model("v7"), registered))
    ostinato("generate")
    assert posted_generation(generation_server).model == "v7"


def test_generate_uploads_the_primer_first(generation_server: ScriptedServer) -> None:
    primer = Primer(id=MELODY_ID, sha256="cd" * 32, num_notes=8, bars=2)
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    assert ostinato("generate", "--primer", "theme.mid").exit_code == 0
    assert b"MThd theme" in generation_server.bodies
    assert posted_generation(generation_server).primer_id == MELODY_ID


def test_an_error_about_the_primer_names_its_file(generation_server: ScriptedServer) -> None:
    generation_server.script("/v1/primers", problem(422, "invalid_midi", "The file is cut off."))
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid")
    assert (result.exit_code, result.stderr) == (2, "theme.mid: The file is cut off.\n")


def test_a_missing_key_is_reported_with_the_places_to_set_it(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/jobs", problem(401, "unauthenticated", "A key is needed."))
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert result.stderr.startswith("A key is needed.\nSet OSTINATO_API_KEY, or ")


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "localhost:8000", "music.example"])
def test_a_url_without_a_scheme_is_rejected(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OSTINATO_URL", address)
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "OSTINATO_URL must start with http://" in result.stderr


def test_a_failed_job_exits_1_and_prints_its_error(generation_server: ScriptedServer) -> None:
    generation_server.script(f"{JOB_PATH}/events", sse(job_event(1, JobState.FAILED)))
    generation_server.script(JOB_PATH, a_job(JobState.FAILED).model_dump_json())
    generation_server.script(f"{JOB_PATH}/melodies", page())
    result = ostinato("generate")
    assert result.exit_code == 1
    assert "is failed; 0 of 1 melodies are finished: The worker crashed." in result.stderr


def test_an_output_folder_that_cannot_be_created_is_reported_before_any_request(
    generation_server: ScriptedServer,
) -> None:
    Path("taken").touch()
    result = ostinato("generate", "--out", "taken/deeper")
    assert result.exit_code == 2
    assert result.stderr == "Cannot write to taken/deeper: Not a directory.\n"
    assert generation_server.count_requests("/v1/generations") == 0


def test_a_melody_that_cannot_be_written_exits_2_and_names_the_job(
    generation_server: ScriptedServer,
) -> None:
    path = Path("here/mini-000001-0000.mid")
    path.mkdir(parents=True)
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 2
    assert f"Cannot write to {path}: Is a directory. The melodies are not lost" in result.stderr


def test_an_error_of_the_gateway_exits_2_with_its_detail(generation_server: ScriptedServer) -> None:
    error = problem(404, "model_not_found", "There is no model 'v9'.", models=["v7", "v8"])
    generation_server.script("/v1/generations", error)
    result = ostinato("generate", "--model", "v9")
    assert result.exit_code == 2
    assert result.stderr == "There is no model 'v9'.\nAvailable models: v7, v8.\n"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--bars", "0", "--bars: Input should be greater than or equal to 1"),
        ("--top-p", "7", "--top-p: Input should be less than or equal to 1"),
        ("--seed", str(2**53), "--seed: Input should be less than or equal to"),
    ],
)
def test_a_value_out_of_range_exits_2_and_names_the_option_and_its_bound(
    generation_server: ScriptedServer, option: str, value: str, message: str
) -> None:
    result = ostinato("generate", option, value)
    assert result.exit_code == 2
    assert message in result.stderr
    assert generation_server.count_requests("/v1/generations") == 0


def test_generate_without_any_promoted_version_fails(generation_server: ScriptedServer) -> None:
    generation_server.script("/v1/models", page())
    result = ostinato("generate")
    assert result.exit_code == 2
    assert "no model yet" in result.stderr


def test_an_unreachable_gateway_is_reported_with_the_command_that_starts_one(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_URL", "http://127.0.0.1:1")
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "Nothing answers at http://127.0.0.1:1; is `make up` running?" in result.stderr


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
    cli_server.script(JOB_PATH, a_job(JobState.FAILED).model_dump_json())
    rows = [line.split(maxsplit=1) for line in ostinato("job", str(JOB_ID)).output.splitlines()]
    assert ["detail", "The worker crashed."] in [[name, value.strip()] for name, value in rows]
    assert json.loads(ostinato("job", str(JOB_ID), "--json").output)["error"]["code"] == "poison"


def test_cancel_prints_the_finished_melodies(cli_server: ScriptedServer) -> None:
    job = a_job(JobState.CANCELLING, count=4, succeeded=1)
    cli_server.script(f"{JOB_PATH}/cancel", job.model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Job {JOB_ID} is cancelling; 1 of 4 melodies are finished.\n"


def test_melodies_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    cli_server.script(f"{JOB_PATH}/melodies", page(a_summary()))
    assert str(MELODY_ID) in ostinato("melodies", "--job", str(JOB_ID)).output
    [melody] = json.loads(ostinato("melodies", "--job", str(JOB_ID), "--json").output)
    assert melody["seed"] == 7


def start(*command: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


HANDLE_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell ignores SIGINT in background processes, and possibly in these tests."""
COMMAND = ("-c", f"{HANDLE_SIGINT}; from ostinato.cli.app import app; app()")


def test_ctrl_c_cancels_the_job_and_saves_what_is_finished(
    generation_server: ScriptedServer, tmp_path: Path
) -> None:
    generation_server.script(
        f"{JOB_PATH}/events", ScriptedResponse(body=sse(notes_event(1, bars=1)), ending="hang")
    )
    cancelling = a_job(JobState.CANCELLING, count=4).model_dump_json()
    generation_server.script(f"{JOB_PATH}/cancel", cancelling)
    cancelled = a_job(JobState.CANCELLED, count=4, succeeded=1).model_dump_json()
    generation_server.script(JOB_PATH, cancelling, cancelled)
    process = start(*COMMAND, "generate", cwd=tmp_path)
    wait_until(lambda: generation_server.count_requests(f"{JOB_PATH}/events") == 1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"Job {JOB_ID} is cancelled; 1 of 4 melodies saved in out/." in errors
    assert (tmp_path / "out" / "mini-000001-0000.mid").read_bytes() == b"MThd"
    assert generation_server.count_requests(f"{JOB_PATH}/cancel") == 1


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_up_and_doctor_execute_the_local_stack(tmp_path: Path, command: str) -> None:
    package = tmp_path / "deploy" / "local"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text("import os, sys; print(os.getpid(), *sys.argv[1:])")
    process = start(*COMMAND, command, cwd=tmp_path)
    output, _ = process.communicate(timeout=30)
    assert output.split() == [str(process.pid), command]
