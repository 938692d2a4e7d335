"""Output of `ostinato models` and `ostinato promote`."""

import json

import pytest

from ostinato.cli import models
from ostinato.schemas.models import ModelVersion, PromotionState
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
        "my-tunes (cdcdcdcdcdcd) passed the self-test of a worker; new jobs get it.",
        "my-tunes was not served before; all other versions stay as they are.",
        "The default stays mini: `ostinato generate --model my-tunes` selects my-tunes. To make it "
        "the default, start the gateway with OSTINATO_DEFAULT_MODEL=my-tunes.",
    ]


def test_replacing_weights_prints_the_command_that_goes_back(cli_server: ScriptedServer) -> None:
    lines = promote(cli_server, model("mini", NEW, is_default=True), MINI)
    assert lines == [
        "mini (cdcdcdcdcdcd) passed the self-test of a worker; new jobs get it.",
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


def pending(version: str) -> ModelVersion:
    return model(
        version,
        NEW,
        promoted_at=None,
        promotion=PromotionState.PENDING,
        promotion_detail="A worker tests these weights.",
    )


def test_a_promotion_is_awaited_until_a_worker_has_tested_the_weights(
    cli_server: ScriptedServer,
) -> None:
    requested, done = pending("mini"), model("mini", NEW, is_default=True)
    cli_server.script("/v1/models", page(MINI), page(MINI, requested), page(done))
    cli_server.script("/v1/models/mini/promote", requested.model_dump_json())
    result = ostinato("promote", "mini")
    assert result.exit_code == 0
    assert result.output.splitlines()[:2] == [
        "The promotion is requested. A worker tests these weights.",
        "mini (cdcdcdcdcdcd) passed the self-test of a worker; new jobs get it.",
    ]


def test_a_refused_promotion_ends_with_the_reason(cli_server: ScriptedServer) -> None:
    requested = pending("mini")
    refused = requested.model_copy(
        update={"promotion": PromotionState.REFUSED, "promotion_detail": "not finite."}
    )
    cli_server.script("/v1/models", page(MINI), page(MINI, refused))
    cli_server.script("/v1/models/mini/promote", requested.model_dump_json())
    result = ostinato("promote", "mini")
    assert (result.exit_code, result.stderr) == (1, "The promotion was refused: not finite.\n")


def test_a_promotion_that_no_worker_tests_stays_pending(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "TEST_SECONDS", 0)
    lines = promote(cli_server, pending("new"), MINI, pending("new"))
    assert lines[1:] == [
        "It is still pending: `ostinato models` shows whether workers serve new (cdcdcdcdcdcd)."
    ]


def test_a_version_that_is_not_published_names_who_can_use_it(cli_server: ScriptedServer) -> None:
    lines = promote(cli_server, model("my-tunes", NEW, owner="ann"), MINI)
    assert lines[1] == (
        "Only ann and admins can use it; an admin publishes it by `ostinato publish my-tunes`."
    )
    cli_server.script("/v1/models/my-tunes/publish", model("my-tunes", NEW).model_dump_json())
    result = ostinato("publish", "my-tunes")
    assert result.output == "Every owner can use my-tunes now.\n"


def test_a_demotion_says_what_fails_and_how_to_go_back(cli_server: ScriptedServer) -> None:
    demoted = model("mini", promoted_at=None, promotion=None)
    cli_server.script("/v1/models", page(MINI, model("v8")))
    for version, lines in (
        ("v8", []),
        ("mini", ["It is the default, so requests that name no model fail, too."]),
    ):
        path = f"/v1/models/{version}/demote"
        cli_server.script(path, demoted.model_copy(update={"version": version}).model_dump_json())
        result = ostinato("demote", version)
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines() == [
            f"{version} is not promoted any more: workers unload it, and requests for it fail.",
            *lines,
            "To go back:",
            f"  ostinato promote {version} --sha256 {OLD}",
        ]


def test_an_error_names_the_command_that_demotes(cli_server: ScriptedServer) -> None:
    detail = "Workers serve v9: demote it first: POST /v1/models/v9/demote."
    cli_server.script("/v1/models/v9", problem(409, "conflict", detail))
    result = ostinato("delete", "--yes", "v9")
    assert result.stderr == "Workers serve v9: demote it first: `ostinato demote v9`.\n"


def test_unknown_weights_are_rejected_with_the_registered_ones(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/models", page(MINI))
    error = problem(404, "model_not_found", "There is no model 'mini with x'.", weights=[OLD])
    cli_server.script("/v1/models/mini/promote", error)
    result = ostinato("promote", "mini", "--sha256", "x")
    assert result.stderr == f"There is no model 'mini with x'.\nAvailable weights: {OLD}.\n"


def test_models_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    refused = {"promotion": PromotionState.REFUSED, "promotion_detail": "not finite."}
    others = (model("v8"), model("new", NEW, promoted_at=None, **refused))
    cli_server.script("/v1/models", page(MINI, *others))
    rows = [line.split() for line in ostinato("models").stdout.splitlines()[2:]]
    assert rows[0] == ["mini", "default", "64", "yes", "no", "3.250", "A", "small", "decoder."]
    assert [row[:2] for row in rows[1:]] == [["v8", "yes"], ["new", "refused"]]
    assert ostinato("models").stderr == "new (cdcdcdcdcdcd) is refused: not finite.\n"
    assert json.loads(ostinato("models", "--json").output)[0]["version"] == "mini"
