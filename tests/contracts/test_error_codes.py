"""docs/api.md lists every error code of the source, and no other."""

import ast
import re
from collections.abc import Iterator

from services.gateway import problem_details
from tests.architecture.source import PACKAGES, ROOT, Module, python_files

ROW = re.compile(r"^\| (?:[0-9]{3} \| )?(?P<codes>(?:`\w+`(?:, )?)+) \|", re.MULTILINE)
ABSTRACT = {"not_found"}
"""Responses have a noun instead: `job_not_found`."""
FRAMEWORK = {*problem_details.CODES.values()}
"""Codes of errors that FastAPI raises: a constant of the gateway lists them."""


def codes_in(node: ast.AST) -> Iterator[str]:
    """The codes that a class, a call or a raised error of this syntax tree defines."""
    match node:
        case ast.ClassDef():
            yield from (code for statement in node.body for code in assigned_codes(statement))
        case ast.Call(
            func=ast.Name(id="NotFound" | "_not_found"), args=[ast.Constant(value=str(noun)), *_]
        ):
            yield f"{noun}_not_found"
        case ast.Call(func=ast.Name(id="problem"), args=[_, _, _, ast.Constant(value=code)]):
            yield str(code)
        case ast.Call(keywords=keywords):
            yield from (
                str(keyword.value.value)
                for keyword in keywords
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
            )


def assigned_codes(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
            yield code
        case ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code))):
            yield code


def codes_of_the_source() -> set[str]:
    trees = [ast.parse(Module.read(path).text) for path in python_files(*PACKAGES)]
    return {code for tree in trees for node in ast.walk(tree) for code in codes_in(node)}


def listed_codes() -> set[str]:
    section = (ROOT / "docs/api.md").read_text().split("\n## Errors\n")[1]
    return {code for row in ROW.finditer(section) for code in re.findall(r"\w+", row["codes"])}


def test_the_document_lists_every_code_and_no_other() -> None:
    assert listed_codes() == (codes_of_the_source() | FRAMEWORK) - ABSTRACT
