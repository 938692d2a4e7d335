"""The training loop: steps, validation, early stopping, checkpoints, resumption.

A run that is stopped at any step and resumed ends with the weights of an uninterrupted run, bit for
bit, as long as its budget is in steps.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from services.trainer.evaluation.likelihood import IGNORE_INDEX, LikelihoodScore
from services.trainer.evaluation.precision import autocast
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.attention import fast_attention
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.compile import maybe_compile
from services.trainer.training.distributed import ProcessGroup
from services.trainer.training.network import build_network
from services.trainer.training.optimizer import MuonAdamW, moving_average
from services.trainer.training.preview_generator import PreviewGenerator
from services.trainer.training.trainer_state import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    StopReason,
    TrainerState,
    ValidationPoint,
)
from services.trainer.training.training_data import TrainingData
from shared.errors import OstinatoError, UserError

log = logging.getLogger(__name__)

SINGLE_PROCESS = ProcessGroup()


class RecipeMismatch(OstinatoError):
    """A run cannot be resumed with a recipe other than the one it started with."""

    code = "recipe_mismatch"


class BatchTooSmall(UserError):
    """There are more processes than rows in a batch."""

    code = "batch_too_small"
    status = 422


class Diverged(UserError):
    """The loss is not finite."""

    code = "diverged"
    status = 422


class Trainer:
    """One run in its folder, new or resumed."""

    def __init__(
        self,
        *,
        recipe: Recipe,
        data: TrainingData,
        folder: Path,
        state: TrainerState,
        minutes: float | None = None,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        if recipe.optimization.batch_size < group.world_size:
            rows = recipe.optimization.batch_size
            raise BatchTooSmall(
                f"{group.world_size} processes cannot share a batch of {rows} rows; start fewer "
                "processes, or increase the recipe's batch_size."
            )
        self.recipe = recipe
        self.state = state
        self.loss = math.nan
        """Training loss of the latest step."""
        self.before_save: Callable[[], None] = lambda: None
        """Called before each checkpoint; it blocks or raises while the run must not write one."""
        self.data = data
        self._folder = folder
        state.minutes = minutes
        self._group = group
        torch.manual_seed(recipe.seed)
        self.model = build_network(recipe, data.tokenizer.vocab_size).to(group.device)
        self._device = group.device
        self._forward = maybe_compile(self.model, recipe.steps, minutes)
        self._optimizer = MuonAdamW(self.model, recipe.optimization)
        self._average = moving_average(self.model, recipe.optimization.average_decay)
        self._preview_generator = PreviewGenerator(data.tokenizer)

    def load_initial_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Replace the random initial weights by those of a model with the same shape."""
        self.model.load_state_dict(weights)

    def load_optimizer_state(self, state: dict[str, Any]) -> None:
        """Replace the empty optimizer state of a new run by that of another run."""
        self._optimizer.load_state_dict(state)

    def resume(self) -> None:
        """Load the last checkpoint; a run whose budget was spent continues if the budget has grown.

        Raises:
            RecipeMismatch: the run started with another recipe.
        """
        stored = load_state(self._folder / LAST_CHECKPOINT)
        if not has_same_weights(stored["recipe"], self.recipe.to_json()):
            raise RecipeMismatch(
                f"{self._folder}: the run started with another recipe; move the folder away to "
                "start a new run"
            )
        self.model.load_state_dict(stored["model"])
        self._optimizer.load_state_dict(stored["optimizer"])
        if self._average is not None:
            self._average.load_state_dict(stored["average"])
        minutes, self.state = self.state.minutes, TrainerState.from_json(stored["trainer_state"])
        self.state.minutes = minutes
        torch.set_rng_state(stored["rng"])
        if self._device.type == "cuda" and "cuda_rng" in stored:
            torch.cuda.set_rng_state(stored["cuda_rng"], self._device)
        if self.state.stop_reason is StopReason.BUDGET_SPENT and self.progress < 1:
            self.state.stop_reason = None

    @property
    def progress(self) -> float:
        """The share of the budget spent; a time budget counts the time in training steps only."""
        if self.state.minutes is not None:
            return self.state.seconds / (self.state.minutes * 60)
        return self.state.step / self.recipe.steps

    def run(self, should_stop: Callable[[], bool], report: Callable[[], None]) -> bool:
        """Train until the run is finished or stopped (then False), and write a checkpoint."""
        while self.state.stop_reason is None:
            if self._group.any_rank(flag=should_stop()):
                self._save(LAST_CHECKPOINT, self.model.state_dict())
                return False
            self._step()
            if self._validation_due():
                self._validate()
            report()
        return True

    def _step(self) -> None:
        started = time.monotonic()
        state = self.state
        batch = self.data.batches.batch(state.step)
        targets = self._group.local_rows(batch.targets).to(self._device)
        with autocast(self._device), fast_attention(self._device):
            logits = self._forward(self._group.local_rows(batch.ids).to(self._device))
        mean = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORE_INDEX
        )
        loss = self._group.scale_loss(mean, targets != IGNORE_INDEX)
        loss.backward()  # type: ignore[no-untyped-call]
        total = self._group.all_reduce_gradients(loss, self.model.parameters())
        self.loss = self._require_finite(total)
        self._optimizer.step(self.progress)
        if self._average is not None:
            self._average.update_parameters(self.model)
        state.losses_since_validation.append(self.loss)
        state.step += 1
        state.tokens += batch.targets.numel()
        state.seconds += self._group.broadcast_from_main(time.monotonic() - started)

    def _validation_due(self) -> bool:
        return self.state.step % self.recipe.validate_every == 0 or self.progress >= 1

    def _validate(self) -> None:
        """Validate, decide whether the run is finished, and write checkpoints."""
        state = self.state
        nats_per_note, average = self._validation_loss(self.model), None
        if self._average is not None:
            average = self._validation_loss(self._average.module)
        losses = state.losses_since_validation
        state.validations.append(
            ValidationPoint(
                step=state.step,
                tokens=state.tokens,
                seconds=round(state.seconds, 1),
                train_nats_per_token=sum(losses) / len(losses),
                held_out_nats_per_note=nats_per_note,
                averaged_nats_per_note=average,
                preview_notes=self._preview_notes(),
            )
        )
        losses.clear()
        log.info("Step %d: held-out loss %.4f nats per note.", state.step, nats_per_note)
        if average is not None:
            log.info("With the average of the weights: %.4f.", average)
        state.stop_reason = self._stop_reason()
        if state.best is state.validations[-1]:
            self._save(BEST_CHECKPOINT, self._best_weights())
        self._save(LAST_CHECKPOINT, self.model.state_dict())

    def _validation_loss(self, model: nn.Module) -> float:
        """Held-out nats per note, which the main process computes."""
        nats = math.nan
        if self._group.is_main:
            scores = [scorer.score(model) for scorer in self.data.held_out_scorers]
            nats = LikelihoodScore.sum(scores).nats_per_note
        return self._require_finite(self._group.broadcast_from_main(nats))

    def _best_weights(self) -> dict[str, Tensor]:
        """The weights or their average: those with the lower loss at the last validation."""
        point = self.state.validations[-1]
        if self._average is None or point.best_nats_per_note == point.held_out_nats_per_note:
            return self.model.state_dict()
        return self._average.module.state_dict()

    def _preview_notes(self) -> list[tuple[int, ...]]:
        if not self._group.is_main:
            return []
        return [tuple(note) for note in self._preview_generator.generate(self.model)]

    def _require_finite(self, nats: float) -> float:
        if not math.isfinite(nats):
            rate = self.recipe.optimization.learning_rate
            raise Diverged(
                f"The loss is not finite after step {self.state.step}: "
                f"use a learning_rate below {rate}."
            )
        return nats

    def _stop_reason(self) -> StopReason | None:
        if self.progress >= 1:
            return StopReason.BUDGET_SPENT
        validations = self.state.validations
        since_best = len(validations) - 1 - validations.index(self.state.best)
        return StopReason.EARLY_STOPPING if since_best >= self.recipe.patience else None

    def _save(self, name: str, weights: dict[str, Tensor]) -> None:
        if not self._group.is_main:
            return
        self.before_save()
        state = {
            "recipe": self.recipe.to_json(),
            "model": weights,
            "optimizer": self._optimizer.state_dict(),
            "trainer_state": self.state.to_json(),
            "rng": torch.get_rng_state(),
        }
        if self._device.type == "cuda":
            state["cuda_rng"] = torch.cuda.get_rng_state(self._device)
        if self._average is not None:
            state["average"] = self._average.state_dict()
        save_state(self._folder / name, state)


def has_same_weights(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two recipes, in JSON, differ in nothing but their descriptions."""
    return one | {"description": ""} == other | {"description": ""}
