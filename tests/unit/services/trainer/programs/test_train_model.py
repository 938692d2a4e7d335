"""A training reports its progress to the supervisor, and handles SIGTERM."""

import dataclasses
import io
import signal
from pathlib import Path

import pytest

from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import MAX_MESSAGE_BYTES, ChildMessage, MetricsReport, StepReport
from services.trainer.programs.train_model import __main__ as train_model
from services.trainer.programs.train_model.__main__ import ProgressReporter
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.preview_generator import MAX_TOKENS
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState, ValidationPoint
from services.trainer.training.training_data import TrainingData


class RecordingChannel(SupervisorChannel):
    """A channel that records the sent messages."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), io.BytesIO())
        self.messages: list[ChildMessage] = []

    def send(self, message: ChildMessage) -> None:
        super().send(message)
        self.messages.append(message)


def new_trainer(recipe: Recipe, data: TrainingData, folder: Path) -> Trainer:
    return Trainer(recipe=recipe, data=data, folder=folder, state=TrainerState(commit="none"))


def reported(trainer: Trainer) -> list[ChildMessage]:
    """Finish a run; returns the reported messages."""
    channel = RecordingChannel()
    reporter = ProgressReporter(trainer, channel)
    reporter.report_metrics()
    assert trainer.run(lambda: False, reporter.on_step)
    return channel.messages


def test_every_validation_and_every_step_of_a_short_run_is_reported(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    messages = reported(new_trainer(recipe, training_data, tmp_path))
    steps = [message.step for message in messages if isinstance(message, StepReport)]
    assert [step.step for step in steps] == list(range(1, 9))
    assert [step.progress for step in steps] == [step / 8 for step in range(1, 9)]
    validated = [
        point.step
        for message in messages
        if isinstance(message, MetricsReport)
        for point in message.metrics
    ]
    assert validated == [3, 6, 8]


def test_only_some_steps_of_a_long_run_are_reported(
    recipe: Recipe,
    training_data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train_model, "PROGRESS_STEPS", 4)
    longer = dataclasses.replace(recipe, steps=16, validate_every=16)
    messages = reported(new_trainer(longer, training_data, tmp_path))
    steps = [message.step.step for message in messages if isinstance(message, StepReport)]
    assert steps == [1, 5, 9, 13]


def test_a_resumed_run_reports_its_earlier_validations(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    stop_after = iter([False] * 4)
    first = new_trainer(recipe, training_data, tmp_path)
    assert not first.run(lambda: next(stop_after, True), lambda: None)
    resumed = new_trainer(recipe, training_data, tmp_path)
    resumed.resume()
    report, *_ = reported(resumed)
    assert isinstance(report, MetricsReport)
    assert [point.step for point in report.metrics] == [3]


def test_many_validations_are_reported_once_in_messages_of_limited_size(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    trainer = new_trainer(recipe, training_data, tmp_path)
    first = ValidationPoint(
        step=1,
        tokens=10**9,
        seconds=1e6 / 3,
        train_nats_per_token=1 / 3,
        held_out_nats_per_note=1 / 3,
        preview_notes=((7680, 7680, 108, 127),) * MAX_TOKENS,
    )
    trainer.state.validations = [dataclasses.replace(first, step=step) for step in range(1, 251)]
    channel = RecordingChannel()
    reporter = ProgressReporter(trainer, channel)
    reporter.report_metrics()
    reporter.report_metrics()
    pages = [message.metrics for message in channel.messages if isinstance(message, MetricsReport)]
    assert [len(page) for page in pages] == [100, 100, 50]
    assert [point.step for page in pages for point in page] == list(range(1, 251))
    sizes = [len(message.model_dump_json()) for message in channel.messages]
    assert max(sizes) < MAX_MESSAGE_BYTES / 10


def test_sigterm_requests_a_stop_and_its_handler_is_restored_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    channel = SupervisorChannel(io.BytesIO(), io.BytesIO())
    with train_model._graceful_sigterm(channel):
        signal.raise_signal(signal.SIGTERM)
    assert channel.stop_requested.is_set()
    assert signal.getsignal(signal.SIGTERM) is before
