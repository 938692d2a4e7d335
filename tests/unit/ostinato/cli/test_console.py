"""Errors of the client, the settings and the gateway: one sentence, and what helps."""

import os
from pathlib import Path

import pytest

from tests.unit.ostinato.command_line import ostinato, words
from tests.unit.ostinato.payloads import a_model, page, problem
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

CLOSED = "http://127.0.0.1:1"


def test_a_rejected_key_is_named_with_its_source(cli_server: ScriptedServer) -> None:
    cli_server.script("/v1/jobs", problem(401, "unauthenticated", "This key is unknown."))
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "This key is unknown.\nThe key is from OSTINATO_API_KEY.\nSet OSTINATO_URL and "
    )


def test_a_missing_key_is_reported_with_the_folder_that_was_searched(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTINATO_API_KEY")
    cli_server.script("/v1/jobs", problem(401, "unauthenticated", "A key is needed."))
    expected = f"OSTINATO_API_KEY is not set, and {Path.cwd() / 'var' / 'api_key'} does not exist."
    assert expected in ostinato("jobs").stderr


def test_an_unreachable_gateway_is_reported_with_the_source_of_its_address(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_URL", CLOSED)
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[:2] == [
        f"Nothing answers at {CLOSED}: [Errno 111] Connection refused; is the gateway running?",
        "The address is from OSTINATO_URL.",
    ]
    monkeypatch.delenv("OSTINATO_URL")
    Path("var").mkdir()
    Path("var/url").write_text(CLOSED)
    expected = f"The address is from {Path.cwd() / 'var' / 'url'}; OSTINATO_URL is not set.\n"
    assert expected in ostinato("jobs").stderr


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "music.example", "http://", "ftp://x"])
def test_an_address_that_is_not_http_is_rejected(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OSTINATO_URL", address)
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "OSTINATO_URL must start with http:// or https:// and name a host" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_address_that_is_not_a_url_is_rejected(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_URL", "http://localhost:port")
    result = ostinato("jobs")
    assert result.exit_code == 2
    assert "OSTINATO_URL: 'http://localhost:port' is not a URL: Invalid port" in result.stderr


def test_a_response_of_another_program_is_reported_with_the_source_of_the_address(
    cli_server: ScriptedServer,
) -> None:
    cli_server.script("/v1/jobs", ScriptedResponse(body="<h1>", status=404, media_type="text/html"))
    result = ostinato("jobs")
    assert "probably not an Ostinato gateway" in result.stderr
    assert result.stderr.endswith("The address is from OSTINATO_URL.\n")


def test_a_renamed_setting_is_one_sentence(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_VAR", "elsewhere")
    result = ostinato("jobs")
    expected = "OSTINATO_VAR was renamed: set OSTINATO_STATE_DIR instead.\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_an_unreadable_key_file_is_one_sentence(
    cli_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTINATO_API_KEY")
    Path("var/api_key").mkdir(parents=True)  # root can read every file, but not a folder
    result = ostinato("jobs")
    assert result.exit_code == 2
    expected = f"Cannot read {Path.cwd() / 'var' / 'api_key'}: {os.strerror(21)}; set "
    assert result.stderr.startswith(expected)


def test_an_error_of_the_gateway_exits_2_with_its_detail(cli_server: ScriptedServer) -> None:
    error = problem(404, "model_not_found", "There is no model 'v9'.", models=["v7", "v8"])
    cli_server.script("/v1/generations", error)
    result = ostinato("generate", "--model", "v9")
    assert result.exit_code == 2
    assert result.stderr == "There is no model 'v9'.\nAvailable models: v7, v8.\n"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bars", "--bars: mini generates 1 to 64 bars.\n"),
        ("sampling.top_p", "--top-p: mini generates 1 to 64 bars.\n"),
        ("primer_id", "--primer: mini generates 1 to 64 bars.\n"),
        ("job_id", "Mini generates 1 to 64 bars.\n"),
    ],
)
def test_an_error_about_a_field_names_the_option(
    cli_server: ScriptedServer, field: str, expected: str
) -> None:
    detail = f"{field}: mini generates 1 to 64 bars."
    cli_server.script("/v1/generations", problem(422, "invalid_request", detail, field=field))
    assert ostinato("generate", "--bars", "200").stderr == expected


def test_an_error_about_promotion_names_the_command(cli_server: ScriptedServer) -> None:
    detail = "model: v9 is not promoted: POST /v1/models/v9/promote."
    cli_server.script("/v1/generations", problem(409, "conflict", detail, field="model"))
    result = ostinato("generate", "--model", "v9")
    assert result.stderr == "--model: v9 is not promoted: `ostinato promote v9`.\n"
    other = problem(
        409,
        "weights_mismatch",
        "The file has other weights; POST /v1/models/v9/promote can promote them.",
        receipt="abcd",
    )
    cli_server.script("/v1/reproduce", other)
    Path("a.mid").write_bytes(b"MThd")
    assert ostinato("reproduce", "a.mid").stderr == (
        "The file has other weights; `ostinato promote v9 --sha256 abcd` can promote them.\n"
    )


def test_a_response_of_another_version_is_reported(cli_server: ScriptedServer) -> None:
    body = page(a_model()).replace('"version"', '"renamed"')
    cli_server.script("/v1/models", body)
    result = ostinato("models")
    assert result.exit_code == 2
    assert "install the client of the gateway's version" in result.stderr


def test_an_unknown_command_is_named(cli_server: ScriptedServer) -> None:
    result = ostinato("generat")
    assert result.exit_code == 2
    assert "No such command 'generat'" in words(result.stderr)
