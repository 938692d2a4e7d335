"""Where the embedded stack keeps its things is read from the environment."""

from pathlib import Path

import pytest

from deploy.local.settings import LocalSettings, inherited


def test_all_of_it_lies_in_the_checkout_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OSTINATO_VAR", "OSTINATO_CHECKPOINTS", "OSTINATO_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings = LocalSettings()
    assert (settings.var, settings.checkpoints) == (Path("var"), Path("checkpoints"))
    assert settings.port == 8000


def test_the_folder_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_VAR", "/elsewhere")
    assert LocalSettings().var == Path("/elsewhere")


def test_programs_inherit_a_copy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_LOG_LEVEL", "DEBUG")
    inherited().clear()
    assert inherited()["OSTINATO_LOG_LEVEL"] == "DEBUG"
