"""What a run tells its supervisor, and how it takes a TERM."""

import dataclasses
import io
import signal
from pathlib import Path

import pytest

from services.trainer.ipc.channel import Lifeline
from services.trainer.ipc.messages import Curve, Step, Word
from services.trainer.jobs.child_process import LONGEST_WORD
from services.trainer.programs import train_model
from services.trainer.programs.train_model import Teller
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.sample_generator import MOST_TOKENS
from services.trainer.training.trainer import Point, Progress, Training
from services.trainer.training.training_data import Prepared


class Notebook(Lifeline):
    """A lifeline that keeps what is said."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), io.BytesIO())
        self.words: list[Word] = []

    def say(self, word: Word) -> None:
        super().say(word)
        self.words.append(word)


def training(recipe: Recipe, material: Prepared, folder: Path) -> Training:
    return Training(
        recipe=recipe, material=material, folder=folder, progress=Progress(commit="none")
    )


def told(training: Training) -> list[Word]:
    notebook = Notebook()
    teller = Teller(training, notebook)
    teller.tell_curve()
    assert training.run(lambda: False, teller.tell)
    return notebook.words


def test_every_point_is_told_and_every_step_of_a_short_run(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    words = told(training(recipe, material, tmp_path))
    steps = [word.step for word in words if isinstance(word, Step)]
    assert [step.step for step in steps] == list(range(1, 9))
    assert [step.spent for step in steps] == [step / 8 for step in range(1, 9)]
    points = [point.step for word in words if isinstance(word, Curve) for point in word.points]
    assert points == [3, 6, 8]


def test_of_a_long_run_only_some_steps_are_told(
    recipe: Recipe, material: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TOLD", 4)
    longer = dataclasses.replace(recipe, steps=16, evaluate_every=16)
    words = told(training(longer, material, tmp_path))
    assert [word.step.step for word in words if isinstance(word, Step)] == [1, 5, 9, 13]


def test_a_run_that_goes_on_tells_the_curve_from_before(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    stop_after = iter([False] * 4)
    first = training(recipe, material, tmp_path)
    assert not first.run(lambda: next(stop_after, True), lambda: None)
    again = training(recipe, material, tmp_path)
    again.resume()
    curve, *_ = told(again)
    assert isinstance(curve, Curve)
    assert [point.step for point in curve.points] == [3]


def test_a_long_curve_is_told_once_in_words_that_may_be_as_long(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    goes_on = training(recipe, material, tmp_path)
    first = Point(
        step=1,
        tokens=10**9,
        seconds=1e6 / 3,
        train_nats_per_token=1 / 3,
        held_out_nats_per_note=1 / 3,
        sample=((7680, 7680, 108, 127),) * MOST_TOKENS,
    )
    goes_on.progress.curve = [dataclasses.replace(first, step=step) for step in range(1, 251)]
    notebook = Notebook()
    teller = Teller(goes_on, notebook)
    teller.tell_curve()
    teller.tell_curve()
    pages = [word.points for word in notebook.words if isinstance(word, Curve)]
    assert [len(page) for page in pages] == [100, 100, 50]
    assert [point.step for page in pages for point in page] == list(range(1, 251))
    assert max(len(word.model_dump_json()) for word in notebook.words) < LONGEST_WORD / 10


def test_term_is_soft_while_there_is_something_to_keep() -> None:
    before = signal.getsignal(signal.SIGTERM)
    line = Lifeline(io.BytesIO(), io.BytesIO())
    with train_model._stopping_softly(line):
        signal.raise_signal(signal.SIGTERM)
    assert line.stopping.is_set()
    assert signal.getsignal(signal.SIGTERM) is before
