"""`ostinato delete` asks first, and finds out what has an id."""

import pytest
from typer.testing import CliRunner

from ostinato.cli.app import app
from ostinato.cli.deletion import DELETE_BY_KIND
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import JOB_ID, problem
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

PLURALS = {"melody": "melodies", "batch": "batches"}
DELETED = ScriptedResponse(status=204)


@pytest.fixture
def paths(cli_server: ScriptedServer) -> dict[str, str]:
    """The paths of all kinds, none of which has the id."""
    paths = {kind: f"/v1/{PLURALS.get(kind, f'{kind}s')}/{JOB_ID}" for kind in DELETE_BY_KIND}
    for kind, path in paths.items():
        cli_server.script(path, problem(404, f"{kind}_not_found", f"There is no {kind}."))
    return paths


def test_nothing_is_deleted_without_an_answer(
    cli_server: ScriptedServer, paths: dict[str, str]
) -> None:
    for answer in ("", "n\n"):
        result = CliRunner().invoke(app, ["delete", str(JOB_ID)], input=answer)
        assert result.exit_code == 1
    assert cli_server.requests == []
    cli_server.script(paths["melody"], DELETED)
    result = CliRunner().invoke(app, ["delete", str(JOB_ID)], input="y\n")
    assert result.exit_code == 0
    assert result.output.endswith(f"Deleted melody {JOB_ID}.\n")


@pytest.mark.parametrize(("kind", "name"), [("job", "job"), ("dataset", "data set")])
def test_the_kind_is_found_by_the_id(
    cli_server: ScriptedServer, paths: dict[str, str], kind: str, name: str
) -> None:
    cli_server.script(paths[kind], DELETED)
    assert ostinato("delete", str(JOB_ID), "--yes").output == f"Deleted {name} {JOB_ID}.\n"


def test_an_unknown_id_and_a_refusal_are_reported(
    cli_server: ScriptedServer, paths: dict[str, str]
) -> None:
    result = ostinato("delete", str(JOB_ID), "--yes")
    assert (result.exit_code, result.stderr) == (
        2,
        "There is no melody, job, batch, training, evaluation, engraving, data set or primer "
        f"'{JOB_ID}'.\n",
    )
    cli_server.script(paths["job"], problem(409, "conflict", "It is running."))
    result = ostinato("delete", str(JOB_ID), "--yes")
    assert (result.exit_code, result.stderr) == (2, "It is running.\n")


def test_another_argument_is_the_name_of_a_version(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/models/my-tunes", DELETED)
    assert ostinato("delete", "my-tunes", "--yes").output == "Deleted version my-tunes.\n"
