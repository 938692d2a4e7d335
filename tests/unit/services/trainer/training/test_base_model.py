"""A version is fine-tuned only by recipes with the same tokenizer and network."""

import dataclasses
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
import torch

from ostinato.schemas.notes import Metre
from ostinato.schemas.trainings import TrainingRequest
from services.trainer.data.dataset import DatasetSource
from services.trainer.publishing.checkpoint_export import export
from services.trainer.publishing.checkpoint_folder import write_card
from services.trainer.recipes.recipe import DecoderShape, LstmShape, Recipe, TokenizerKind
from services.trainer.training.base_model import BaseModel, BaseModelMismatch, read_base_record
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.models.backends import load_checkpoint
from shared.models.checkpoints import InvalidCheckpoint, find_version, load_weights
from shared.models.decoder import EMBEDDING
from shared.tokenizers import remi
from shared.tokenizers.remi import CONTROL_TOKENS, MAX_ENDING_BARS, RemiTokenizer
from shared.tokenizers.tokenizer import load_tokenizer
from tests.unit.services.trainer.conftest import DATASET, random_piece


@pytest.fixture
def folder(shared_checkpoint: Path, tmp_path: Path) -> Path:
    """The checkpoint folder of a version."""
    return shutil.copytree(shared_checkpoint, tmp_path / "checkpoints" / "base")


def test_a_run_starts_with_the_weights_and_the_tokenizer_of_its_base(
    folder: Path, recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    base, run = BaseModel(folder.parent, "tiny"), tmp_path / "fine-tuned"
    base.prepare(recipe, run)
    assert (run / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    record = read_base_record(run)
    assert record is not None
    assert record == base.record
    assert (record.version, record.sha256) == ("tiny", base.card.sha256)
    assert record.tokens == base.card.training.tokens == recipe.steps * 2 * 32
    assert (record.datasets, record.requested_dataset) == (("folk",), None)
    assert record.nats_per_note == base.card.evaluation.nats_per_note
    trainer = Trainer(
        recipe=recipe, data=training_data, folder=run, state=TrainerState(commit="none")
    )
    trainer.load_initial_weights(base.weights_for(recipe, training_data.tokenizer))
    for name, weight in load_weights(folder).state_dict().items():
        assert torch.equal(trainer.model.state_dict()[name], weight)


def test_what_the_vocabulary_of_the_base_lacks_is_appended(
    folder: Path,
    recipe: Recipe,
    datasets_dir: Path,
    cache_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A version of an earlier release is continued in the format of this one."""
    with monkeypatch.context() as earlier:
        names = tuple(name for name in CONTROL_TOKENS if not name.startswith("Ending"))
        earlier.setattr(remi, "CONTROL_TOKENS", names)
        notes = [piece.notes for piece in map(random_piece, range(3))]
        old = RemiTokenizer.train(notes, 300)
    old.save(folder)
    with_controls = dataclasses.replace(
        recipe,
        metres=(Metre.FOUR_FOUR, Metre.THREE_FOUR),
        examples=dataclasses.replace(recipe.examples, control_rate=1.0, ending_rate=0.5),
    )
    base, run = BaseModel(folder.parent, "tiny"), cache_dir / "runs" / "extended"
    base.prepare(with_controls, run)
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    data = prepare_training_data(with_controls, sources, cache_dir, run)
    assert data.tokenizer.vocab_size == 300 + 2 + MAX_ENDING_BARS
    assert data.tokenizer.encode(notes[0]) == old.encode(notes[0])
    trainer = Trainer(
        recipe=with_controls, data=data, folder=run, state=TrainerState(commit="none")
    )
    weights = base.weights_for(with_controls, data.tokenizer)
    before = load_weights(folder).state_dict()[EMBEDDING]
    assert torch.equal(weights[EMBEDDING][:300], before)
    assert torch.equal(weights[EMBEDDING][301], before[old.empty_bar()])
    assert torch.allclose(weights[EMBEDDING][302:], before.mean(dim=0))
    trainer.load_initial_weights(weights)
    assert trainer.run(lambda: False, lambda: None)
    card = export(with_controls, data, run, cache_dir / "out")
    assert card.data.vocab_size == 306
    assert card.data.density_bounds == data.density_bounds
    assert load_checkpoint(cache_dir / "out", torch.device("cpu")).model.vocab_size == 306
    again = BaseModel(cache_dir, "tiny")
    again.prepare(with_controls, cache_dir / "again")
    assert RemiTokenizer.load(cache_dir / "again").vocab_size == 306


def test_a_base_record_has_the_id_of_an_uploaded_data_set(folder: Path) -> None:
    """Names of uploaded data sets are not unique."""
    card = BaseModel(folder.parent, "tiny").card
    request = TrainingRequest(recipe="mini", version="tiny", dataset=str(uuid4()))
    training = card.training.model_copy(update={"request": request})
    write_card(card.model_copy(update={"training": training}), folder)
    assert BaseModel(folder.parent, "tiny").record.requested_dataset == request.dataset


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (DecoderShape(layers=2, heads=2, d_model=64, d_ff=64), "layers 1, not 2"),
        (LstmShape(units=(8,), dropout=0.0), "a DecoderConfig, not a LstmConfig"),
    ],
)
def test_a_base_with_another_network_is_rejected(
    folder: Path, recipe: Recipe, network: DecoderShape | LstmShape, message: str
) -> None:
    other = dataclasses.replace(recipe, network=network)
    with pytest.raises(BaseModelMismatch, match=message):
        BaseModel(folder.parent, "tiny").weights_for(other, load_tokenizer(folder))


def test_a_base_with_another_kind_of_tokenizer_is_rejected(
    folder: Path, recipe: Recipe, tmp_path: Path
) -> None:
    other = dataclasses.replace(recipe, tokenizer=TokenizerKind.PITCH_SYMBOLS)
    with pytest.raises(BaseModelMismatch, match="does not use the tokenizer pitch_symbols"):
        BaseModel(folder.parent, "tiny").prepare(other, tmp_path)


def test_a_base_with_other_byte_pairs_is_rejected(
    folder: Path, recipe: Recipe, tmp_path: Path
) -> None:
    larger = dataclasses.replace(recipe, vocab_size=1024)
    with pytest.raises(BaseModelMismatch, match="tiny was trained with vocab_size 300, not 1024"):
        BaseModel(folder.parent, "tiny").prepare(larger, tmp_path)
    plain = dataclasses.replace(recipe, tokenizer=TokenizerKind.REMI)
    with pytest.raises(BaseModelMismatch, match="with tokenizer remi_bpe, not remi;"):
        BaseModel(folder.parent, "tiny").prepare(plain, tmp_path)


def test_a_version_is_found_by_its_card_preferably_in_the_folder_of_its_name(folder: Path) -> None:
    assert find_version(folder.parent, "tiny") == folder
    shutil.copytree(folder, folder.parent / "tiny")
    shutil.copytree(folder, folder.parent / "zebra")
    assert find_version(folder.parent, "tiny").name == "tiny"
    with pytest.raises(InvalidCheckpoint, match=r"no folder whose card\.json names base"):
        find_version(folder.parent, "base")


def test_a_base_with_altered_weights_is_rejected(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"altered")
    with pytest.raises(InvalidCheckpoint, match="expects SHA-256"):
        BaseModel(folder.parent, "tiny")
