"""The trainer has the recipes, data sets and record fields that the API schemas name.

The gateway does not import the trainer, so these lists exist twice.
"""

from dataclasses import fields

from ostinato.schemas import trainings
from ostinato.schemas.datasets import DatasetReport
from ostinato.schemas.trainings import NAMED_DATASETS, TrainingMetrics
from services.trainer.data.catalog import CATALOG, MUSIC21
from services.trainer.data.dataset import DatasetCounts
from services.trainer.recipes.recipes import RECIPES
from services.trainer.training.trainer_state import ValidationPoint


def test_the_schemas_list_the_recipes_of_the_trainer() -> None:
    assert tuple(RECIPES) == trainings.RECIPES


def test_the_schemas_list_the_data_sets_of_the_catalog() -> None:
    assert (MUSIC21, *CATALOG) == NAMED_DATASETS


def test_metrics_and_reports_have_the_fields_of_the_trainers_records() -> None:
    assert [
        field.name for field in fields(ValidationPoint) if field.name != "averaged_nats_per_note"
    ] == list(TrainingMetrics.model_fields)
    assert [field.name for field in fields(DatasetCounts)] == [
        name for name in DatasetReport.model_fields if name != "skipped_files"
    ]
