"""`python -m services.trainer.evaluation.data_leakage v6`: how much of a loss is memory, for v6's card.

The public system drew its validation windows at random from overlapping windows of the very pieces
that it trained on. Here a network is trained under that split, on this project's training side
alone, and scored in the same way twice: on its own validation windows, and on windows of held-out
pieces. The gap between the two is what such a loss hides. Refuses to be a version: nothing of it is
exported.
"""

import dataclasses
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from torch import nn
from torch.nn import functional

from services.trainer.cli.arguments import RecipeArgument, saying_why
from services.trainer.cli.train import run_with_bar
from services.trainer.data.dataset import Source
from services.trainer.evaluation.precision import autocast
from services.trainer.publishing.checkpoint_folder import with_figures, write_card
from services.trainer.recipes.recipes import Recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.batches import Batch
from services.trainer.training.run_lock import locked
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared, prepare
from shared.models.checkpoints import read_card

WINDOW, STRIDE = 256, 64
"""Tokens; the reference's."""
ONE_IN = 10
"""One window in so many is a validation window."""
MAX_WINDOWS = 256
"""So many windows of each side are scored."""
ROWS = 32

Tokens = NDArray[np.uint16]

console = Console(stderr=True)


class Windows:
    """Overlapping windows of pieces, shuffled and cut in two; a step learns from some of them."""

    def __init__(self, pieces: Iterable[Tokens], recipe: Recipe) -> None:
        cut = windows_of(pieces, STRIDE)
        order = np.random.default_rng(recipe.seed).permutation(len(cut))
        self._recipe = recipe
        self.validation = cut[order[: len(cut) // ONE_IN]]
        self.train = cut[order[len(cut) // ONE_IN :]]

    def batch(self, step: int) -> Batch:
        """The rows of one step: a function of seed and step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        chosen = rng.integers(len(self.train), size=self._recipe.optimization.batch)
        rows = torch.from_numpy(self.train[chosen])
        return Batch(ids=rows[:, :-1], targets=rows[:, 1:])


def main(
    recipe: RecipeArgument,
    steps: Annotated[int, typer.Option(min=1, help="The budget.")] = 900,
) -> None:
    """Train a network under the leaky split; what that hides goes to the card of its version."""
    settings = TrainingSettings()
    folder = settings.checkpoints / recipe.version
    run = settings.home / "runs" / f"leak-{recipe.version}"
    with saying_why(console), locked(run):
        read_card(folder)  # before an hour of work: it has to be there
        sources = [Source.of_name(part.name, settings.data) for part in recipe.ingredients]
        prepared = prepare(recipe, sources, settings.home, run)
        result = measure(dataclasses.replace(recipe, steps=steps, patience=steps), prepared, run)
        write_card(with_figures(read_card(folder), {"leak": result}), folder)
    console.print_json(data=result)


def measure(recipe: Recipe, prepared: Prepared, run: Path) -> dict[str, Any]:
    """Train, and score the same weights on both sides."""
    train, held_out = _sides(prepared)
    windows = Windows(train, recipe)
    training = Training(
        recipe=recipe,
        material=dataclasses.replace(prepared, crops=windows),
        folder=run,
        progress=Progress(commit="no version"),
    )
    run_with_bar(training, threading.Event())
    unseen = windows_of(held_out, WINDOW)
    leaky = nats_per_token(training.model, windows.validation[:MAX_WINDOWS])
    honest = nats_per_token(training.model, unseen[:: max(1, len(unseen) // MAX_WINDOWS)])
    return {
        "leaky_validation_nats_per_token": round(leaky, 4),
        "held_out_nats_per_token": round(honest, 4),
        "gap_nats_per_token": round(honest - leaky, 4),
        "tokens": training.progress.tokens,
        "training_windows": len(windows.train),
        "seed": recipe.seed,
    }


def windows_of(pieces: Iterable[Tokens], stride: int) -> NDArray[np.int64]:
    """[N, `WINDOW` + 1]: windows of every piece that is long enough."""
    cut = [
        piece[start : start + WINDOW + 1].astype(np.int64)
        for piece in pieces
        for start in range(0, len(piece) - WINDOW, stride)
    ]
    return np.stack(cut) if cut else np.zeros((0, WINDOW + 1), dtype=np.int64)


@torch.inference_mode()
def nats_per_token(model: nn.Module, windows: NDArray[np.int64]) -> float:
    """Mean surprise at all tokens of the windows but the first of each."""
    model.eval()
    nats = 0.0
    for rows in torch.split(torch.from_numpy(windows), ROWS):
        with autocast():
            logits = model(rows[:, :-1])
        nats += float(
            functional.cross_entropy(
                logits.float().flatten(0, 1), rows[:, 1:].flatten(), reduction="sum"
            )
        )
    return nats / (len(windows) * WINDOW)


def _sides(prepared: Prepared) -> tuple[Sequence[Tokens], Sequence[Tokens]]:
    """The tokens of the training pieces, and of the held-out ones."""
    train: list[Tokens] = []
    held_out: list[Tokens] = []
    for dataset, shards in zip(prepared.datasets, prepared.shards, strict=True):
        first = len(dataset.split.train)
        train += [shards.piece(at) for at in range(first)]
        held_out += [shards.piece(first + at) for at in range(len(dataset.split.held_out))]
    return train, held_out


if __name__ == "__main__":
    typer.run(main)
