"""The repository as text: its files, and the syntax trees of the Python ones."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "shared", "ostinato", "deploy")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> list[Path]:
    """All files of the checkout that git tracks or would add, relative to the root."""
    listed = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [Path(name) for name in names if (ROOT / name).exists()]


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
