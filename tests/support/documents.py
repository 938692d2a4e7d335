"""Markdown documents: their links, headings and code blocks."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import ROOT, files

FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
RUNNABLE = {"sh", "python"}
PATH = re.compile(r"`((?:services|shared|ostinato|deploy|tests|docs|checkpoints)/[\w./-]*)`")
"""A file or folder of this repository, as prose names it."""
MODULE = re.compile(r"-m ((?:services|shared|ostinato|deploy|tests)(?:\.\w+)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """One fenced block of a document."""

    language: str
    code: str
    not_run: str | None
    """Why no test runs the block; None if a test does."""


def documents() -> list[Path]:
    """Every Markdown document, by its path from the root."""
    return [path for path in files() if path.suffix == ".md"]


def code_blocks(document: Path) -> list[CodeBlock]:
    """The shell and Python blocks of a document, in order."""
    text = (ROOT / document).read_text()
    return [
        CodeBlock(language=match["language"], code=match["code"], not_run=match["reason"])
        for match in FENCE.finditer(text)
        if match["language"] in RUNNABLE
    ]


def broken_links(document: Path, text: str) -> list[str]:
    """The links of a document to files or headings of this repository that do not exist."""
    prose = FENCE.sub("", text)
    targets = [match["target"] for match in LINK.finditer(prose)]
    return [
        target for target in targets if "://" not in target and not link_exists(document, target)
    ]


def link_exists(document: Path, target: str) -> bool:
    """Whether the target of a link in a document, `path#heading`, exists."""
    path, _, heading = target.partition("#")
    file = (ROOT / document.parent / path).resolve() if path else ROOT / document
    return file.exists() and (not heading or heading in anchors(file.read_text()))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub generates for a document's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def missing_paths(text: str) -> list[str]:
    """The files, folders and modules that a text names and that do not exist."""
    modules = [name.replace(".", "/") for name in MODULE.findall(text)]
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    return missing + [
        name
        for name in modules
        if not (ROOT / f"{name}.py").exists() and not (ROOT / name / "__main__.py").exists()
    ]
