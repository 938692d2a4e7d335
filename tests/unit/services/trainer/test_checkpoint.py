"""The state of a run is whole or refused."""

from pathlib import Path

import pytest
import torch

from services.trainer.training.checkpoint import BrokenCheckpoint, load_state, save_state

WEIGHTS = torch.arange(6.0).view(2, 3)
STATE = {"weights": WEIGHTS, "step": 4, "curve": [{"nats": 1.5}]}


def test_a_state_survives_the_file(tmp_path: Path) -> None:
    save_state(tmp_path / "run" / "last.checkpoint", STATE)
    loaded = load_state(tmp_path / "run" / "last.checkpoint")
    assert torch.equal(loaded["weights"], WEIGHTS)
    assert (loaded["step"], loaded["curve"]) == (4, [{"nats": 1.5}])


@pytest.mark.parametrize("at", [0, 40, -1])
def test_an_altered_file_is_refused_with_both_hashes(tmp_path: Path, at: int) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(BrokenCheckpoint, match=r"expects SHA-256 \w{64}, found \w{64}"):
        load_state(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BrokenCheckpoint):
        load_state(path)


def test_a_save_that_fails_leaves_the_state_before_it(tmp_path: Path) -> None:
    path = tmp_path / "last.checkpoint"
    save_state(path, STATE)
    (tmp_path / "last.partial").mkdir()
    with pytest.raises(IsADirectoryError):
        save_state(path, STATE | {"step": 5})
    assert load_state(path)["step"] == 4
