"""The loop of a training: step, now and then an examination, and a state that it can go on from.

A run that is stopped at any step and resumed ends with the weights of one that was not, bit for
bit, as long as its budget is in steps. Refuses to know where music comes from and where a finished
model goes.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.evaluation.precision import autocast
from services.trainer.recipes.recipes import DecoderShape, Recipe
from services.trainer.training.attention import QuickAttention
from services.trainer.training.batches import UNSCORED
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.compile import quickest
from services.trainer.training.distributed import Group
from services.trainer.training.optimizer import Optimizer
from services.trainer.training.sample_generator import Audition
from services.trainer.training.training_data import Prepared
from shared.errors import OstinatoError, UserError
from shared.models.checkpoints import Network
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.lstm import Lstm, LstmConfig

log = logging.getLogger(__name__)

LAST, BEST = "last.checkpoint", "best.checkpoint"
ALONE = Group()
"""The group of a process that nobody shares a model with."""


class OtherRecipe(OstinatoError):
    """A run cannot go on under another recipe than it began with."""

    code = "other_recipe"


class TooFewRows(UserError):
    """There are more processes than rows in a batch; start fewer, or give the recipe more rows."""

    code = "too_few_rows"
    status = 422


class Diverged(UserError):
    """The weights have left all bounds; a lower learning rate helps."""

    code = "diverged"
    status = 422


class End(StrEnum):
    """Why a run is over."""

    BUDGET = "its budget was spent"
    PATIENCE = "the held-out pieces stopped getting better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the learning curve."""

    step: int
    tokens: int
    seconds: float
    train_nats_per_token: float
    """Mean of the steps since the point before."""
    held_out_nats_per_note: float
    sample: Sequence[tuple[int, ...]] = ()
    """Notes: what it wrote by then."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a run is; what a checkpoint keeps besides tensors."""

    commit: str
    """The code that it began with."""
    minutes: float | None = None
    """The budget, where it is not the recipe's steps."""
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    """Of the steps since the last examination."""
    curve: list[Point] = field(default_factory=list)
    end: End | None = None

    @property
    def best(self) -> Point:
        """The point with the lowest held-out surprise."""
        return min(self.curve, key=lambda point: point.held_out_nats_per_note)

    def to_json(self) -> dict[str, Any]:
        """For a checkpoint."""
        return asdict(self) | {"end": self.end and str(self.end)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Progress":
        """Read back what `to_json` wrote."""
        curve = [Point(**point) for point in content["curve"]]
        end = content["end"] and End(content["end"])
        return cls(**(content | {"curve": curve, "end": end}))


class Training:
    """One run in its folder; it begins there or goes on from where it was left."""

    def __init__(
        self,
        *,
        recipe: Recipe,
        material: Prepared,
        folder: Path,
        progress: Progress,
        minutes: float | None = None,
        group: Group = ALONE,
    ) -> None:
        if recipe.optimization.batch < group.size:
            rows = recipe.optimization.batch
            raise TooFewRows(f"{group.size} processes cannot share a batch of {rows} rows.")
        self.recipe = recipe
        self.progress = progress
        self.loss = math.nan
        """Of the last step."""
        self.guard: Callable[[], None] = lambda: None
        """Returns once a checkpoint may be written; a supervisor's child has one of its own."""
        self.material = material
        self._folder = folder
        progress.minutes = minutes
        self._group = group
        torch.manual_seed(recipe.seed)
        self.model = build_network(recipe, material.vocabulary.vocab_size)
        self._forward = quickest(self.model, recipe.steps, minutes)
        self._optimizer = Optimizer(self.model, recipe.optimization)
        self._audition = Audition(material.vocabulary)

    def begin_from(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of another model of this shape instead of fresh ones."""
        self.model.load_state_dict(weights)

    def resume(self) -> None:
        """Take up the last checkpoint; a run that had spent its budget goes on in a larger one.

        Raises:
            OtherRecipe: it belongs to another run.
        """
        state = load_state(self._folder / LAST)
        if state["recipe"] != self.recipe.to_json():
            raise OtherRecipe(f"{self._folder}: it began under another recipe; move it away")
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        minutes, self.progress = self.progress.minutes, Progress.from_json(state["progress"])
        self.progress.minutes = minutes
        torch.set_rng_state(state["rng"])
        if self.progress.end is End.BUDGET and self.spent < 1:
            self.progress.end = None

    @property
    def spent(self) -> float:
        """The share of the budget that is over; a budget in minutes follows the clock."""
        if self.progress.minutes is not None:
            return self.progress.seconds / (self.progress.minutes * 60)
        return self.progress.step / self.recipe.steps

    def run(self, should_stop: Callable[[], bool], report: Callable[[], None]) -> bool:
        """Go on until the end, or until asked to stop: then False. The last state is on disk."""
        while self.progress.end is None:
            if self._group.any(said=should_stop()):
                self._save(LAST)
                return False
            self._step()
            if self._is_due():
                self._examine()
            report()
        return True

    def _step(self) -> None:
        begun = time.monotonic()
        progress = self.progress
        batch = self.material.crops.batch(progress.step)
        targets = self._group.share(batch.targets)
        with autocast(), QuickAttention():
            logits = self._forward(self._group.share(batch.ids))
        mean = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=UNSCORED
        )
        loss = self._group.weigh(mean, targets != UNSCORED)
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss = self._finite(self._group.add_up(loss, self.model.parameters()))
        self._optimizer.step(self.spent)
        progress.losses.append(self.loss)
        progress.step += 1
        progress.tokens += batch.targets.numel()
        progress.seconds += self._group.agree(time.monotonic() - begun)

    def _is_due(self) -> bool:
        return self.progress.step % self.recipe.evaluate_every == 0 or self.spent >= 1

    def _examine(self) -> None:
        """Add a point to the curve, decide whether the run is over, and keep what it was."""
        progress = self.progress
        nats_per_note = self._finite(self._group.agree(self._score()))
        progress.curve.append(
            Point(
                step=progress.step,
                tokens=progress.tokens,
                seconds=round(progress.seconds, 1),
                train_nats_per_token=sum(progress.losses) / len(progress.losses),
                held_out_nats_per_note=nats_per_note,
                sample=self._sample(),
            )
        )
        progress.losses.clear()
        log.info("step %d: %.4f nats a note held out", progress.step, nats_per_note)
        progress.end = self._end()
        if progress.best is progress.curve[-1]:
            self._save(BEST)
        self._save(LAST)

    def _score(self) -> float:
        """Nats a note held out; only who leads examines."""
        if not self._group.leads:
            return math.nan
        return self.material.examination.score(self.model).nats_per_note

    def _sample(self) -> list[tuple[int, ...]]:
        if not self._group.leads:
            return []
        return [tuple(note) for note in self._audition.hear(self.model)]

    def _finite(self, nats: float) -> float:
        if not math.isfinite(nats):
            rate = self.recipe.optimization.learning_rate
            after = f"After step {self.progress.step} the loss is no number any more"
            raise Diverged(f"{after}: take a learning_rate below {rate}.")
        return nats

    def _end(self) -> End | None:
        if self.spent >= 1:
            return End.BUDGET
        since_best = len(self.progress.curve) - 1 - self.progress.curve.index(self.progress.best)
        return End.PATIENCE if since_best >= self.recipe.patience else None

    def _save(self, name: str) -> None:
        if not self._group.leads:
            return
        self.guard()
        state = {
            "recipe": self.recipe.to_json(),
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "progress": self.progress.to_json(),
            "rng": torch.get_rng_state(),
        }
        save_state(self._folder / name, state)


def build_network(recipe: Recipe, vocab_size: int) -> Network:
    """The recipe's network, freshly drawn."""
    shape = recipe.network
    if not isinstance(shape, DecoderShape):
        config = LstmConfig(vocab_size=vocab_size, units=shape.units, embedding=shape.embedding)
        return Lstm(config, shape.dropout)
    return Decoder(
        DecoderConfig(
            vocab_size=vocab_size,
            layers=shape.layers,
            heads=shape.heads,
            d_model=shape.d_model,
            d_ff=shape.d_ff,
            context=recipe.examples.context,
        )
    )
