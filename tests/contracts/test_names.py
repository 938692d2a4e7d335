"""What the wire says of the trainer, which the gateway may not import, is what the trainer has."""

from dataclasses import fields

from ostinato.schemas import trainings
from ostinato.schemas.datasets import DatasetReport
from ostinato.schemas.trainings import NAMED_DATASETS, TrainingPoint
from services.trainer.data.catalog import CATALOGUE, MUSIC21
from services.trainer.data.dataset import Report
from services.trainer.recipes.recipes import RECIPES
from services.trainer.training.trainer import Point


def test_the_recipes_of_the_wire_are_the_trainers() -> None:
    assert tuple(RECIPES) == trainings.RECIPES


def test_the_named_data_sets_of_the_wire_are_the_catalogues() -> None:
    assert (MUSIC21, *CATALOGUE) == NAMED_DATASETS


def test_points_and_reports_cross_the_wire_as_they_are() -> None:
    assert [field.name for field in fields(Point)] == list(TrainingPoint.model_fields)
    assert [field.name for field in fields(Report)] == list(DatasetReport.model_fields)
