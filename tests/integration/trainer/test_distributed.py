"""Two processes that share a batch take the same steps as one process with the whole batch."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from services.trainer.data.dataset import DatasetSource
from services.trainer.evaluation import precision
from services.trainer.recipes.recipe import Recipe
from services.trainer.training import muon
from services.trainer.training.checkpoint import load_state
from services.trainer.training.distributed import ProcessGroup
from services.trainer.training.trainer import BatchTooSmall, Trainer
from services.trainer.training.trainer_state import LAST_CHECKPOINT, TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from tests.conftest import ROOT
from tests.unit.services.trainer.conftest import DATASET

STEPS = 6
PROGRAM = """
import json, sys
from pathlib import Path
from services.trainer.data.dataset import DatasetSource
from services.trainer.training.distributed import ProcessGroup
from services.trainer.training.trainer import Trainer, TrainerState
from services.trainer.training.training_data import prepare_training_data
from tests.unit.services.trainer.conftest import DATASET, TINY
from tests.integration.trainer.test_distributed import uneven, use_float32

use_float32(setattr)
cache_dir, datasets_dir, folder = map(Path, sys.argv[1:])
group = ProcessGroup.join("cpu")
sources = [DatasetSource.from_name(DATASET, datasets_dir)]
trainer = Trainer(
    recipe=uneven(TINY),
    data=prepare_training_data(uneven(TINY), sources, cache_dir, cache_dir / "runs" / "tiny"),
    folder=folder,
    state=TrainerState(commit="none"),
    group=group,
)
losses = []
assert trainer.run(lambda: False, lambda: losses.append(trainer.loss))
(folder / f"{group.rank}.json").write_text(json.dumps(losses))
group.close()
"""


def use_float32(patch: Callable[[object, str, object], None]) -> None:
    """Compute in float32, in which differently ordered sums agree within the tolerance."""
    for module in (precision, muon):
        patch(module, "compute_dtype", lambda _: torch.float32)


def uneven(recipe: Recipe) -> Recipe:
    """Three rows for two processes, with masked bars, so that their scored tokens differ."""
    return dataclasses.replace(
        recipe,
        steps=STEPS,
        examples=dataclasses.replace(recipe.examples, infill_rate=0.9),
        optimization=dataclasses.replace(recipe.optimization, batch_size=3),
    )


def test_two_processes_take_the_same_steps_as_one(
    recipe: Recipe,
    cache_dir: Path,
    datasets_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_float32(monkeypatch.setattr)
    two, one = tmp_path / "two", tmp_path / "one"
    two.mkdir()
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    result = subprocess.run(
        [*command, tmp_path / "program.py", cache_dir, datasets_dir, two],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    first, second = (json.loads((two / f"{rank}.json").read_text()) for rank in range(2))

    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    run = cache_dir / "runs" / "tiny"
    trainer = Trainer(
        recipe=uneven(recipe),
        data=prepare_training_data(uneven(recipe), sources, cache_dir, run),
        folder=one,
        state=TrainerState(commit="none"),
    )
    losses: list[float] = []
    assert trainer.run(lambda: False, lambda: losses.append(trainer.loss))
    assert first == second
    assert first == pytest.approx(losses, abs=1e-5)
    assert held_out_losses(two) == pytest.approx(held_out_losses(one), abs=1e-4)


def held_out_losses(folder: Path) -> list[float]:
    state = load_state(folder / LAST_CHECKPOINT)["trainer_state"]
    return [point["held_out_nats_per_note"] for point in state["validations"]]


def test_more_processes_than_rows_are_rejected(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    with pytest.raises(BatchTooSmall, match="3 processes cannot share a batch of 2 rows"):
        Trainer(
            recipe=recipe,
            data=training_data,
            folder=tmp_path,
            state=TrainerState(commit="none"),
            group=ProcessGroup(rank=0, world_size=3),
        )
