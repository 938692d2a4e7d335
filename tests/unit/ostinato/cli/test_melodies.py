"""`ostinato melodies`, `melody` and `download`."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from ostinato.cli import melodies
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import (
    JOB_ID,
    MELODY_ID,
    a_melody,
    a_summary,
    page,
    problem,
)
from tests.unit.ostinato.scripted_server import ScriptedServer

JOB_MELODIES, MELODY = f"/v1/jobs/{JOB_ID}/melodies", f"/v1/melodies/{MELODY_ID}"
OTHER_ID = UUID("018f0000-0000-7000-8000-00000000ffff")


@pytest.fixture
def melody_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server with one melody of one job."""
    cli_server.script(JOB_MELODIES, page(a_summary()))
    cli_server.script(MELODY, a_melody().model_dump_json())
    cli_server.script(f"{MELODY}.mid", b"MThd")
    not_found = problem(404, "melody_not_found", "There is no melody.")
    for unknown in (JOB_ID, OTHER_ID):
        cli_server.script(f"/v1/melodies/{unknown}", not_found)
    cli_server.script(
        f"/v1/jobs/{OTHER_ID}/melodies", problem(404, "job_not_found", "There is no job.")
    )
    return cli_server


def test_melodies_are_listed_as_a_table_or_as_json(melody_server: ScriptedServer) -> None:
    assert str(MELODY_ID) in ostinato("melodies", "--job", str(JOB_ID)).output
    [melody] = json.loads(ostinato("melodies", "--job", str(JOB_ID), "--json").output)
    assert melody["seed"] == 7


def test_a_melody_is_shown_without_its_notes_or_as_json_with_them(
    melody_server: ScriptedServer,
) -> None:
    output = ostinato("melody", str(MELODY_ID)).output
    rows = dict(line.split(maxsplit=1) for line in output.splitlines())
    assert (rows["id"].strip(), rows["num_notes"].strip()) == (str(MELODY_ID), "8")
    assert "notes" not in rows
    assert len(json.loads(ostinato("melody", str(MELODY_ID), "--json").output)["notes"]) == 8


@pytest.mark.parametrize("found_id", [MELODY_ID, JOB_ID])
def test_a_melody_or_all_of_a_job_are_saved(melody_server: ScriptedServer, found_id: UUID) -> None:
    result = ostinato("download", str(found_id), "--out", "tunes")
    assert result.exit_code == 0, result.output
    assert Path("tunes/mini-000001-0000.mid").read_bytes() == b"MThd"
    assert Path("tunes/mini-000001-0000.svg").is_file()
    assert "tunes/mini-000001-0000.mid" in result.stdout


def test_an_unknown_id_is_named(melody_server: ScriptedServer) -> None:
    result = ostinato("download", str(OTHER_ID))
    assert result.exit_code == 2
    assert result.stderr == (
        f"There is no melody or generation job '{OTHER_ID}'; `ostinato batch download` saves the "
        "melodies of a batch.\n"
    )


def test_only_the_first_melodies_are_listed(
    melody_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(melodies, "MAX_SHOWN", 2)
    summaries = [a_summary().model_copy(update={"index": index}) for index in range(5)]
    melody_server.script(JOB_MELODIES, page(*summaries))
    result = ostinato("download", str(JOB_ID))
    assert result.stdout.count(".mid") == 2
    assert "and 3 more in out/" in result.stdout
    assert len(list(Path("out").glob("*.mid"))) == 5


def test_a_full_disk_leaves_no_partial_file_and_is_one_sentence(
    melody_server: ScriptedServer,
) -> None:
    Path("tunes").mkdir()
    Path("tunes/.mini-000001-0000.svg.unfinished").symlink_to("/dev/full")
    result = ostinato("download", str(MELODY_ID), "--out", "tunes")
    assert result.exit_code == 2
    assert "Cannot write to tunes/mini-000001-0000.svg: No space left on device." in result.stderr
    assert list(Path("tunes").iterdir()) == []
    assert ostinato("download", str(MELODY_ID), "--out", "tunes").exit_code == 0
    assert len(list(Path("tunes").iterdir())) == 2
