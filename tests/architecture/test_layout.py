"""The layout of the repository: where files are, their names, and their lengths."""

import re
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.source import (
    PACKAGES,
    ROOT,
    TOP_LEVEL,
    Module,
    files,
    num_lines,
    python_files,
)

MAX_LINES = 300
MAX_MEDIAN_FUNCTION_LINES = 10
MAX_SIBLINGS = 20
MAX_SUMMARY_LENGTH = 80

SOURCE_SUFFIXES = {".py", ".ts", ".tsx", ".cpp", ".h", ".lua"}
UNLIMITED_FOLDERS = {Path("shared/db/migrations/versions")}
"""Folders without a limit of files: one file per revision of the database schema."""
SERVICES = ("gateway", "dispatcher", "worker", "trainer")
STANDARD_NAMES = {"__init__.py", "__main__.py", "settings.py"}
"""File names with the same meaning in every package."""
MEANINGLESS_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}

MACHINE_PATH = re.compile(
    r"(?<![\w.*}>)-])/(?:root|work|Users|home/(?!ostinato\b)\w+)/|\.\./shared/"
)
"""A path that exists on one machine only."""


def test_every_top_level_entry_is_expected() -> None:
    assert {path.parts[0] for path in files()} <= TOP_LEVEL


def test_no_python_file_is_too_long() -> None:
    lengths = {path: Module.read(path).num_lines for path in python_files()}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_no_folder_has_too_many_source_files() -> None:
    sources = [
        path
        for path in files()
        if path.suffix in SOURCE_SUFFIXES
        and path.name != "__init__.py"
        and path.parent not in UNLIMITED_FOLDERS
    ]
    counts = Counter(path.parent for path in sources)
    assert {folder: count for folder, count in counts.items() if count > MAX_SIBLINGS} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_file_names_are_unique_within_a_service(service: str) -> None:
    names = Counter(
        path.name
        for path in python_files("services")
        if path.parts[1] == service
        and path.name not in STANDARD_NAMES
        and path.parts[2] != "cli"  # a command has the name of the module that it runs
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_most_functions_are_short(package: str) -> None:
    modules = [Module.read(path) for path in python_files(package)]
    lengths = [num_lines(function) for module in modules for function in module.functions()]
    assert median(lengths) <= MAX_MEDIAN_FUNCTION_LINES


def test_every_module_has_a_docstring_with_a_short_first_line() -> None:
    summaries = {path: Module.read(path).docstring for path in python_files()}
    assert [path for path, docstring in summaries.items() if not docstring] == []
    lengths = {path: len((text or "").splitlines()[0]) for path, text in summaries.items()}
    too_long = {path: length for path, length in lengths.items() if length > MAX_SUMMARY_LENGTH}
    assert {path for path in too_long if path.parts[0] in PACKAGES} == set()


def test_no_file_has_a_meaningless_name() -> None:
    names = {path: {part.removesuffix(".py") for part in path.parts} for path in python_files()}
    assert [path for path, parts in names.items() if parts & MEANINGLESS_NAMES] == []


def test_unit_tests_mirror_the_source_tree() -> None:
    tests = [path for path in files() if path.match("tests/unit/**/test_*.py")]
    assert [path for path in tests if not subject_exists(path)] == []


def subject_exists(test: Path) -> bool:
    """`tests/unit/a/b/test_c.py` tests `a/b/c.py`, the package `a/b/c`, or a part of `a/b/c`."""
    folder = ROOT / test.relative_to("tests/unit").parent
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    return any((folder / f"{name}.py").exists() or (folder / name).is_dir() for name in names)


def test_no_file_contains_a_path_of_one_machine() -> None:
    found = {path: MACHINE_PATH.search(text) for path, text in texts().items()}
    assert {path: match[0] for path, match in found.items() if match} == {}


def texts() -> dict[Path, str]:
    """The contents of all text files."""
    contents = {path: (ROOT / path).read_bytes() for path in files()}
    return {path: data.decode() for path, data in contents.items() if is_text(data)}


def is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
