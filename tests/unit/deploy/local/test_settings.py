"""The settings of the embedded stack."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.settings import LocalSettings, inherited_environment


def test_the_defaults_are_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OSTINATO_STATE_DIR", "OSTINATO_CHECKPOINTS_DIR", "OSTINATO_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings = LocalSettings()
    assert (settings.state_dir, settings.checkpoints_dir) == (Path("var"), None)
    assert settings.port == 8000
    assert not settings.port_is_required


def test_the_state_folder_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_STATE_DIR", "/elsewhere")
    assert LocalSettings().state_dir == Path("/elsewhere")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty path would be the current folder."""
    monkeypatch.setenv("OSTINATO_STATE_DIR", "")
    monkeypatch.setenv("OSTINATO_PORT", "")
    assert (LocalSettings().state_dir, LocalSettings().port) == (Path("var"), 8000)


@pytest.mark.parametrize(("port", "required"), [("8000", True), ("9000", True), ("0", False)])
def test_a_port_that_the_user_chose_is_required(
    monkeypatch: pytest.MonkeyPatch, port: str, *, required: bool
) -> None:
    monkeypatch.setenv("OSTINATO_PORT", port)
    assert LocalSettings().port_is_required is required


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "80.5"])
def test_an_invalid_port_ends_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("OSTINATO_PORT", port)
    with pytest.raises(SystemExit, match=r"^OSTINATO_PORT: Input should be [^\n]*$"):
        LocalSettings.load()


def test_a_renamed_variable_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_VAR", "/elsewhere")
    with pytest.raises(ValidationError, match="set OSTINATO_STATE_DIR instead"):
        LocalSettings()


def test_programs_inherit_a_copy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_LOG_LEVEL", "DEBUG")
    inherited_environment().clear()
    assert inherited_environment()["OSTINATO_LOG_LEVEL"] == "DEBUG"
