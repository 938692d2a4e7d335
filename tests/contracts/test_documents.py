"""Documents: their links lead somewhere, and every command is run or says why not."""

from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.support.documents import broken_links, code_blocks, documents

README_LINES = 120


@pytest.mark.parametrize("document", documents(), ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    assert broken_links(document, (ROOT / document).read_text()) == []


@pytest.mark.parametrize(
    "link", ["[a](docs/missing.md)", "[a](docs/api.md#no-such-heading)", "![a](missing.png)"]
)
def test_a_broken_link_is_found(link: str) -> None:
    assert len(broken_links(Path("README.md"), link)) == 1


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES


def test_python_blocks_compile() -> None:
    for document in documents():
        for block in code_blocks(document):
            if block.language == "python":
                compile(block.code, str(document), "exec")
