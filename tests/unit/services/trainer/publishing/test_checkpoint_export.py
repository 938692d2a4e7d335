"""The checkpoint folder of a run can be served, and its card describes its weights."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from ostinato.schemas.cards import DataLeakageRecord
from ostinato.schemas.models import ModelCard
from ostinato.schemas.recipes.recipe_records import RecipeRecord
from services.trainer.data.catalog import CATALOG
from services.trainer.evaluation.held_out import held_out_pieces
from services.trainer.evaluation.likelihood import HeldOutScorer
from services.trainer.publishing.checkpoint_export import export
from services.trainer.publishing.checkpoint_folder import with_evaluation, write_card
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.trainer_state import BEST_CHECKPOINT
from services.trainer.training.training_data import TrainingData
from shared.models.backends import load_checkpoint
from shared.models.checkpoints import load_weights, read_card
from shared.tokenizers.remi import RemiTokenizer

LEAKAGE = DataLeakageRecord(
    leaky_validation_nats_per_token=1.0,
    held_out_nats_per_token=2.0,
    gap_nats_per_token=1.0,
    num_tokens=3,
    num_training_windows=4,
    seed=7,
)


@pytest.fixture
def run(shared_run: Path, cache_dir: Path) -> Path:
    """The folder of a finished run."""
    return shutil.copytree(shared_run, cache_dir / "runs" / "tiny", dirs_exist_ok=True)


@pytest.fixture
def folder(shared_checkpoint: Path, tmp_path: Path) -> Path:
    """The checkpoint folder of that run."""
    return shutil.copytree(shared_checkpoint, tmp_path / "out")


def change_best_weights(run: Path) -> None:
    state = load_state(run / BEST_CHECKPOINT)
    for weight in state["model"].values():
        weight.add_(1)
    save_state(run / BEST_CHECKPOINT, state)


def test_the_folder_can_be_loaded_and_its_tokenizer_fits(folder: Path) -> None:
    checkpoint = load_checkpoint(folder, torch.device("cpu"))
    assert checkpoint.card.version == "tiny"
    assert RemiTokenizer.load(folder).vocab_size == checkpoint.model.vocab_size
    assert {path.name for path in folder.iterdir()} == {
        "card.json",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    }


def test_the_evaluation_in_the_card_is_of_the_exported_weights(
    folder: Path, training_data: TrainingData, recipe: Recipe
) -> None:
    card = ModelCard.model_validate_json((folder / "card.json").read_bytes())
    [dataset] = training_data.datasets
    pieces = held_out_pieces(dataset, training_data.tokenizer, 10**9)
    scorer = HeldOutScorer(pieces, training_data.tokenizer, recipe.examples.context)
    score = scorer.score(load_weights(folder))
    assert card.evaluation.nats_per_note == round(score.nats_per_note, 4)
    held_out = dataset.split.held_out
    assert card.evaluation.held_out is not None
    assert card.evaluation.held_out.num_pieces == len(held_out)
    assert card.evaluation.held_out.num_notes == sum(len(piece.notes) for piece in held_out)
    by_dataset = card.evaluation.by_dataset
    assert by_dataset["folk"].nats_per_note == card.evaluation.nats_per_note
    [record] = card.data.datasets
    assert record.found == 40
    assert record.license == CATALOG["folk"].license


def test_the_card_describes_the_run(folder: Path, recipe: Recipe) -> None:
    training = json.loads((folder / "card.json").read_text())["training"]
    assert training["commit"] == "abc"
    assert training["minutes"] is None, "the budget was in steps"
    assert training["stop_reason"] == "budget spent"
    assert [point["step"] for point in training["learning_curve"]] == [3, 6, 8]
    assert not any("preview_notes" in point for point in training["learning_curve"])
    assert training["tokens"] == training["steps"] * 2 * recipe.examples.context
    assert RecipeRecord.model_validate(training["recipe"]) == RecipeRecord.model_validate(
        recipe.to_json()
    )


def test_an_export_replaces_the_weights_of_an_earlier_export(
    recipe: Recipe, training_data: TrainingData, run: Path, folder: Path
) -> None:
    card = read_card(folder)
    with_leakage = card.evaluation.model_copy(update={"data_leakage": LEAKAGE})
    write_card(with_evaluation(card, with_leakage), folder)
    change_best_weights(run)
    changed = export(recipe, training_data, run, folder)
    assert changed.sha256 != card.sha256
    assert read_card(folder) == changed
    assert changed.evaluation.data_leakage == LEAKAGE
    assert changed.evaluation.nats_per_note != card.evaluation.nats_per_note


def test_an_interrupted_export_keeps_the_earlier_folder(
    recipe: Recipe,
    training_data: TrainingData,
    run: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    card = read_card(folder)
    change_best_weights(run)
    with monkeypatch.context() as patch:
        patch.setattr("services.trainer.publishing.checkpoint_export.score_held_out", interrupt)
        with pytest.raises(KeyboardInterrupt):
            export(recipe, training_data, run, folder)
    assert read_card(folder) == card
    changed = export(recipe, training_data, run, folder)
    assert read_card(folder) == changed != card
