"""Documents: their links lead somewhere, and every command is run or says why not."""

from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.support.documents import broken_links, code_blocks, documents, missing_paths

README_LINES = 120
OF_AN_OLD_RELEASE = Path("tests/upgrade/data/README.md")


@pytest.mark.parametrize("document", documents(), ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document, (ROOT / document).read_text()) == []


@pytest.mark.parametrize(
    "link", ["[a](docs/missing.md)", "[a](docs/api.md#no-such-heading)", "![a](missing.png)"]
)
def test_a_broken_link_is_found(link: str) -> None:
    assert len(broken_links(Path("README.md"), link)) == 1


@pytest.mark.parametrize("document", sorted({*documents()} - {OF_AN_OLD_RELEASE}), ids=str)
def test_files_and_modules_that_a_document_names_exist(document: Path) -> None:
    assert missing_paths((ROOT / document).read_text()) == []


@pytest.mark.parametrize("planted", ["see `shared/no_such_file.py`", "python -m shared.nothing"])
def test_a_missing_file_is_found(planted: str) -> None:
    assert len(missing_paths(planted)) == 1


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES


def test_python_blocks_compile() -> None:
    for document in documents():
        for block in code_blocks(document):
            if block.language == "python":
                compile(block.code, str(document), "exec")
