"""`ostinato generate` and `reproduce`: output, files and exit codes."""

from pathlib import Path

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.command_line import ostinato, words
from tests.unit.ostinato.payloads import JOB_ID, MELODY_ID, a_job, job_event, page, problem, sse
from tests.unit.ostinato.primer_payloads import a_primer, a_track
from tests.unit.ostinato.scripted_server import ScriptedServer, posted_generation

JOB_PATH = f"/v1/jobs/{JOB_ID}"
SAVED = "mini-000001-0000.mid"


def test_generate_saves_midi_and_piano_roll_and_prints_a_table(
    generation_server: ScriptedServer,
) -> None:
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 0
    assert Path("here", SAVED).read_bytes() == b"MThd"
    assert Path("here", SAVED).with_suffix(".svg").is_file()
    row = next(line for line in result.stdout.splitlines() if "here/mini" in line)
    assert row.split() == ["7", "2", "8", "0.50", "60", f"here/{SAVED}"]
    assert f"Job {JOB_ID} by mini\n" in result.stdout
    assert "First note after " in result.stdout


def test_the_progress_is_in_lines_on_standard_error(generation_server: ScriptedServer) -> None:
    result = ostinato("generate")
    assert result.stderr.splitlines() == [
        "queued: 1/2 bars",
        "succeeded: 2/2 bars",
        "saving melodies: 1/1",
    ]


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


def test_without_options_the_gateway_decides(generation_server: ScriptedServer) -> None:
    ostinato("generate")
    assert posted_generation(generation_server) == GenerationRequest()
    assert not generation_server.count_requests("/v1/models")


def test_generate_uploads_the_primer_first(generation_server: ScriptedServer) -> None:
    primer = a_primer()
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    assert ostinato("generate", "--primer", "theme.mid").exit_code == 0
    assert b"MThd theme" in generation_server.bodies
    assert posted_generation(generation_server).primer_id == MELODY_ID


def test_generate_says_which_tracks_are_read(generation_server: ScriptedServer) -> None:
    primer = a_primer(tracks=(a_track("Piano"), a_track(), a_track("Kit", is_drum=True)))
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid")
    assert result.exit_code == 0
    assert (
        "theme.mid: the model reads and writes track 1 (Piano); kept: track 2, Kit."
        in result.stderr
    )
    assert posted_generation(generation_server).track is None


def test_generate_sends_the_track_of_the_primer(generation_server: ScriptedServer) -> None:
    primer = a_primer(tracks=(a_track("Piano"), a_track("Lead"), a_track("Kit", is_drum=True)))
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    options = ("--track", "2", "--only-new-bars")
    assert ostinato("generate", "--primer", "theme.mid", *options).exit_code == 0
    request = posted_generation(generation_server)
    assert (request.track, request.include_primer) == (1, False)


@pytest.mark.parametrize("track", ["3", "4"])
def test_a_track_that_cannot_be_generated_is_an_error(
    generation_server: ScriptedServer, track: str
) -> None:
    primer = a_primer(tracks=(a_track("Piano"), a_track("Lead"), a_track("Kit", is_drum=True)))
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid", "--track", track)
    assert result.exit_code == 2
    assert f"no pitched track {track}; it has 1 (Piano), 2 (Lead)" in words(result.stderr)


def test_generate_uploads_some_bars_of_the_primer(generation_server: ScriptedServer) -> None:
    primer = a_primer(bars=8, from_bar=8)
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    bars = ("--from-bar", "9", "--to-bar", "16")
    assert ostinato("generate", "--primer", "theme.mid", *bars).exit_code == 0
    [upload] = [it for it in generation_server.requests if it.url.path == "/v1/primers"]
    assert upload.url.query == "from_bar=8&to_bar=15"


@pytest.mark.parametrize("option", ["--from-bar", "--to-bar", "--track"])
def test_bars_of_no_primer_are_an_error(generation_server: ScriptedServer, option: str) -> None:
    result = ostinato("generate", option, "2")
    assert result.exit_code == 2
    assert f"{option}: needs --primer" in words(result.stderr)
    assert not generation_server.count_requests("/v1/generations")


@pytest.mark.parametrize("status", [413, 422])
def test_an_error_about_a_file_names_it(generation_server: ScriptedServer, status: int) -> None:
    error = problem(status, "invalid_midi", "It is cut off.")
    generation_server.script("/v1/primers", error)
    generation_server.script("/v1/reproduce", error)
    Path("theme.mid").write_bytes(b"MThd theme")
    for command in (("generate", "--primer", "theme.mid"), ("reproduce", "theme.mid")):
        result = ostinato(*command)
        assert (result.exit_code, result.stderr) == (2, "theme.mid: It is cut off.\n")


def test_bars_that_the_primer_lacks_are_rejected(generation_server: ScriptedServer) -> None:
    primer = a_primer()
    generation_server.script("/v1/primers", primer.model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid", "--regenerate", "2-3")
    assert result.exit_code == 2
    assert "--regenerate: theme.mid has 2 bars, so it has no bar 3" in words(result.stderr)
    assert not generation_server.count_requests("/v1/generations")


@pytest.mark.parametrize(
    ("bars", "message"),
    [
        ("9", "theme.mid has 10 bars, so it has no bar 11"),
        ("9-10", "bars 9 to 10 of theme.mid are used, not bar 5"),
    ],
)
def test_bars_to_regenerate_are_counted_in_the_file(
    generation_server: ScriptedServer, bars: str, message: str
) -> None:
    first, _, last = bars.partition("-")
    options = ["--from-bar", first, *(("--to-bar", last) if last else ())]
    generation_server.script("/v1/primers", a_primer(bars=2, from_bar=8).model_dump_json())
    Path("theme.mid").write_bytes(b"MThd theme")
    command = ("generate", "--primer", "theme.mid", *options, "--regenerate")
    wrong = ostinato(*command, "11" if not last else "5")
    assert (wrong.exit_code, message in words(wrong.stderr)) == (2, True)
    assert ostinato(*command, "10").exit_code == 0
    assert posted_generation(generation_server).regenerate == (1,)


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (("--from-bar", "9"), "--from-bar"),
        (("--from-bar", "4", "--to-bar", "2"), "--from-bar"),
        (("--from-bar", "4", "--to-bar", "20"), "--to-bar"),
    ],
)
def test_bars_to_use_are_counted_from_1(
    generation_server: ScriptedServer, options: tuple[str, ...], option: str
) -> None:
    error = problem(422, "invalid_request", "numbered from 0", field="from_bar", maximum=7)
    generation_server.script("/v1/primers", error)
    Path("theme.mid").write_bytes(b"MThd theme")
    result = ostinato("generate", "--primer", "theme.mid", *options)
    assert result.exit_code == 2
    assert f"{option}: theme.mid has 8 bars, counted from 1" in words(result.stderr)


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


def test_a_melody_that_cannot_be_written_exits_2_and_says_how_to_repeat(
    generation_server: ScriptedServer,
) -> None:
    path = Path("here", SAVED)
    path.mkdir(parents=True)
    result = ostinato("generate", "--out", "here")
    assert result.exit_code == 2
    assert f"Cannot write to {path}: Is a directory. No melody is lost" in result.stderr
    assert f"ostinato download {JOB_ID}" in result.stderr
