"""Where the client looks for the gateway and the key."""

from pathlib import Path

import pytest

from ostinato.settings import DEFAULT_URL, ClientSettings


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OSTINATO_URL", "OSTINATO_API_KEY", "OSTINATO_VAR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_with_nothing_said_the_local_address_and_no_key() -> None:
    settings = ClientSettings()
    assert (settings.address, settings.key) == (DEFAULT_URL, None)


def test_the_local_stack_leaves_both_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_VAR", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "url").write_text("http://127.0.0.1:9\n")
    (tmp_path / "elsewhere" / "api_key").write_text("from-file\n")
    settings = ClientSettings()
    assert (settings.address, settings.key) == ("http://127.0.0.1:9", "from-file")


def test_the_environment_wins_over_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "url").write_text("http://127.0.0.1:9")
    (tmp_path / "var" / "api_key").write_text("from-file")
    monkeypatch.setenv("OSTINATO_URL", "https://music.example")
    monkeypatch.setenv("OSTINATO_API_KEY", "from-environment")
    settings = ClientSettings()
    assert (settings.address, settings.key) == ("https://music.example", "from-environment")
