"""A worker plays the checkpoint with the weights that it is told, once it has written a bar."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from services.worker import model_registry as module
from services.worker.model_registry import Repertoire
from shared.models.checkpoints import WEIGHTS, InvalidCheckpoint, sha256_of
from shared.models.numerics import numerics_id
from tests.conftest import CHECKPOINTS
from tests.repertoires import MINI_SHA256, empty


@pytest.fixture
def copy(tmp_path: Path) -> Repertoire:
    """Over a folder of the test's own, under another name than its version's."""
    shutil.copytree(CHECKPOINTS / "mini", tmp_path / "any-name")
    return Repertoire(tmp_path, device=torch.device("cpu"), slots=2)


def test_a_checkpoint_is_found_by_what_its_card_says(copy: Repertoire) -> None:
    version = copy.load("mini", MINI_SHA256)
    assert version.runner.slots == 2
    assert version.numerics == numerics_id(version.runner.model)
    assert copy.weights == {}
    copy.install(version)
    assert copy.weights == {"mini": MINI_SHA256}
    assert copy["mini"] is version
    assert list(copy.names) == ["mini"]


@pytest.mark.parametrize(("name", "sha256"), [("mini", "0" * 64), ("maxi", MINI_SHA256)])
def test_what_is_not_there_says_which_setting_to_use(name: str, sha256: str) -> None:
    with pytest.raises(InvalidCheckpoint, match="OSTINATO_CHECKPOINTS"):
        empty(slots=2).load(name, sha256)


def test_weights_that_are_not_those_of_the_card_are_refused(
    copy: Repertoire, tmp_path: Path
) -> None:
    weights = tmp_path / "any-name" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidCheckpoint, match="SHA-256"):
        copy.load("mini", MINI_SHA256)


def test_weights_that_write_no_bar_are_refused(
    copy: Repertoire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverges(*_: object) -> Iterator[int]:
        raise ValueError("the logits are no numbers")

    monkeypatch.setattr(module, "generate", diverges)
    with pytest.raises(InvalidCheckpoint, match=r"writes no bar.*no numbers"):
        copy.load("mini", MINI_SHA256)


def test_weights_that_are_no_numbers_are_refused(copy: Repertoire, tmp_path: Path) -> None:
    """A grammar would make a bar even of those."""
    folder = tmp_path / "any-name"
    tensors = load_file(folder / WEIGHTS)
    tensors["model.norm.weight"].mul_(torch.nan)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    card = json.loads((folder / "card.json").read_text())
    sha256 = sha256_of(folder / WEIGHTS)
    (folder / "card.json").write_text(json.dumps(card | {"sha256": sha256}))
    with pytest.raises(InvalidCheckpoint, match="no numbers"):
        copy.load("mini", sha256)


def test_a_machine_on_which_bits_depend_on_the_batch_is_refused(
    copy: Repertoire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "is_row_invariant", lambda _: False)
    with pytest.raises(InvalidCheckpoint, match="depend on the batch"):
        copy.load("mini", MINI_SHA256)


def test_a_vocabulary_that_does_not_fit_is_refused(copy: Repertoire, tmp_path: Path) -> None:
    """Its ids are those of another network: some of them have no logit."""
    config = tmp_path / "any-name" / "config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"vocab_size": 500}))
    with pytest.raises(InvalidCheckpoint):
        copy.load("mini", MINI_SHA256)
