"""Checkpoint folders: what is written is read back, and what was changed is refused."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ostinato.schemas.models import Capabilities, ModelCard
from shared.models.checkpoints import (
    InvalidCheckpoint,
    find_checkpoint,
    find_version,
    load_checkpoint,
    load_weights,
    read_card,
    save_weights,
)
from tests.unit.shared.models.toys import toy_decoder

CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    card = ModelCard(
        version="toy",
        sha256=save_weights(toy_decoder(), folder),
        description="Random.",
        capabilities=Capabilities(max_bars=4, primer=False, velocity=False),
        licence="CC0-1.0",
        data={},
        training={},
        evaluation={},
    )
    (folder / "card.json").write_text(card.model_dump_json(), encoding="utf-8")
    return folder


def test_weights_that_cannot_be_written_are_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.unfinished").mkdir()
    with pytest.raises(OSError, match="unfinished"):
        save_weights(toy_decoder(), tmp_path)


def test_a_folder_comes_back_as_a_model(folder: Path) -> None:
    checkpoint = load_checkpoint(folder, CPU)
    assert checkpoint.card.version == "toy"
    zero = torch.zeros(1, dtype=torch.int64)
    logits = checkpoint.model.init_state(1).extend(zero, zero + 1, zero)
    expected = toy_decoder()(torch.tensor([[1]]))[0]
    assert (logits - expected).norm() / expected.norm() < 0.05


def test_weights_are_bf16_on_disk_and_survive_exactly(folder: Path) -> None:
    stored = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.bfloat16}
    for name, tensor in load_weights(folder).state_dict().items():
        assert torch.equal(tensor, toy_decoder().state_dict()[name].bfloat16().float())


def test_a_folder_is_found_by_its_card_whatever_lies_beside_it(folder: Path) -> None:
    sha256 = read_card(folder).sha256
    broken = folder.parent / "0-broken"
    broken.mkdir()
    (broken / "card.json").write_text("{}")
    assert find_checkpoint(folder.parent, "toy", sha256) == folder
    with pytest.raises(InvalidCheckpoint, match="names toy with weights 0000"):
        find_checkpoint(folder.parent, "toy", "0000")


def test_a_card_that_cannot_be_read_keeps_nobody_from_another_and_is_named(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.parent / "0-broken" / "card.json").mkdir(parents=True)
    assert find_version(folder.parent, "toy") == folder
    assert "0-broken/card.json cannot be read" in caplog.text


def test_changed_weights_are_refused_with_both_hashes(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(InvalidCheckpoint, match=r"model\.safetensors") as caught:
        read_card(folder)
    assert (
        caught.value.extra["expected"] == json.loads((folder / "card.json").read_text())["sha256"]
    )
    assert caught.value.extra["found"] != caught.value.extra["expected"]


@pytest.mark.parametrize("name", ["card.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidCheckpoint, match=name):
        load_checkpoint(folder, CPU)


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 96}))
    with pytest.raises(InvalidCheckpoint, match="size mismatch"):
        load_weights(folder)


def test_a_file_that_is_no_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x80\x04pickle")
    with pytest.raises(InvalidCheckpoint):
        load_weights(folder)
