"""The settings of the embedded stack."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.settings import LocalSettings, inherited_environment


def test_the_defaults_are_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OSTINATO_STATE_DIR", "OSTINATO_CHECKPOINTS_DIR", "OSTINATO_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings = LocalSettings()
    assert (settings.state_dir, settings.checkpoints_dir) == (Path("var"), Path("checkpoints"))
    assert settings.port == 8000


def test_the_state_folder_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_STATE_DIR", "/elsewhere")
    assert LocalSettings().state_dir == Path("/elsewhere")


def test_a_renamed_variable_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_VAR", "/elsewhere")
    with pytest.raises(ValidationError, match="set OSTINATO_STATE_DIR instead"):
        LocalSettings()


def test_programs_inherit_a_copy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_LOG_LEVEL", "DEBUG")
    inherited_environment().clear()
    assert inherited_environment()["OSTINATO_LOG_LEVEL"] == "DEBUG"
