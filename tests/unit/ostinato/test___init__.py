"""The names that the package exports, and what importing its schemas loads."""

import ast
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import ostinato

PACKAGE = Path(str(files(ostinato)))
DEPENDENCIES = {"httpx", "pychord", "pydantic", "pydantic_settings", "typer", "rich"}


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


def imported_packages(file: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names | modules}


def test_the_package_imports_its_dependencies_only() -> None:
    imported = set().union(*map(imported_packages, PACKAGE.rglob("*.py")))
    assert imported - sys.stdlib_module_names - {"ostinato"} == DEPENDENCIES


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_the_command_loads_no_package_of_the_servers() -> None:
    code = (
        "import ostinato.cli.app, sys;"
        "print({'matplotlib', 'numpy', 'torch', 'services', 'shared', 'deploy'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (loaded.stdout, loaded.stderr) == ("set()\n", "")
