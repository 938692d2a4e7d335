"""Fixtures of the trainer's tests: a small data set and a recipe that trains in a second."""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.catalog import CATALOG
from services.trainer.data.dataset import DatasetSource
from services.trainer.data.parsed_file import ParsedFile, SkipReason
from services.trainer.data.piece import Notes, Piece
from services.trainer.publishing.checkpoint_export import export
from services.trainer.recipes.recipe import (
    DecoderShape,
    ExampleConfig,
    Optimization,
    Recipe,
    TokenizerKind,
    WeightedDataset,
)
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.midi.writer import write_midi

DATASET = "folk"
TINY = Recipe(
    version="tiny",
    description="A recipe for tests.",
    datasets=(WeightedDataset(name=DATASET),),
    tokenizer=TokenizerKind.REMI_BPE,
    vocab_size=300,
    examples=ExampleConfig(context=32, transpositions=(-2, 0, 3)),
    network=DecoderShape(layers=1, heads=2, d_model=64, d_ff=64),
    optimization=Optimization(
        batch_size=2,
        learning_rate=0.01,
        weight_decay=0.1,
        max_grad_norm=1.0,
        warmup_ratio=0.1,
        decay_ratio=0.5,
    ),
    steps=8,
    validate_every=3,
    patience=5,
    seed=1,
)


def reason_of(parsed: ParsedFile) -> SkipReason | None:
    """Why a piece was skipped; None if it was not."""
    return parsed.skipped and parsed.skipped.reason


def random_piece(seed: int, length: int = 40) -> Piece:
    """A piece of random pitches in eighths and quarters."""
    rng = np.random.default_rng(seed)
    durations = rng.choice([240, 480], length)
    starts = np.cumsum(durations) - durations
    pitches = rng.integers(50, 80, length)
    notes = np.stack([starts, durations, pitches, np.full(length, 80)], axis=1)
    return Piece(name=f"random/{seed}", notes=notes.astype(np.int64), seconds=length / 2)


def write_piece(path: Path, notes: Notes) -> None:
    """Write notes as a MIDI file."""
    bars = math.ceil((notes[:, 0] + notes[:, 1]).max() / TICKS_PER_BAR)
    rows = [Note(*row) for row in notes.tolist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_midi(rows, tempo=120, instrument=0, bars=bars))


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Use one thread; for such small tensors, a second thread costs more time than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def datasets_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of data sets that contains one set of forty random pieces."""
    folder = tmp_path_factory.mktemp("datasets")
    for seed in range(40):
        write_piece(folder / CATALOG[DATASET].path / f"{seed}.mid", random_piece(seed).notes)
    return folder


@pytest.fixture(scope="package")
def warm_cache_dir(datasets_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the parsed and tokenized data set of `datasets_dir`."""
    cache_dir = tmp_path_factory.mktemp("cache")
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    prepare_training_data(TINY, sources, cache_dir, cache_dir / "runs" / "tiny")
    return cache_dir


@pytest.fixture(scope="package")
def shared_run(
    datasets_dir: Path, warm_cache_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a finished run of `TINY`, which tests do not change."""
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    data = prepare_training_data(TINY, sources, warm_cache_dir, warm_cache_dir / "runs" / "tiny")
    folder = tmp_path_factory.mktemp("run")
    trainer = Trainer(recipe=TINY, data=data, folder=folder, state=TrainerState(commit="abc"))
    assert trainer.run(lambda: False, lambda: None)
    return folder


@pytest.fixture(scope="package")
def shared_checkpoint(
    shared_run: Path,
    datasets_dir: Path,
    warm_cache_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The checkpoint folder of `shared_run`, which tests do not change."""
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    data = prepare_training_data(TINY, sources, warm_cache_dir, warm_cache_dir / "runs" / "tiny")
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    export(TINY, data, shared_run, folder)
    return folder


@pytest.fixture
def own_checkpoint(
    shared_checkpoint: Path,
    datasets_dir: Path,
    warm_cache_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A copy of `shared_checkpoint`, which the settings name and tests may change."""
    folder = shutil.copytree(shared_checkpoint, tmp_path / "checkpoints" / "tiny")
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(datasets_dir))
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(warm_cache_dir))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(folder.parent))
    return folder


@pytest.fixture
def recipe() -> Recipe:
    return TINY


@pytest.fixture
def cache_dir(warm_cache_dir: Path, tmp_path: Path) -> Path:
    """A cache folder for one test, with the parsed data set of `warm_cache_dir`."""
    for name in ("datasets", "tokens"):
        (tmp_path / name).symlink_to(warm_cache_dir / name)
    tokenizer = tmp_path / "runs" / "tiny" / "tokenizer.json"
    tokenizer.parent.mkdir(parents=True)
    tokenizer.write_bytes((warm_cache_dir / "runs" / "tiny" / "tokenizer.json").read_bytes())
    return tmp_path


@pytest.fixture
def training_data(cache_dir: Path, datasets_dir: Path) -> TrainingData:
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    return prepare_training_data(TINY, sources, cache_dir, cache_dir / "runs" / "tiny")
