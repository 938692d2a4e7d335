"""The shape of the repository: what is where, how it is called, and how long it may be."""

import re
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.source import PACKAGES, ROOT, Module, files, num_lines, python_files

MAX_LINES = 300
MEDIAN_FUNCTION = 10

TOP_LEVEL = {
    *("services", "shared", "deploy", "docker-compose.yml", "tests"),
    *("README.md", "Makefile", "pyproject.toml", "ostinato", "checkpoints"),
    *("LICENSE", "requirements.lock", "docs"),
    *(".ci", ".github", ".gitignore", ".gitattributes", ".dockerignore"),
}
SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}

ONE_MACHINE = re.compile(
    r"(?<![\w.*}>)-])/(?:root|work|Users|home/(?!ostinato\b)\w+)/|\.\./shared\b"
)
"""A path that exists on somebody's machine only."""


def test_every_top_level_name_has_its_place_in_the_plan() -> None:
    assert {path.parts[0] for path in files()} <= TOP_LEVEL


def test_a_file_has_a_bounded_length() -> None:
    lengths = {path: Module.of(path).num_lines for path in python_files()}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_half_of_the_functions_are_short(package: str) -> None:
    modules = [Module.of(path) for path in python_files(package)]
    lengths = [num_lines(function) for module in modules for function in module.functions()]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_a_module_opens_with_what_it_is() -> None:
    assert [path for path in python_files() if not Module.of(path).docstring] == []


def test_no_name_says_nothing() -> None:
    names = {path: {part.removesuffix(".py") for part in path.parts} for path in python_files()}
    assert [path for path, parts in names.items() if parts & SAY_NOTHING] == []


def test_a_unit_test_lies_where_its_subject_lies() -> None:
    tests = [path for path in files() if path.match("tests/unit/**/test_*.py")]
    assert [path for path in tests if not subject_exists(path)] == []


def subject_exists(test: Path) -> bool:
    """`tests/unit/a/b/test_c.py` is about `a/b/c.py`, the package `a/b/c`, or a part of `a/b/c`."""
    folder = ROOT / test.relative_to("tests/unit").parent
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    return any((folder / f"{name}.py").exists() or (folder / name).is_dir() for name in names)


def test_nothing_names_a_path_of_one_machine() -> None:
    found = {path: ONE_MACHINE.search(text) for path, text in texts().items()}
    assert {path: match[0] for path, match in found.items() if match} == {}


def texts() -> dict[Path, str]:
    """All files that are text."""
    contents = {path: (ROOT / path).read_bytes() for path in files()}
    return {path: data.decode() for path, data in contents.items() if is_text(data)}


def is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
