"""What the command prints, leaves behind and exits with."""

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
from tests.unit.ostinato.peer import Answer, Peer, request_to
from tests.unit.ostinato.samples import (
    JOB_ID,
    MELODY_ID,
    NOON,
    a_job,
    a_model,
    a_summary,
    moved,
    page,
    problem,
    sse,
    wrote,
)

ROOT = Path(__file__).parents[3]
JOB_PATH = f"/v1/jobs/{JOB_ID}"
MELODY_PATH = f"/v1/melodies/{MELODY_ID}"


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_generate_saves_midi_and_picture_and_prints_the_table(studio: Peer) -> None:
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 0
    assert Path("here/mini-000001-0000.mid").read_bytes() == b"MThd"
    assert Path("here/mini-000001-0000.svg").is_file()
    row = next(line for line in result.output.splitlines() if "here/mini" in line)
    assert row.split() == ["mini", "7", "2", "8", "0.50", "60", "here/mini-000001-0000.mid"]
    assert "First note after " in result.output


def test_generate_asks_for_what_was_typed(studio: Peer) -> None:
    typed = "--model mini --count 3 --bars 4 --tempo 90 --instrument 5 --seed 11"
    sampling = "--temperature 0.9 --top-k 40 --top-p 0.95 --min-p 0.0"
    assert ostinato("generate", *typed.split(), *sampling.split()).exit_code == 0
    assert request_to(studio) == GenerationRequest.model_validate(
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


def test_generate_takes_the_newest_model_and_the_wires_defaults(studio: Peer) -> None:
    ostinato("generate")
    assert request_to(studio) == GenerationRequest(model="v8")


def test_a_model_that_came_later_is_newer_whatever_its_name(studio: Peer) -> None:
    later = a_model("fresh", registered_at=NOON + timedelta(days=1))
    studio.will_say("/v1/models", page(later, a_model("v8")))
    ostinato("generate")
    assert request_to(studio).model == "fresh"


def test_what_waits_to_be_promoted_is_not_taken(studio: Peer) -> None:
    waiting = a_model("v9").model_copy(update={"promoted_at": None})
    studio.will_say("/v1/models", page(a_model("v7"), waiting))
    ostinato("generate")
    assert request_to(studio).model == "v7"


def test_generate_hands_in_the_primer_first(studio: Peer) -> None:
    primer = Primer(id=MELODY_ID, sha256="cd" * 32, notes=8, bars=2)
    studio.will_say("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    assert ostinato("generate", "--primer", "theme.mid").exit_code == 0
    assert b"MThd theme" in studio.bodies
    assert request_to(studio).primer_id == MELODY_ID


def test_a_primer_that_is_refused_is_named(studio: Peer) -> None:
    studio.will_say("/v1/primers", problem(422, "invalid_midi", "The file is cut off."))
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid")
    assert (result.exit_code, result.stderr) == (2, "theme.mid: The file is cut off.\n")


def test_without_a_key_it_says_where_one_may_be(at_peer: Peer) -> None:
    at_peer.will_say("/v1/jobs", problem(401, "unauthenticated", "A key is needed."))
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert result.stderr.startswith("A key is needed.\nSet OSTINATO_API_KEY, or ")


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "localhost:8000", "music.example"])
def test_an_address_without_a_scheme_is_refused_with_what_it_lacks(
    at_peer: Peer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OSTINATO_URL", address)
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "OSTINATO_URL must begin with http://" in result.stderr


def test_a_failed_job_exits_1_and_says_why(studio: Peer) -> None:
    studio.will_say(f"{JOB_PATH}/events", sse(moved(1, JobState.FAILED)))
    studio.will_say(JOB_PATH, a_job(JobState.FAILED).model_dump_json())
    studio.will_say(f"{JOB_PATH}/melodies", page())
    result = ostinato("generate")
    assert result.exit_code == 1
    assert "is failed; 0 of 1 melodies are there: It fell over." in result.stderr


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_asked_for(
    studio: Peer,
) -> None:
    Path("taken").touch()
    result = ostinato("generate", "--out", "taken/deeper")
    assert result.exit_code == 2
    assert result.stderr == "Cannot write to taken/deeper: Not a directory.\n"
    assert studio.asked("/v1/generations") == 0


def test_a_melody_that_cannot_be_written_exits_2_and_says_that_the_job_is_kept(
    studio: Peer,
) -> None:
    path = Path("here/mini-000001-0000.mid")
    path.mkdir(parents=True)
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 2
    assert f"Cannot write to {path}: Is a directory. Job {JOB_ID} is kept" in result.stderr


def test_what_the_gateway_refuses_exits_2_with_its_words(studio: Peer) -> None:
    refusal = problem(404, "model_not_found", "There is no model 'v9'.", models=["v7", "v8"])
    studio.will_say("/v1/generations", refusal)
    result = ostinato("generate", "--model", "v9")
    assert result.exit_code == 2
    assert result.stderr == "There is no model 'v9'.\nThere are: v7, v8.\n"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--bars", "0", "--bars: Input should be greater than or equal to 1"),
        ("--top-p", "7", "--top-p: Input should be less than or equal to 1"),
        ("--seed", str(2**53), "--seed: Input should be less than or equal to"),
    ],
)
def test_a_value_out_of_range_exits_2_and_names_option_and_range(
    studio: Peer, option: str, value: str, words: str
) -> None:
    result = ostinato("generate", option, value)
    assert result.exit_code == 2
    assert words in result.stderr
    assert studio.asked("/v1/generations") == 0


def test_without_any_model_generate_says_so(studio: Peer) -> None:
    studio.will_say("/v1/models", page())
    result = ostinato("generate")
    assert result.exit_code == 2
    assert "no model yet" in result.stderr


def test_without_a_gateway_it_says_how_to_start_one(
    at_peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_URL", "http://127.0.0.1:1")
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "Nothing answers at http://127.0.0.1:1; is `make up` running?" in result.stderr


def test_jobs_are_listed_for_people_and_for_scripts(at_peer: Peer) -> None:
    at_peer.will_say("/v1/jobs", page(a_job(count=4, succeeded=1)))
    row = next(line for line in ostinato("jobs").output.splitlines() if str(JOB_ID) in line)
    asked = f"{NOON.astimezone():%d %b %H:%M}"
    assert row.split()[1:] == ["running", "mini", "1/4", *asked.split()]
    [job] = json.loads(ostinato("jobs", "--json").output)
    assert (job["id"], job["state"]) == (str(JOB_ID), "running")


def test_jobs_can_be_limited_and_chosen_by_state(at_peer: Peer) -> None:
    at_peer.will_say("/v1/jobs", page(a_job(), a_job(), cursor="more"))
    output = ostinato("jobs", "--state", "running", "--limit", "3", "--json").output
    assert len(json.loads(output)) == 3
    assert at_peer.requests[0].query_params["state"] == "running"


def test_a_job_is_shown_for_people_and_for_scripts(at_peer: Peer) -> None:
    at_peer.will_say(JOB_PATH, a_job(JobState.FAILED).model_dump_json())
    facts = [line.split(maxsplit=1) for line in ostinato("job", str(JOB_ID)).output.splitlines()]
    assert ["detail", "It fell over."] in [[name, value.strip()] for name, value in facts]
    assert json.loads(ostinato("job", str(JOB_ID), "--json").output)["error"]["code"] == "poison"


def test_cancel_says_what_is_left(at_peer: Peer) -> None:
    job = a_job(JobState.CANCELLING, count=4, succeeded=1)
    at_peer.will_say(f"{JOB_PATH}/cancel", job.model_dump_json())
    output = ostinato("cancel", str(JOB_ID)).output
    assert output == f"Job {JOB_ID} is cancelling; 1 of 4 melodies are there.\n"


def test_melodies_are_listed_for_people_and_for_scripts(at_peer: Peer) -> None:
    at_peer.will_say(f"{JOB_PATH}/melodies", page(a_summary()))
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


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


HEEDS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell lets what it starts in the background ignore it, the tests with all their children."""
COMMAND = ("-c", f"{HEEDS_CTRL_C}; from ostinato.cli.app import app; app()")


def test_ctrl_c_cancels_the_job_and_saves_what_is_finished(studio: Peer, tmp_path: Path) -> None:
    studio.will_say(f"{JOB_PATH}/events", Answer(body=sse(wrote(1, bars=1)), then="silence"))
    cancelling = a_job(JobState.CANCELLING, count=4).model_dump_json()
    studio.will_say(f"{JOB_PATH}/cancel", cancelling)
    cancelled = a_job(JobState.CANCELLED, count=4, succeeded=1).model_dump_json()
    studio.will_say(JOB_PATH, cancelling, cancelled)
    process = start(*COMMAND, "generate", cwd=tmp_path)
    until(lambda: studio.asked(f"{JOB_PATH}/events") == 1)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"Job {JOB_ID} is cancelled; 1 of 4 melodies saved in out/." in words
    assert (tmp_path / "out" / "mini-000001-0000.mid").read_bytes() == b"MThd"
    assert studio.asked(f"{JOB_PATH}/cancel") == 1


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_up_and_doctor_become_the_local_stack(tmp_path: Path, command: str) -> None:
    package = tmp_path / "deploy" / "local"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text("import os, sys; print(os.getpid(), *sys.argv[1:])")
    process = start(*COMMAND, command, cwd=tmp_path)
    output, _ = process.communicate(timeout=30)
    assert output.split() == [str(process.pid), command]
