"""A run state is read back as it was written; a damaged file is rejected."""

from pathlib import Path

import pytest
import torch

from services.trainer.training.checkpoint import CorruptCheckpoint, load_state, save_state

WEIGHTS = torch.arange(6.0).view(2, 3)
STATE = {"weights": WEIGHTS, "step": 4, "curve": [{"nats": 1.5}]}


def test_a_state_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    save_state(tmp_path / "run" / "last.checkpoint", STATE)
    loaded = load_state(tmp_path / "run" / "last.checkpoint")
    assert torch.equal(loaded["weights"], WEIGHTS)
    assert (loaded["step"], loaded["curve"]) == (4, [{"nats": 1.5}])


@pytest.mark.parametrize("position", [0, 40, -1])
def test_an_altered_file_is_rejected_with_both_hashes(tmp_path: Path, position: int) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptCheckpoint, match=r"its SHA-256 is \w{64}, expected \w{64}"):
        load_state(path)


def test_a_truncated_file_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptCheckpoint):
        load_state(path)


def test_a_failed_save_leaves_the_previous_state(tmp_path: Path) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    (tmp_path / "last.partial").mkdir()
    with pytest.raises(IsADirectoryError):
        save_state(path, STATE | {"step": 5})
    assert load_state(path)["step"] == 4
