"""`python -m services.trainer.programs.train_model`: a child of the trainer that makes one version.

TERM lets it write a checkpoint and end with 75 (EX_TEMPFAIL): it was interrupted, and goes on later
as if it had not been. Refuses to know jobs, and to publish what it has made.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from ostinato.schemas.trainings import TrainingPoint, TrainingStep
from services.trainer.data.sources import opened
from services.trainer.ipc.channel import Interrupted, Lifeline, work
from services.trainer.ipc.messages import Curve, Exported, Step, TrainingAssignment
from services.trainer.ipc.workdir import begin_attempt
from services.trainer.publishing.export import export
from services.trainer.recipes.overrides import apply
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.base_model import BASE, Base
from services.trainer.training.code_version import current_commit
from services.trainer.training.trainer import BEST, LAST, Progress, Training
from services.trainer.training.training_data import Prepared, prepare
from shared.logs import configure
from shared.tokenizers.remi import FILE

INHERITED = (LAST, BEST, FILE, BASE)
"""What an attempt takes over. A best state that is newer than the last one does no harm."""
TOLD = 1000
"""Steps that are told of a whole run, about; its examinations come on top."""

PAGE = 100
"""Points in a word: with what they sound like, a few thousand are longer than any word may be."""


def make(line: Lifeline) -> Exported:
    """Make the version that the supervisor names, from where an earlier attempt got to."""
    assignment = line.take(TrainingAssignment)
    request, places = assignment.request, assignment.places
    folder = begin_attempt(places.home, assignment.job_id, assignment.attempt, INHERITED)
    recipe = apply(request, assignment.dataset or request.dataset)
    training = _open(assignment, recipe, folder)
    _train(training, line)
    card = export(recipe, training.material, folder, folder / "export", _origin(assignment))
    return Exported(folder=folder / "export", card=card)


def _open(assignment: TrainingAssignment, recipe: Recipe, folder: Path) -> Training:
    """The run: from its last checkpoint, from its base, or from nothing."""
    goes_on, name = (folder / LAST).exists(), assignment.request.base
    base = None if goes_on or name is None else Base(assignment.places.checkpoints, name)
    if base is not None:
        base.lend_vocabulary(recipe, folder)
    training = Training(
        recipe=recipe,
        material=_prepare(assignment, recipe, folder),
        folder=folder,
        progress=Progress(commit=current_commit()),
        minutes=assignment.request.overrides.minutes,
    )
    if goes_on:
        training.resume()
    elif base is not None:
        training.begin_from(base.weights_for(recipe))
    return training


def _prepare(assignment: TrainingAssignment, recipe: Recipe, folder: Path) -> Prepared:
    places = assignment.places
    names = [part.name for part in recipe.ingredients]
    handed_in = None if assignment.dataset is None else UUID(assignment.request.dataset)
    with opened(names, handed_in, places, folder) as sources:
        return prepare(recipe, sources, places.home, folder)


def _train(training: Training, line: Lifeline) -> None:
    """Until the run's end; Interrupted if it was told to stop before."""
    training.guard = line.wait_for_leave
    teller = Teller(training, line)
    teller.tell_curve()
    with _stopping_softly(line):
        if not training.run(line.stopping.is_set, teller.tell):
            raise Interrupted


class Teller:
    """Tells the supervisor how a training goes."""

    def __init__(self, training: Training, line: Lifeline) -> None:
        self._training = training
        self._line = line
        self._points = 0
        self._next = 0.0

    def tell(self) -> None:
        """After each step: the step, if it is time for one, and a point, if there is a new one."""
        if self._training.spent >= self._next:
            self._next = self._training.spent + 1 / TOLD
            self._line.say(Step(step=self._step()))
        self.tell_curve()

    def tell_curve(self) -> None:
        """Whatever the supervisor has not heard of the curve; it may know it from before."""
        curve = self._training.progress.curve
        while len(curve) > self._points:
            new = curve[self._points : self._points + PAGE]
            self._points += len(new)
            self._line.say(Curve(points=[TrainingPoint(**asdict(point)) for point in new]))

    def _step(self) -> TrainingStep:
        progress = self._training.progress
        return TrainingStep(
            step=progress.step,
            tokens=progress.tokens,
            seconds=round(progress.seconds, 1),
            spent=self._training.spent,
            train_nats_per_token=self._training.loss,
        )


def _origin(assignment: TrainingAssignment) -> dict[str, Any]:
    """What a card says of a version that somebody asked for."""
    return {
        "job": str(assignment.job_id),
        "request": assignment.request.model_dump(mode="json", exclude_none=True),
    }


@contextmanager
def _stopping_softly(line: Lifeline) -> Iterator[None]:
    """There is something to keep now: TERM is heeded between two steps."""
    before = signal.signal(signal.SIGTERM, lambda *_: line.stopping.set())
    yield
    signal.signal(signal.SIGTERM, before)


def _leave(*_: object) -> None:
    """Nothing would be lost."""
    os._exit(os.EX_TEMPFAIL)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    line = Lifeline.of_this_process()
    configure("trainer")
    sys.exit(work(line, make))
