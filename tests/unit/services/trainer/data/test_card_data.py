"""The data sets of a version, from its card."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.data.card_data import (
    UnknownTrainingData,
    ancestor_sets,
    dataset_weights,
    find_data_error,
    training_context,
    training_sets,
)
from services.trainer.recipes.recipes import mini

UPLOAD_ID = UUID("018f0000-0000-7000-8000-00000000dada")


def recipe(*datasets: dict[str, Any]) -> dict[str, Any]:
    return mini().to_json() | {"datasets": list(datasets)}


TWO = recipe({"name": "reference-mixed"}, {"name": "maestro", "weight": 2.0})
TUNES = recipe({"name": "tunes"})


def request(dataset: str | None = None) -> dict[str, Any]:
    return {"recipe": "v8", "version": "v8", "dataset": dataset}


def card(training: dict[str, Any]) -> ModelCard:
    return ModelCard(
        version="v8",
        sha256="0" * 64,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        license="none",
        data=DataRecord(),
        training=TrainingRecord.model_validate(training),
        evaluation=EvaluationRecord(),
    )


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ({"recipe": TWO}, (["reference-mixed", "maestro"], None)),
        ({"recipe": TWO, "request": request()}, (["reference-mixed", "maestro"], None)),
        ({"recipe": TUNES, "request": request("music21")}, (["tunes"], None)),
        ({"recipe": TUNES, "request": request(str(UPLOAD_ID))}, (["tunes"], UPLOAD_ID)),
    ],
)
def test_a_card_names_its_data_sets(
    training: dict[str, Any], expected: tuple[list[str], UUID | None]
) -> None:
    assert training_sets(card(training)) == expected


@pytest.mark.parametrize("training", [{}, {"recipe": recipe()}])
def test_a_card_without_data_sets_is_rejected(training: dict[str, Any]) -> None:
    message = r"The card of v8 .* training\.recipe\.datasets"
    for read in (training_sets, ancestor_sets, dataset_weights):
        with pytest.raises(UnknownTrainingData, match=message):
            read(card(training))


def test_ancestor_sets_exclude_the_data_sets_of_the_version_itself() -> None:
    base = {
        "datasets": ["folk", "tunes"],
        "base": {"recipe": "old", "base": {"datasets": ["jazz"]}},
    }
    assert ancestor_sets(card({"recipe": TUNES, "base": base})) == [("folk", None), ("jazz", None)]
    assert ancestor_sets(card({"recipe": TUNES, "base": None})) == []


def test_uploaded_sets_are_identified_by_id_and_not_by_name() -> None:
    jazz = recipe({"name": "jazz"})
    base = {
        "datasets": ["jazz"],
        "requested_dataset": str(UPLOAD_ID),
        "base": {"datasets": ["jazz"], "requested_dataset": "jazz"},
    }
    uploaded, named = ("jazz", UPLOAD_ID), ("jazz", None)
    assert ancestor_sets(card({"recipe": TUNES, "base": base})) == [uploaded, named]
    assert ancestor_sets(card({"recipe": jazz, "base": base})) == [uploaded]
    own = {"recipe": jazz, "request": request(str(UPLOAD_ID)), "base": base}
    assert ancestor_sets(card(own)) == [named]


def test_data_sets_have_the_weights_of_the_recipe() -> None:
    assert dataset_weights(card({"recipe": TWO})) == [1.0, 2.0]


def test_the_training_context_is_read_from_the_recipe() -> None:
    assert training_context(card({"recipe": TWO})) == 512
    with pytest.raises(UnknownTrainingData, match=r"The card of v8"):
        training_context(card({}))


@pytest.mark.parametrize(
    "training",
    [
        {"recipe": recipe({"name": "music21"})},
        {"recipe": recipe({"name": "folk"})},
        {"recipe": TUNES, "request": request(str(UPLOAD_ID))},
    ],
)
def test_installed_and_uploaded_sets_can_be_read(
    training: dict[str, Any], datasets_dir: Path
) -> None:
    assert find_data_error(card(training), datasets_dir) is None


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"recipe": TWO}, "reference-mixed: OSTINATO_DATASETS_DIR is not set"),
        ({}, "The card of v8 does not name its training data"),
        ({"recipe": TUNES, "request": request("polka")}, "The card names the data set 'polka'"),
    ],
)
def test_data_that_cannot_be_read_is_described(training: dict[str, Any], message: str) -> None:
    assert (find_data_error(card(training), None) or "").startswith(message)
