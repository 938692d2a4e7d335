"""Output of `ostinato models` and `ostinato promote`."""

import json

from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from tests.unit.ostinato.payloads import a_model, page
from tests.unit.ostinato.scripted_server import ScriptedServer


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_a_version_is_promoted(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/models/v8/promote", a_model("v8").model_dump_json())
    output = ostinato("promote", "v8", "--sha256", "ab" * 32).output
    weights = f"v8 ({'ab' * 6})"
    assert output == f"Workers load {weights} and serve it after a self-test.\n"
    assert cli_server.count_requests("/v1/models/v8/promote")


def test_models_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/models", page(a_model()))
    output = ostinato("models").output
    assert "A small decoder." in output
    assert "3.25" in output
    [model] = json.loads(ostinato("models", "--json").output)
    assert model["version"] == "mini"
