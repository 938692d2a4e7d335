"""Output of `ostinato models` and `ostinato promote`."""

import json

from ostinato.schemas.models import ModelVersion
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import a_model, page, problem
from tests.unit.ostinato.scripted_server import ScriptedServer

OLD, NEW = "ab" * 32, "cd" * 32


def promote(server: ScriptedServer, promoted: ModelVersion, *before: ModelVersion) -> list[str]:
    """The lines that a promotion prints, if these versions are there before it."""
    server.script("/v1/models", page(*before))
    server.script(f"/v1/models/{promoted.version}/promote", promoted.model_dump_json())
    result = ostinato("promote", promoted.version)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def model(version: str, sha256: str = OLD, **changes: object) -> ModelVersion:
    return a_model(version).model_copy(update={"sha256": sha256, **changes})


MINI = model("mini", is_default=True)


def test_promoting_a_new_version_keeps_the_default(cli_server: ScriptedServer) -> None:
    trained = model("my-tunes", NEW, promoted_at=None)
    assert promote(cli_server, model("my-tunes", NEW), MINI, trained) == [
        "Workers load my-tunes (cdcdcdcdcdcd) and serve it after a self-test.",
        "my-tunes was not served before; all other versions stay as they are.",
        "The default stays mini: `ostinato generate --model my-tunes` selects my-tunes. To make it "
        "the default, start the gateway with OSTINATO_DEFAULT_MODEL=my-tunes.",
    ]


def test_replacing_weights_prints_the_command_that_goes_back(cli_server: ScriptedServer) -> None:
    lines = promote(cli_server, model("mini", NEW, is_default=True), MINI)
    assert lines == [
        "Workers load mini (cdcdcdcdcdcd) and serve it after a self-test.",
        "It replaces mini (abababababab). To go back:",
        f"  ostinato promote mini --sha256 {OLD}",
        "mini is the default of `ostinato generate`.",
    ]
    back = lines[2].split()[1:]
    cli_server.script("/v1/models/mini/promote", MINI.model_dump_json())
    assert ostinato(*back).exit_code == 0
    assert cli_server.requests[-1].query_params["sha256"] == OLD


def test_promoting_the_same_weights_again_changes_nothing(cli_server: ScriptedServer) -> None:
    assert promote(cli_server, MINI, MINI) == [
        "mini is promoted with these weights already (abababababab).",
        "mini is the default of `ostinato generate`.",
    ]


def test_a_version_that_is_not_published_names_who_can_use_it(cli_server: ScriptedServer) -> None:
    lines = promote(cli_server, model("my-tunes", NEW, owner="ann"), MINI)
    assert lines[1] == (
        "Only ann and admins can use it; an admin publishes it by `ostinato publish my-tunes`."
    )
    cli_server.script("/v1/models/my-tunes/publish", model("my-tunes", NEW).model_dump_json())
    result = ostinato("publish", "my-tunes")
    assert result.output == "Every owner can use my-tunes now.\n"


def test_unknown_weights_are_rejected_with_the_registered_ones(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/models", page(MINI))
    error = problem(404, "model_not_found", "There is no model 'mini with x'.", weights=[OLD])
    cli_server.script("/v1/models/mini/promote", error)
    result = ostinato("promote", "mini", "--sha256", "x")
    assert result.stderr == f"There is no model 'mini with x'.\nAvailable weights: {OLD}.\n"


def test_models_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    others = (model("v8"), model("new", promoted_at=None))
    cli_server.script("/v1/models", page(MINI, *others))
    rows = [line.split() for line in ostinato("models").output.splitlines()[2:]]
    assert rows[0] == ["mini", "default", "64", "yes", "no", "3.250", "A", "small", "decoder."]
    assert [row[:2] for row in rows[1:]] == [["v8", "yes"], ["new", "no"]]
    assert json.loads(ostinato("models", "--json").output)[0]["version"] == "mini"
