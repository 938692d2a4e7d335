"""Where the client finds the gateway's URL and the key."""

from pathlib import Path

import pytest

from ostinato.errors import ClientError
from ostinato.settings import DEFAULT_URL, ClientSettings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OSTINATO_URL", "OSTINATO_API_KEY", "OSTINATO_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_default_is_the_local_address_without_a_key() -> None:
    settings = ClientSettings()
    assert (settings.address, settings.key) == (DEFAULT_URL, None)


def test_url_and_key_are_read_from_the_files_of_the_local_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "url").write_text("http://127.0.0.1:9\n")
    (tmp_path / "elsewhere" / "api_key").write_text("from-file\n")
    settings = ClientSettings()
    assert (settings.address, settings.key) == ("http://127.0.0.1:9", "from-file")


def test_the_environment_takes_precedence_over_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "url").write_text("http://127.0.0.1:9")
    (tmp_path / "var" / "api_key").write_text("from-file")
    monkeypatch.setenv("OSTINATO_URL", "https://music.example")
    monkeypatch.setenv("OSTINATO_API_KEY", "from-environment")
    settings = ClientSettings()
    assert (settings.address, settings.key) == ("https://music.example", "from-environment")


def test_a_renamed_variable_is_rejected_with_its_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_VAR", "elsewhere")
    with pytest.raises(ClientError, match=r"OSTINATO_VAR was .* set OSTINATO_STATE_DIR"):
        ClientSettings()


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_the_address_may_end_with_v1(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.setenv("OSTINATO_URL", f"https://music.example:8443{suffix}")
    assert ClientSettings().address == "https://music.example:8443"


def test_an_empty_variable_is_the_same_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OSTINATO_URL", "OSTINATO_API_KEY", "OSTINATO_STATE_DIR"):
        monkeypatch.setenv(name, "")
    settings = ClientSettings()
    assert (settings.address, settings.key) == (DEFAULT_URL, None)
    assert settings.state_dir == Path("var")


def test_a_file_that_is_not_text_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "url").write_bytes(b"\xff")
    with pytest.raises(ClientError, match="var/url: it is not a text file; set OSTINATO_URL"):
        _ = ClientSettings().address
