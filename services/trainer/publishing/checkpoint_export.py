"""Export of a run to a checkpoint folder: best weights, tokenizer and card.

The evaluation in the card is of the weights as they were written, in bf16.
"""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import torch

from ostinato.schemas.cards import (
    DataLeakageRecord,
    DataRecord,
    DatasetRecord,
    TrainingRecord,
    ValidationRecord,
)
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.recipes.recipe_records import RecipeRecord
from ostinato.schemas.trainings import TrainingRequest
from services.trainer.data.dataset import Dataset
from services.trainer.data.tokenized import TokenizedDataset
from services.trainer.evaluation.held_out import score_held_out
from services.trainer.publishing.checkpoint_folder import staging_dir, write_card
from services.trainer.recipes.recipe import Recipe, TokenizerKind, WeightedDataset
from services.trainer.training.base_model import read_base_record
from services.trainer.training.checkpoint import load_state
from services.trainer.training.network import build_network
from services.trainer.training.trainer_state import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    TrainerState,
    ValidationPoint,
)
from services.trainer.training.training_data import TrainingData
from shared.models.checkpoints import CARD, GENERATION_CONFIG, load_weights, save_weights

MAX_BARS = 64
LICENSE = "see LICENSE.md beside this folder"
CLIENT_LICENSE = "limited by the licenses of its data sets"
SPLIT = (
    "pieces are split before anything else: duplicates count once; pieces that share a tenth of "
    "their runs of ten pitch intervals form a group, which stays on one side; about one group in "
    "ten, chosen by the hash of its content, is held out; a published split is kept"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOrigin:
    """The job that a version was trained for."""

    job_id: UUID
    request: TrainingRequest


def export(
    recipe: Recipe,
    data: TrainingData,
    run: Path,
    folder: Path,
    origin: TrainingOrigin | None = None,
) -> ModelCard:
    """Write the weights, tokenizer and card of a run to a folder, whose content is replaced.

    An unfinished run is exported as it is; the card states that it is unfinished. `origin` is None
    if the training was started from the command line.
    """
    best = build_network(recipe, data.tokenizer.vocab_size)
    best.load_state_dict(load_state(run / BEST_CHECKPOINT)["model"])
    fresh = staging_dir(folder.parent) / folder.name
    shutil.rmtree(fresh, ignore_errors=True)
    sha256 = save_weights(best, fresh)
    data.tokenizer.save(fresh)
    held_out = score_held_out(
        load_weights(fresh),
        data.datasets,
        data.tokenizer,
        recipe.examples.context,
        infill=recipe.examples.infill_rate > 0,
    )
    num_parameters = sum(weight.numel() for weight in best.parameters())
    card = ModelCard(
        version=recipe.version,
        sha256=sha256,
        description=recipe.description,
        capabilities=capabilities(recipe),
        license=CLIENT_LICENSE if origin else LICENSE,
        data=_data_record(recipe, data),
        training=_training_record(recipe, run, num_parameters, origin),
        evaluation=held_out.model_copy(update={"data_leakage": _carried_over_leakage(folder)}),
    )
    write_card(card, fresh)
    _carry_over_sampling(folder, fresh)
    _replace_folder(fresh, folder)
    return card


def _replace_folder(fresh: Path, folder: Path) -> None:
    """Replace `folder` with `fresh`; a reader finds one of them, or briefly neither."""
    replaced = fresh.with_name(f"{fresh.name}.before")
    shutil.rmtree(replaced, ignore_errors=True)
    if folder.exists():
        folder.rename(replaced)
    fresh.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)


def capabilities(recipe: Recipe) -> Capabilities:
    """What a client may request from a version of this recipe."""
    has_rhythm = recipe.tokenizer is not TokenizerKind.PITCH_SYMBOLS
    return Capabilities(
        max_bars=MAX_BARS,
        primer=has_rhythm,
        velocity=has_rhythm,
        infill=recipe.examples.infill_rate > 0,
        key_conditioning=recipe.examples.control_rate > 0,
        time_signatures=recipe.metres,
    )


def _data_record(recipe: Recipe, data: TrainingData) -> DataRecord:
    datasets = zip(recipe.datasets, data.datasets, data.tokenized, strict=True)
    return DataRecord(
        datasets=tuple(_dataset_record(*dataset) for dataset in datasets),
        split=SPLIT,
        num_tokens=data.num_tokens,
        tokens_per_note=round(data.num_tokens / data.num_notes, 3),
        vocab_size=data.tokenizer.vocab_size,
        density_bounds=data.density_bounds,
    )


def _dataset_record(
    weighted: WeightedDataset, dataset: Dataset, tokenized: TokenizedDataset
) -> DatasetRecord:
    return DatasetRecord(
        name=dataset.name,
        description=dataset.description,
        license=dataset.license,
        weight=weighted.weight,
        num_tokens=len(tokenized.tokens),
        **asdict(dataset.counts),
    )


def _training_record(
    recipe: Recipe, run: Path, num_parameters: int, origin: TrainingOrigin | None
) -> TrainingRecord:
    """The run up to its best validation, whose weights are exported, and its stop reason."""
    state = TrainerState.from_json(load_state(run / LAST_CHECKPOINT)["trainer_state"])
    best = state.best
    return TrainingRecord(
        num_parameters=num_parameters,
        selection=f"best of {len(state.validations)} validations on a fixed sample of windows over "
        "whole held-out pieces; selecting by them makes their figures slightly optimistic",
        steps=best.step,
        tokens=best.tokens,
        seconds=best.seconds,
        seed=recipe.seed,
        commit=state.commit,
        minutes=state.minutes,
        stop_reason=str(state.stop_reason or "exported before the end of the run"),
        torch=torch.__version__,
        recipe=RecipeRecord.model_validate(recipe.to_json()),
        learning_curve=tuple(_curve_point(point) for point in state.validations),
        base=read_base_record(run),
        job_id=origin and origin.job_id,
        request=origin and origin.request,
    )


def _curve_point(point: ValidationPoint) -> ValidationRecord:
    return ValidationRecord(
        step=point.step,
        tokens=point.tokens,
        seconds=point.seconds,
        train_nats_per_token=point.train_nats_per_token,
        held_out_nats_per_note=point.held_out_nats_per_note,
        averaged_nats_per_note=point.averaged_nats_per_note,
    )


def _carry_over_sampling(folder: Path, fresh: Path) -> None:
    """The sampling defaults of the replaced weights, until a sweep chooses others."""
    if (folder / GENERATION_CONFIG).exists():
        shutil.copyfile(folder / GENERATION_CONFIG, fresh / GENERATION_CONFIG)


def _carried_over_leakage(folder: Path) -> DataLeakageRecord | None:
    """The measurement in the replaced card: it depends on the split, not on the weights."""
    path = folder / CARD
    if not path.exists():
        return None
    return ModelCard.model_validate_json(path.read_bytes()).evaluation.data_leakage
