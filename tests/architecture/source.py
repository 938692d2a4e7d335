"""The repository as text: its files, and the syntax trees of the Python ones."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "shared", "ostinato", "deploy")

TOP_LEVEL = {
    *("services", "shared", "ostinato", "deploy", "tests", "docs", "checkpoints", "examples"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"),
    *("Makefile", "pyproject.toml", "requirements.lock", "docker-compose.yml"),
    *(".ci", ".github", ".gitignore", ".gitattributes", ".dockerignore"),
    *(".editorconfig", ".pre-commit-config.yaml"),
}
"""The files and folders of the root."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> list[Path]:
    """All files that belong to the repository, relative to the root.

    Files that a user has put into the checkout are not among them. In an unpacked archive without
    git, they are distinguished from others by their folder and by `.gitignore`.
    """
    names = _tracked() or _unpacked()
    return [Path(name) for name in sorted(names) if (ROOT / name).is_file()]


def _tracked() -> set[str]:
    """What git tracks; empty if the root belongs to no repository, or git does not read it."""
    try:
        listed = subprocess.run(
            ["/usr/bin/env", "git", "ls-files", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except subprocess.CalledProcessError:
        return set()
    return set(listed.stdout.split("\0")) - {""}


def _unpacked() -> set[str]:
    """All files below the expected top-level entries, without what `.gitignore` lists."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    return {
        str(path)
        for name in TOP_LEVEL
        for path in _below(Path(name))
        if not any(part.match(pattern) for part in (path, *path.parents) for pattern in ignored)
    }


def _below(path: Path) -> list[Path]:
    if not (ROOT / path).is_dir():
        return [path]
    return [found.relative_to(ROOT) for found in (ROOT / path).rglob("*")]


def python_files(*folders: str) -> list[Path]:
    """The Python files below these top-level folders, or all Python files."""
    selected = folders or (*PACKAGES, "tests")
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in selected]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "Module":
        return cls(path=path, text=(ROOT / path).read_text())

    @property
    def docstring(self) -> str | None:
        return ast.get_docstring(ast.parse(self.text))

    @property
    def num_lines(self) -> int:
        return len(self.text.splitlines())

    def functions(self) -> list[Function]:
        nodes = ast.walk(ast.parse(self.text))
        return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def num_lines(function: Function) -> int:
    """Lines from `def` to the last statement, without the docstring."""
    first = function.body[0]
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring
