"""What the wire says of the trainer, which the gateway may not import, is what the trainer has."""

from dataclasses import fields

from services.trainer.data.catalogue import CATALOGUE, MUSIC21
from services.trainer.data.dataset import Report
from services.trainer.loop import Point
from services.trainer.recipes import RECIPES
from shared.schemas import trainings
from shared.schemas.datasets import DatasetReport
from shared.schemas.trainings import NAMED_DATASETS, TrainingPoint


def test_the_recipes_of_the_wire_are_the_trainers() -> None:
    assert tuple(RECIPES) == trainings.RECIPES


def test_the_named_data_sets_of_the_wire_are_the_catalogues() -> None:
    assert (MUSIC21, *CATALOGUE) == NAMED_DATASETS


def test_points_and_reports_cross_the_wire_as_they_are() -> None:
    assert [field.name for field in fields(Point)] == list(TrainingPoint.model_fields)
    assert [field.name for field in fields(Report)] == list(DatasetReport.model_fields)
