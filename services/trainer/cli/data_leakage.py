"""`python -m services.trainer.cli.data_leakage v6`: measures data leakage.

The reference system drew its validation windows at random from overlapping windows of the pieces
that it trained on. This command trains a network under that split, on this project's training side
only, and scores it twice in the same way: on its own validation windows, and on windows of held-out
pieces. The gap between the two scores is the amount by which such a validation loss is too low. The
gap is recorded in the card of the version, and the network is discarded.
"""

import dataclasses
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from torch import nn
from torch.nn import functional

from ostinato.schemas.cards import DataLeakageRecord
from services.trainer.cli.arguments import RecipeArgument, exit_on_error
from services.trainer.cli.train import run_with_progress_bar
from services.trainer.data.dataset import DatasetSource
from services.trainer.evaluation.precision import autocast
from services.trainer.publishing.checkpoint_folder import with_evaluation, write_card
from services.trainer.recipes.recipe import Recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.batches import Batch
from services.trainer.training.run_lock import lock_run
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.models.checkpoints import read_card

WINDOW, STRIDE = 256, 64
"""Window length and stride of the reference system, in tokens."""
VALIDATION_EVERY = 10
"""One window out of this many is a validation window."""
MAX_WINDOWS = 256
"""Maximum number of windows that are scored on each side."""
BATCH_SIZE = 32

Tokens = NDArray[np.uint16]

console = Console(stderr=True)


class LeakyWindows:
    """Overlapping windows of pieces, split at random into training and validation windows."""

    def __init__(self, pieces: Iterable[Tokens], recipe: Recipe) -> None:
        windows = windows_of(pieces, STRIDE)
        order = np.random.default_rng(recipe.seed).permutation(len(windows))
        self._recipe = recipe
        self.validation = windows[order[: len(windows) // VALIDATION_EVERY]]
        self.train = windows[order[len(windows) // VALIDATION_EVERY :]]

    def batch(self, step: int) -> Batch:
        """The rows of one step: a function of seed and step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        chosen = rng.integers(len(self.train), size=self._recipe.optimization.batch_size)
        rows = torch.from_numpy(self.train[chosen])
        return Batch(ids=rows[:, :-1], targets=rows[:, 1:])


def main(
    recipe: RecipeArgument,
    steps: Annotated[int, typer.Option(min=1, help="Training budget in steps.")] = 900,
) -> None:
    """Train a network under the leaky split, and record the gap in the card of the version."""
    settings = TrainingSettings.load()
    folder = settings.checkpoints_dir / recipe.version
    run = settings.cache_dir / "runs" / f"data-leakage-{recipe.version}"
    with exit_on_error(console), lock_run(run):
        read_card(folder)  # fail before the training, not after it
        sources = [
            DatasetSource.from_name(part.name, settings.datasets_dir) for part in recipe.datasets
        ]
        data = prepare_training_data(recipe, sources, settings.cache_dir, run)
        result = measure(dataclasses.replace(recipe, steps=steps, patience=steps), data, run)
        card = read_card(folder)
        evaluation = card.evaluation.model_copy(update={"data_leakage": result})
        write_card(with_evaluation(card, evaluation), folder)
    console.print_json(data=result.model_dump(mode="json"))


def measure(recipe: Recipe, data: TrainingData, run: Path) -> DataLeakageRecord:
    """Train a network, and score its weights on leaky and on held-out windows."""
    train, held_out = _sides(data)
    windows = LeakyWindows(train, recipe)
    trainer = Trainer(
        recipe=recipe,
        data=dataclasses.replace(data, batches=windows),
        folder=run,
        state=TrainerState(commit="not published"),
    )
    run_with_progress_bar(trainer, threading.Event())
    held_out_windows = windows_of(held_out, WINDOW)
    stride = max(1, len(held_out_windows) // MAX_WINDOWS)
    leaky_nats = nats_per_token(trainer.model, windows.validation[:MAX_WINDOWS])
    held_out_nats = nats_per_token(trainer.model, held_out_windows[::stride])
    return DataLeakageRecord(
        leaky_validation_nats_per_token=round(leaky_nats, 4),
        held_out_nats_per_token=round(held_out_nats, 4),
        gap_nats_per_token=round(held_out_nats - leaky_nats, 4),
        num_tokens=trainer.state.tokens,
        num_training_windows=len(windows.train),
        seed=recipe.seed,
    )


def windows_of(pieces: Iterable[Tokens], stride: int) -> NDArray[np.int64]:
    """[N, `WINDOW` + 1]: windows of every piece that is long enough."""
    windows = [
        piece[start : start + WINDOW + 1].astype(np.int64)
        for piece in pieces
        for start in range(0, len(piece) - WINDOW, stride)
    ]
    return np.stack(windows) if windows else np.zeros((0, WINDOW + 1), dtype=np.int64)


@torch.inference_mode()
def nats_per_token(model: nn.Module, windows: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of the tokens, except the first token of each window."""
    model.eval()
    nats = 0.0
    for rows in torch.split(torch.from_numpy(windows), BATCH_SIZE):
        with autocast():
            logits = model(rows[:, :-1])
        nats += float(
            functional.cross_entropy(
                logits.float().flatten(0, 1), rows[:, 1:].flatten(), reduction="sum"
            )
        )
    return nats / (len(windows) * WINDOW)


def _sides(data: TrainingData) -> tuple[Sequence[Tokens], Sequence[Tokens]]:
    """The tokens of the training pieces, and of the held-out ones."""
    train: list[Tokens] = []
    held_out: list[Tokens] = []
    for dataset, tokenized in zip(data.datasets, data.tokenized, strict=True):
        num_train = len(dataset.split.train)
        train += [tokenized.piece(index) for index in range(num_train)]
        num_held_out = len(dataset.split.held_out)
        held_out += [tokenized.piece(num_train + index) for index in range(num_held_out)]
    return train, held_out


if __name__ == "__main__":
    typer.run(main)
