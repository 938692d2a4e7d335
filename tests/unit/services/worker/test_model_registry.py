"""A checkpoint is loaded by version and SHA-256, and only if it passes its self-test."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from services.worker import model_registry
from services.worker.model_registry import ModelRegistry
from shared.models.checkpoints import WEIGHTS, InvalidCheckpoint, sha256_of
from shared.models.numerics import numerics_id
from tests.conftest import CHECKPOINTS
from tests.support.models import MINI_SHA256, empty_registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the checkpoint `mini` in a folder that is not named after its version."""
    return Path(shutil.copytree(CHECKPOINTS / "mini", tmp_path / "any-name"))


@pytest.fixture
def registry(folder: Path) -> ModelRegistry:
    return ModelRegistry(folder.parent, device=torch.device("cpu"), max_num_seqs=2)


def test_a_checkpoint_is_found_by_its_card(registry: ModelRegistry) -> None:
    model = registry.load("mini", MINI_SHA256)
    assert model.runner.max_num_seqs == 2
    assert model.numerics == numerics_id(model.runner.model)
    assert registry.sha256_by_version == {}
    registry.activate(model)
    assert registry.sha256_by_version == {"mini": MINI_SHA256}
    assert registry["mini"] is model
    assert list(registry.versions) == ["mini"]


@pytest.mark.parametrize(("version", "sha256"), [("mini", "0" * 64), ("maxi", MINI_SHA256)])
def test_the_error_for_a_missing_checkpoint_names_the_setting(version: str, sha256: str) -> None:
    with pytest.raises(InvalidCheckpoint, match="OSTINATO_CHECKPOINTS_DIR"):
        empty_registry(max_num_seqs=2).load(version, sha256)


def test_weights_that_contradict_the_card_are_rejected(
    registry: ModelRegistry, folder: Path
) -> None:
    weights = folder / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidCheckpoint, match="SHA-256"):
        registry.load("mini", MINI_SHA256)


def test_weights_that_cannot_generate_a_bar_are_rejected(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*_: object) -> Iterator[int]:
        raise ValueError("the logits are not finite")

    monkeypatch.setattr(model_registry, "generate", diverge)
    with pytest.raises(InvalidCheckpoint, match=r"cannot generate one bar.*not finite"):
        registry.load("mini", MINI_SHA256)


def test_weights_with_nan_are_rejected(registry: ModelRegistry, folder: Path) -> None:
    """Generating a bar would not detect them, because the grammar mask alone gives valid tokens."""
    tensors = load_file(folder / WEIGHTS)
    tensors["model.norm.weight"].mul_(torch.nan)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    card = json.loads((folder / "card.json").read_text())
    sha256 = sha256_of(folder / WEIGHTS)
    (folder / "card.json").write_text(json.dumps(card | {"sha256": sha256}))
    with pytest.raises(InvalidCheckpoint, match="not finite"):
        registry.load("mini", sha256)


def test_a_model_whose_logits_depend_on_the_batch_is_rejected(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_registry, "is_batch_invariant", lambda _: False)
    with pytest.raises(InvalidCheckpoint, match="depend on the batch"):
        registry.load("mini", MINI_SHA256)


def test_a_config_that_contradicts_the_weights_is_rejected(
    registry: ModelRegistry, folder: Path
) -> None:
    config = folder / "config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"vocab_size": 500}))
    with pytest.raises(InvalidCheckpoint, match="size mismatch"):
        registry.load("mini", MINI_SHA256)
