"""What an image is built from: no weights but those that are shipped, whatever lies beside them."""

from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
RULES = [
    line
    for line in (ROOT / ".dockerignore").read_text().splitlines()
    if line and not line.startswith("#")
]


def is_sent(name: str) -> bool:
    """As Docker reads it: the last rule that fits a path, or a folder above it, decides."""
    path = PurePosixPath(name)
    fitting = [
        rule
        for rule in RULES
        if any(fnmatch(str(part), rule.removeprefix("!")) for part in (path, *path.parents))
    ]
    return not fitting or fitting[-1].startswith("!")


@pytest.mark.parametrize(
    "name",
    [
        *("checkpoints/mini/model.safetensors", "checkpoints/mini/card.json"),
        *("checkpoints/LICENSE.md", "services/worker/__main__.py", "requirements.lock"),
    ],
)
def test_what_is_shipped_is_there(name: str) -> None:
    assert (ROOT / name).exists()
    assert is_sent(name)


def test_of_the_versions_in_this_repository_one_is_shipped() -> None:
    cards = [str(card.relative_to(ROOT)) for card in ROOT.glob("checkpoints/*/card.json")]
    assert [card for card in cards if is_sent(card)] == ["checkpoints/mini/card.json"]


@pytest.mark.parametrize("folder", ["v2", "my-tunes", "mini-2", "2026-11-v2", ".incoming/x"])
def test_whatever_else_was_trained_here_is_in_no_image(folder: str) -> None:
    assert not is_sent(f"checkpoints/{folder}/model.safetensors")


@pytest.mark.parametrize("name", ["services/web/package.json", "var/api_key", "deploy/__pycache__"])
def test_neither_is_the_page_nor_what_a_run_leaves(name: str) -> None:
    assert not is_sent(name)
