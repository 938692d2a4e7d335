"""The commands of `ostinato`: their order, their help and their examples."""

import importlib.metadata
import re

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from ostinato.cli.app import PANELS, app
from tests.unit.ostinato.command_line import ostinato

GROUP = typer.main.get_group(app)


def paths(group: TyperGroup) -> list[tuple[str, ...]]:
    """The commands of a group and of the groups inside it."""
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        inner = paths(command) if isinstance(command, TyperGroup) else [()]
        found += [(name, *path) for path in inner]
    return found


def test_the_help_lists_the_commands_in_the_order_of_use() -> None:
    output = ostinato("-h", columns=80).output
    listed = re.findall(r"^│ (\w+)  ", output, re.MULTILINE)
    assert listed == [command.name for commands in PANELS.values() for command in commands]
    assert set(listed) == set(GROUP.commands)
    assert listed[0] == "generate"
    assert listed.index("up") < listed.index("datasets") < listed.index("train")


@pytest.mark.parametrize("path", paths(GROUP), ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_a_help_with_an_example_that_parses(
    path: tuple[str, ...], option: str
) -> None:
    result = ostinato(*path, option, columns=80)
    assert result.exit_code == 0
    assert f"Example: ostinato {' '.join(path)}" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_no_arguments_print_the_help() -> None:
    assert "Generate symbolic music" in CliRunner().invoke(app, []).output


def test_the_version_is_printed() -> None:
    result = ostinato("--version")
    expected = f"ostinato {importlib.metadata.version('ostinato')}\n"
    assert (result.exit_code, result.output) == (0, expected)
