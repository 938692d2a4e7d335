"""Child program of the trainer: trains one version.

On SIGTERM it writes a checkpoint and exits with 75 (EX_TEMPFAIL). The next attempt resumes from the
checkpoint and ends with the same weights as an uninterrupted run. The service publishes the trained
version, not this program.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import torch

from ostinato.schemas.trainings import TrainingMetrics, TrainingStep
from services.trainer.data.sources import open_sources
from services.trainer.ipc.channel import StopRequested, SupervisorChannel, run_child
from services.trainer.ipc.messages import Exported, MetricsReport, StepReport, TrainingSpec
from services.trainer.ipc.workdir import create_attempt_dir
from services.trainer.publishing.checkpoint_export import TrainingOrigin, export
from services.trainer.recipes.overrides import apply_overrides
from services.trainer.recipes.recipe import Recipe
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import BASE_FILE, BaseModel
from services.trainer.training.code_version import current_commit
from services.trainer.training.distributed import ProcessGroup
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    TrainerState,
    ValidationPoint,
)
from services.trainer.training.training_data import (
    TrainingData,
    prepare_training_data,
)
from shared.logs import configure
from shared.settings import LogSettings
from shared.tokenizers.remi import FILE

INHERITED_FILES = (LAST_CHECKPOINT, BEST_CHECKPOINT, FILE, BASE_FILE)
"""Files that an attempt inherits from the previous one. The best checkpoint may be newer than the
last one, since it is written first."""
PROGRESS_STEPS = 1000
"""Approximate number of step reports of a whole run."""
MAX_METRICS_PER_MESSAGE = 100
"""Limit on the metrics in one report: a few thousand, with their preview notes, would exceed
`MAX_MESSAGE_BYTES`."""


def train(channel: SupervisorChannel) -> Exported:
    """Train the version that the supervisor names; resume from an earlier attempt's checkpoint."""
    spec = channel.receive(TrainingSpec)
    folder = create_attempt_dir(spec.paths.cache_dir, spec.job_id, spec.attempt, INHERITED_FILES)
    recipe = apply_overrides(spec.request, spec.dataset or spec.request.dataset)
    trainer = _open_run(spec, recipe, folder)
    _run(trainer, channel)
    origin = TrainingOrigin(job_id=spec.job_id, request=spec.request)
    card = export(recipe, trainer.data, folder, folder / "export", origin)
    return Exported(folder=folder / "export", card=card)


def _open_run(spec: TrainingSpec, recipe: Recipe, folder: Path) -> Trainer:
    """The run, initialized from its last checkpoint, the base model, or random weights."""
    resumes, name = (folder / LAST_CHECKPOINT).exists(), spec.request.base
    base = None if resumes or name is None else BaseModel(spec.paths.checkpoints_dir, name)
    if base is not None:
        base.prepare(recipe, folder)
    trainer = Trainer(
        recipe=recipe,
        data=_prepare_data(spec, recipe, folder),
        folder=folder,
        state=TrainerState(commit=current_commit()),
        minutes=spec.request.overrides.minutes,
        group=ProcessGroup(device=torch.device(TrainingSettings.load().device)),
    )
    if resumes:
        trainer.resume()
    elif base is not None:
        base.initialize(trainer, folder)
    return trainer


def _prepare_data(spec: TrainingSpec, recipe: Recipe, folder: Path) -> TrainingData:
    names = [part.name for part in recipe.datasets]
    upload_id = None if spec.dataset is None else UUID(spec.request.dataset)
    with open_sources(names, upload_id, spec.paths, folder) as sources:
        return prepare_training_data(recipe, sources, spec.paths.cache_dir, folder)


def _run(trainer: Trainer, channel: SupervisorChannel) -> None:
    """Train to the end of the run.

    Raises:
        StopRequested: the supervisor asked to stop before the end.
    """
    trainer.before_save = channel.wait_for_lease
    reporter = ProgressReporter(trainer, channel)
    reporter.report_metrics()
    with _graceful_sigterm(channel):
        if not trainer.run(channel.stop_requested.is_set, reporter.on_step):
            raise StopRequested


class ProgressReporter:
    """Reports steps and validation metrics to the supervisor."""

    def __init__(self, trainer: Trainer, channel: SupervisorChannel) -> None:
        self._trainer = trainer
        self._channel = channel
        self._num_reported = 0
        """Number of validations that were reported."""
        self._next_report = 0.0
        """Progress at which the next step is reported."""

    def on_step(self) -> None:
        """Called after each step; reports some of the steps, and every new validation."""
        if self._trainer.progress >= self._next_report:
            self._next_report = self._trainer.progress + 1 / PROGRESS_STEPS
            self._channel.send(StepReport(step=self._step()))
        self.report_metrics()

    def report_metrics(self) -> None:
        """Report all validations that this process has not yet reported; storing is idempotent."""
        validations = self._trainer.state.validations
        while len(validations) > self._num_reported:
            new = validations[self._num_reported : self._num_reported + MAX_METRICS_PER_MESSAGE]
            self._num_reported += len(new)
            self._channel.send(MetricsReport(metrics=list(map(_metrics, new))))

    def _step(self) -> TrainingStep:
        state = self._trainer.state
        return TrainingStep(
            step=state.step,
            tokens=state.tokens,
            seconds=round(state.seconds, 1),
            progress=self._trainer.progress,
            train_nats_per_token=self._trainer.loss,
        )


def _metrics(point: ValidationPoint) -> TrainingMetrics:
    """A validation as clients see it: the loss is that of the weights that it would export."""
    fields = asdict(point)
    del fields["averaged_nats_per_note"]
    return TrainingMetrics(**fields | {"held_out_nats_per_note": point.best_nats_per_note})


@contextmanager
def _graceful_sigterm(channel: SupervisorChannel) -> Iterator[None]:
    """Within the block, SIGTERM only requests a stop, so that a checkpoint is written."""
    before = signal.signal(signal.SIGTERM, lambda *_: channel.stop_requested.set())
    yield
    signal.signal(signal.SIGTERM, before)


def _exit_now(*_: object) -> None:
    """Handle SIGTERM before the first step, when there is nothing to save."""
    os._exit(os.EX_TEMPFAIL)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _exit_now)
    channel = SupervisorChannel.from_stdio()
    configure("trainer", log_format=LogSettings.load().log_format)
    sys.exit(run_child(channel, train))
