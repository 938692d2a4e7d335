"""`ostinato keys`: requests, output and exit codes."""

import json

import pytest

from ostinato.schemas.account.keys import ApiKeyRequest, CreatedApiKey, Scope
from tests.unit.ostinato.command_line import ostinato
from tests.unit.ostinato.payloads import KEY_ID, a_key, page, problem
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

PATH = f"/v1/keys/{KEY_ID}"
CREATED = CreatedApiKey(**a_key().model_dump(), key="ost_Ab12CdEf")
NOTE = f"Key {KEY_ID} of ann; it is not shown again.\n"


def test_keys_are_listed_as_a_table_or_as_json(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/keys", page(a_key(), a_key()))
    result = ostinato("keys", "list", "--limit", "1")
    [row] = [line.split() for line in result.stdout.splitlines()[2:]]
    assert row == [str(KEY_ID), "ost_Ab12Cd", "nightly", "generate", "never"]
    listed = json.loads(ostinato("keys", "list", "--owner", "ann", "--json").stdout)
    assert [key["id"] for key in listed] == [str(KEY_ID)] * 2
    assert cli_server.requests[-1].query_params["owner"] == "ann"


@pytest.mark.parametrize(
    ("options", "request_"),
    [
        ((), ApiKeyRequest(scopes=(Scope.GENERATE, Scope.TRAIN))),
        (
            *(("--scope", "admin", "--scope", "generate", "ci", "--owner", "bob"),),
            ApiKeyRequest(name="ci", scopes=(Scope.GENERATE, Scope.ADMIN), owner="bob"),
        ),
        (
            ("--scope", "train", "--expires-in-days", "30"),
            ApiKeyRequest(scopes=(Scope.TRAIN,), expires_in_days=30),
        ),
    ],
)
def test_the_secret_of_a_new_key_is_all_that_a_script_reads(
    cli_server: ScriptedServer, options: tuple[str, ...], request_: ApiKeyRequest
) -> None:
    cli_server.script("/v1/keys", CREATED.model_dump_json())
    result = ostinato("keys", "create", *options)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "ost_Ab12CdEf\n", NOTE)
    assert ApiKeyRequest.model_validate_json(cli_server.bodies[-1]) == request_


def test_a_new_key_is_printed_as_json(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/keys", CREATED.model_dump_json())
    printed = ostinato("keys", "create", "--json").stdout
    assert CreatedApiKey.model_validate_json(printed) == CREATED


def test_options_out_of_range_are_named(cli_server: ScriptedServer) -> None:
    for arguments, option in (
        (("create", "--expires-in-days", "0"), "--expires-in-days"),
        (("create", "x" * 101), "NAME"),
        (("create", "--scope", "all"), "--scope"),
        (("rotate", str(KEY_ID), "--grace-hours", "721"), "--grace-hours"),
        (("revoke", "ost_Ab12Cd"), "KEY_ID"),
    ):
        result = ostinato("keys", *arguments)
        assert result.exit_code == 2
        assert option in result.output
    assert cli_server.requests == []


def test_a_key_is_rotated_and_revoked(cli_server: ScriptedServer) -> None:
    cli_server.script(f"{PATH}/rotate", CREATED.model_dump_json())
    result = ostinato("keys", "rotate", str(KEY_ID), "--grace-hours", "2")
    assert (result.exit_code, result.stdout) == (0, "ost_Ab12CdEf\n")
    assert result.stderr == f"{NOTE}The old key is valid for 2 more hours.\n"
    assert json.loads(cli_server.bodies[-1]) == {"grace_seconds": 7200}
    cli_server.script(PATH, ScriptedResponse(status=204))
    assert ostinato("keys", "revoke", str(KEY_ID)).stdout == f"Revoked key {KEY_ID}.\n"


def test_a_key_that_may_not_is_an_error(cli_server: ScriptedServer) -> None:
    detail = "This needs a key with the scope admin."
    cli_server.script("/v1/keys", problem(403, "insufficient_scope", detail))
    result = ostinato("keys", "create", "--scope", "admin")
    assert (result.exit_code, result.stderr) == (2, f"{detail}\n")
