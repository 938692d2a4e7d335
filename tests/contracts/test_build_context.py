"""The Docker build context: only the shipped model version, and no build or run outputs."""

from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
RULES = [
    line
    for line in (ROOT / ".dockerignore").read_text().splitlines()
    if line and not line.startswith("#")
]


def is_included(name: str) -> bool:
    """Whether Docker includes a path, by the last rule that matches it or one of its parents."""
    path = PurePosixPath(name)
    matching = [
        rule
        for rule in RULES
        if any(fnmatch(str(part), rule.removeprefix("!")) for part in (path, *path.parents))
    ]
    return not matching or matching[-1].startswith("!")


@pytest.mark.parametrize(
    "name",
    [
        *("checkpoints/mini/model.safetensors", "checkpoints/mini/card.json"),
        *("checkpoints/LICENSE.md", "services/worker/__main__.py", "requirements.lock"),
    ],
)
def test_shipped_files_are_included(name: str) -> None:
    assert (ROOT / name).exists()
    assert is_included(name)


def test_only_mini_of_the_model_versions_is_included() -> None:
    cards = [str(card.relative_to(ROOT)) for card in ROOT.glob("checkpoints/*/card.json")]
    assert [card for card in cards if is_included(card)] == ["checkpoints/mini/card.json"]


@pytest.mark.parametrize("folder", ["v2", "my-tunes", "mini-2", "2026-11-v2", ".incoming/x"])
def test_other_checkpoints_are_excluded(folder: str) -> None:
    assert not is_included(f"checkpoints/{folder}/model.safetensors")


@pytest.mark.parametrize("name", ["services/web/package.json", "var/api_key", "deploy/__pycache__"])
def test_the_web_studio_and_run_outputs_are_excluded(name: str) -> None:
    assert not is_included(name)
