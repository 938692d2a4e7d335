"""Tests of checkpoint folders: round trips, search, and rejected files."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.models import Capabilities, ModelCard
from shared.models.backends import load_checkpoint
from shared.models.checkpoints import (
    GENERATION_CONFIG,
    InvalidCheckpoint,
    find_checkpoint,
    find_version,
    load_weights,
    read_card,
    save_weights,
    write_sampling,
)
from tests.unit.shared.models.tiny_models import tiny_decoder

CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    card = ModelCard(
        version="tiny",
        sha256=save_weights(tiny_decoder(), folder),
        description="Random.",
        capabilities=Capabilities(max_bars=4, primer=False, velocity=False),
        license="CC0-1.0",
        data=DataRecord(),
        training=TrainingRecord(),
        evaluation=EvaluationRecord(),
    )
    (folder / "card.json").write_text(card.model_dump_json(), encoding="utf-8")
    return folder


def test_weights_that_cannot_be_written_raise_oserror(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.unfinished").mkdir()
    with pytest.raises(OSError, match="unfinished"):
        save_weights(tiny_decoder(), tmp_path)


def test_a_folder_loads_as_a_model(folder: Path) -> None:
    checkpoint = load_checkpoint(folder, CPU)
    assert checkpoint.card.version == "tiny"
    zero = torch.zeros(1, dtype=torch.int64)
    logits = checkpoint.model.init_state(1).forward(zero, zero + 1, zero)
    expected = tiny_decoder()(torch.tensor([[1]]))[0]
    assert (logits - expected).norm() / expected.norm() < 0.05


def test_weights_are_bf16_on_disk_and_round_trip_exactly(folder: Path) -> None:
    stored = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.bfloat16}
    for name, tensor in load_weights(folder).state_dict().items():
        assert torch.equal(tensor, tiny_decoder().state_dict()[name].bfloat16().float())


def test_a_folder_is_found_by_its_card_beside_unreadable_ones(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sha256 = read_card(folder).sha256
    (folder.parent / "0-folder" / "card.json").mkdir(parents=True)
    broken = folder.parent / "1-broken"
    broken.mkdir()
    (broken / "card.json").write_text("{}")
    assert find_checkpoint(folder.parent, "tiny", sha256) == folder
    assert find_version(folder.parent, "tiny") == folder
    assert "0-folder/card.json: Is a directory" in caplog.text
    assert "1-broken/card.json: version: Field required" in caplog.text


def test_a_failed_search_names_the_setting_and_the_unreadable_cards(folder: Path) -> None:
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "card.json").write_text("{}")
    with pytest.raises(InvalidCheckpoint, match="names tiny with weights 0000") as error:
        find_checkpoint(folder.parent, "tiny", "0000")
    assert "OSTINATO_CHECKPOINTS_DIR" in error.value.detail
    assert "broken/card.json: version: Field required" in error.value.detail


def test_an_old_card_is_an_error_with_the_field_and_the_migration_command(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["licence"] = card.pop("license")
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(InvalidCheckpoint, match=r"card\.json: licen[cs]e: ") as error:
        read_card(folder)
    command = f"python -m services.trainer.cli.migrate_cards {folder.parent}"
    assert error.value.detail.endswith(command)


def test_changed_weights_are_rejected_with_both_hashes(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(InvalidCheckpoint, match=r"model\.safetensors") as error:
        read_card(folder)
    expected = json.loads((folder / "card.json").read_text())["sha256"]
    assert error.value.extra["expected"] == expected
    assert error.value.extra["found"] != expected


@pytest.mark.parametrize("name", ["card.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidCheckpoint, match=name):
        load_checkpoint(folder, CPU)


def test_weights_of_another_shape_are_rejected(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 96}))
    with pytest.raises(InvalidCheckpoint, match="size mismatch"):
        load_weights(folder)


def test_a_file_in_another_format_is_rejected(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x80\x04pickle")
    with pytest.raises(InvalidCheckpoint):
        load_weights(folder)


def test_sampling_defaults_are_beside_the_card(folder: Path) -> None:
    assert read_card(folder).capabilities.sampling == ResolvedSampling()
    chosen = ResolvedSampling(temperature=0.8, min_p=0.05)
    write_sampling(chosen, folder)
    assert read_card(folder).capabilities.sampling == chosen
    content = json.loads((folder / GENERATION_CONFIG).read_bytes())
    assert content["do_sample"] is True
    content |= {"transformers_version": "5.0", "top_k": 5}
    (folder / GENERATION_CONFIG).write_text(json.dumps(content))
    assert read_card(folder).capabilities.sampling == chosen.model_copy(update={"top_k": 5})


@pytest.mark.parametrize(
    "content", ['{"temperature": -1}', '{"top_k": 1.5}', "[]", "{", '{"min_p": null}']
)
def test_sampling_defaults_that_no_request_could_have_are_rejected(
    folder: Path, content: str
) -> None:
    (folder / GENERATION_CONFIG).write_text(content)
    with pytest.raises(InvalidCheckpoint, match="generation_config"):
        read_card(folder)
