"""What the commands about versions print."""

import json

from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import a_model, page


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_a_version_is_promoted(at_peer: Peer) -> None:
    at_peer.will_say("/v1/models/v8/promote", a_model("v8").model_dump_json())
    output = ostinato("promote", "v8", "--sha256", "ab" * 32).output
    assert (
        output == f"Workers try v8 with {('ab' * 32)[:12]} now, and play it once it has passed.\n"
    )
    assert at_peer.asked("/v1/models/v8/promote")


def test_models_are_listed_for_people_and_for_scripts(at_peer: Peer) -> None:
    at_peer.will_say("/v1/models", page(a_model()))
    output = ostinato("models").output
    assert "A small decoder." in output
    assert "3.25" in output
    [model] = json.loads(ostinato("models", "--json").output)
    assert model["version"] == "mini"
