"""A version can be trained further by a recipe whose model is the same, and by no other."""

import dataclasses
import json
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
import torch

from services.trainer.publishing.checkpoint_folder import write_card
from services.trainer.publishing.export import export
from services.trainer.recipes.recipes import DecoderShape, LstmShape, Recipe, Tokens
from services.trainer.training.base_model import BASE, Base, BaseDoesNotFit
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared
from shared.models.checkpoints import InvalidCheckpoint, find_version, load_weights


@pytest.fixture
def folder(recipe: Recipe, material: Prepared, tmp_path: Path) -> Path:
    """The folder of a version."""
    run = tmp_path / "run"
    training = Training(
        recipe=recipe, material=material, folder=run, progress=Progress(commit="none")
    )
    training.run(lambda: False, lambda: None)
    export(recipe, material, run, tmp_path / "checkpoints" / "base")
    return tmp_path / "checkpoints" / "base"


def test_a_run_begins_with_the_weights_and_the_vocabulary(
    folder: Path, recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    base, run = Base(folder.parent, "tiny"), tmp_path / "further"
    base.lend_vocabulary(recipe, run)
    assert (run / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    said, trained = json.loads((run / BASE).read_text()), base.card.training
    assert said == base.history
    assert (said["version"], said["sha256"]) == ("tiny", base.card.sha256)
    assert said["tokens"] == trained["tokens"] > 0
    assert (said["music"], said["dataset"]) == (["folk"], None)
    assert said["nats_per_note"] == base.card.evaluation["nats_per_note"]
    training = Training(
        recipe=recipe, material=material, folder=run, progress=Progress(commit="none")
    )
    training.begin_from(base.weights_for(recipe))
    for name, weight in load_weights(folder).state_dict().items():
        assert torch.equal(training.model.state_dict()[name], weight)


def test_a_run_remembers_which_music_its_base_was_handed(folder: Path) -> None:
    """Names of sets that were handed in are anybody's."""
    card = Base(folder.parent, "tiny").card
    request = {"recipe": "mini", "version": "tiny", "dataset": str(uuid4())}
    training = card.training | {"request": request}
    write_card(card.model_copy(update={"training": training}), folder)
    assert Base(folder.parent, "tiny").history["dataset"] == request["dataset"]


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (DecoderShape(layers=2, heads=2, d_model=64, d_ff=64), "layers 1, not 2"),
        (LstmShape(units=(8,), dropout=0.0), "a DecoderConfig, not a LstmConfig"),
    ],
)
def test_a_model_of_another_shape_is_refused(
    folder: Path, recipe: Recipe, network: DecoderShape | LstmShape, words: str
) -> None:
    other = dataclasses.replace(recipe, network=network)
    with pytest.raises(BaseDoesNotFit, match=words):
        Base(folder.parent, "tiny").weights_for(other)


def test_music_that_is_spelt_otherwise_is_refused(
    folder: Path, recipe: Recipe, tmp_path: Path
) -> None:
    other = dataclasses.replace(recipe, tokens=Tokens.PITCH_SYMBOLS)
    with pytest.raises(BaseDoesNotFit, match="does not spell music in pitch"):
        Base(folder.parent, "tiny").lend_vocabulary(other, tmp_path)


def test_byte_pairs_are_not_lent_to_a_recipe_that_wants_others(
    folder: Path, recipe: Recipe, tmp_path: Path
) -> None:
    more = dataclasses.replace(recipe, vocabulary=1024)
    with pytest.raises(BaseDoesNotFit, match="tiny was made with vocabulary 300, not 1024"):
        Base(folder.parent, "tiny").lend_vocabulary(more, tmp_path)
    plain = dataclasses.replace(recipe, tokens=Tokens.REMI)
    with pytest.raises(BaseDoesNotFit, match="with tokens REMI and byte pairs, not REMI;"):
        Base(folder.parent, "tiny").lend_vocabulary(plain, tmp_path)


def test_a_version_is_found_by_its_card_and_first_under_its_own_name(folder: Path) -> None:
    assert find_version(folder.parent, "tiny") == folder
    shutil.copytree(folder, folder.parent / "tiny")
    shutil.copytree(folder, folder.parent / "zebra")
    assert find_version(folder.parent, "tiny").name == "tiny"
    with pytest.raises(InvalidCheckpoint, match=r"no folder whose card\.json names base"):
        find_version(folder.parent, "base")


def test_altered_weights_are_no_base(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"altered")
    with pytest.raises(InvalidCheckpoint, match="expects SHA-256"):
        Base(folder.parent, "tiny")
