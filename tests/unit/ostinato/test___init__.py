"""The names that the package exports, and what importing its schemas loads."""

import subprocess
import sys

import pytest

import ostinato


@pytest.mark.parametrize("name", ostinato.__all__)
def test_every_exported_name_is_importable(name: str) -> None:
    assert getattr(ostinato, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ostinato' has no attribute 'Gateway'"):
        _ = ostinato.Gateway  # type: ignore[attr-defined]


def test_importing_the_schemas_loads_neither_the_http_client_nor_the_command() -> None:
    code = (
        "import ostinato.schemas.events, ostinato.schemas.models, sys;"
        "print({'httpx', 'typer', 'rich', 'matplotlib', 'services', 'shared'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert loaded == "set()\n"
