"""Two processes that share a batch learn what one process learns from the whole of it."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from services.trainer.data.dataset import Source
from services.trainer.evaluation import precision
from services.trainer.recipes.recipes import Recipe
from services.trainer.training import muon
from services.trainer.training.checkpoint import load_state
from services.trainer.training.distributed import Group
from services.trainer.training.trainer import LAST, Progress, TooFewRows, Training
from services.trainer.training.training_data import Prepared, prepare
from tests.unit.services.trainer.conftest import SET

ROOT = Path(__file__).parents[4]
STEPS = 6
PROGRAM = """
import dataclasses, json, sys
from pathlib import Path
from services.trainer.data.dataset import Source
from services.trainer.training.distributed import Group
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import prepare
from tests.unit.services.trainer.test_group import in_float32, uneven
from tests.unit.services.trainer.conftest import SET, TINY

in_float32(setattr)
home, data, folder = map(Path, sys.argv[1:])
group = Group.join()
material = prepare(uneven(TINY), [Source.of_name(SET, data)], home, home / "runs" / "tiny")
training = Training(
    recipe=uneven(TINY), material=material, folder=folder, progress=Progress(commit="none"),
    group=group,
)
losses = []
assert training.run(lambda: False, lambda: losses.append(training.loss))
(folder / f"{group.rank}.json").write_text(json.dumps(losses))
group.leave()
"""


def in_float32(patch: Callable[[object, str, object], None]) -> None:
    """Sums of rows are alike to the last digits in this format only, whatever the machine has."""
    for module in (precision, muon):
        patch(module, "number_format", lambda _: torch.float32)


def uneven(recipe: Recipe) -> Recipe:
    """Three rows for two processes, and bars left out, so that tokens are scored unevenly."""
    return dataclasses.replace(
        recipe,
        steps=STEPS,
        examples=dataclasses.replace(recipe.examples, infill=0.9),
        optimization=dataclasses.replace(recipe.optimization, batch=3),
    )


def test_two_processes_take_the_steps_that_one_would(
    recipe: Recipe, home: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_float32(monkeypatch.setattr)
    together, alone = tmp_path / "together", tmp_path / "alone"
    together.mkdir()
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    ran = subprocess.run(
        [*command, tmp_path / "program.py", home, data, together],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    first, second = (json.loads((together / f"{rank}.json").read_text()) for rank in range(2))

    one = Training(
        recipe=uneven(recipe),
        material=prepare(uneven(recipe), [Source.of_name(SET, data)], home, home / "runs" / "tiny"),
        folder=alone,
        progress=Progress(commit="none"),
    )
    losses: list[float] = []
    assert one.run(lambda: False, lambda: losses.append(one.loss))
    assert first == second
    assert first == pytest.approx(losses, abs=1e-5)
    ours, theirs = (load_state(folder / LAST)["progress"]["curve"] for folder in (alone, together))
    assert [point["held_out_nats_per_note"] for point in theirs] == pytest.approx(
        [point["held_out_nats_per_note"] for point in ours], abs=1e-4
    )


def test_more_processes_than_rows_are_refused(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    with pytest.raises(TooFewRows, match="3 processes cannot share a batch of 2 rows"):
        Training(
            recipe=recipe,
            material=material,
            folder=tmp_path,
            progress=Progress(commit="none"),
            group=Group(rank=0, size=3),
        )
