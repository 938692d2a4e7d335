"""Small music, and a recipe that is trained in a second."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from services.trainer.data.dataset import write_readings
from services.trainer.data.music21_corpus import Reading, cache_key
from services.trainer.data.piece import Piece
from services.trainer.pipeline import Material, prepare
from services.trainer.recipes import Network, Optimization, Recipe

TINY = Recipe(
    version="tiny",
    description="A recipe for tests.",
    dataset="music21",
    vocabulary=256,
    transpositions=(-2, 0, 3),
    network=Network(layers=1, heads=2, d_model=64, d_ff=64, context=32),
    optimization=Optimization(
        batch=2, learning_rate=0.01, weight_decay=0.1, clip=1.0, warmup=0.1, floor=0.1
    ),
    steps=8,
    evaluate_every=3,
    patience=5,
    seed=1,
)


def random_piece(seed: int, length: int = 40) -> Piece:
    """Random pitches in eighths and quarters."""
    rng = np.random.default_rng(seed)
    durations = rng.choice([240, 480], length)
    starts = np.cumsum(durations) - durations
    pitches = rng.integers(50, 80, length)
    notes = np.stack([starts, durations, pitches, np.full(length, 80)], axis=1)
    return Piece(name=f"random/{seed}", notes=notes.astype(np.int64))


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """For tensors this small, a second thread is one to wait for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def recipe() -> Recipe:
    return TINY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder where the data set has been read already: forty random pieces."""
    readings = [
        Reading(name=piece.name, notes=piece.notes) for piece in map(random_piece, range(40))
    ]
    write_readings(tmp_path / "datasets" / f"music21-{cache_key()}.npz", readings)
    return tmp_path


@pytest.fixture
def material(home: Path) -> Material:
    (home / "runs" / "tiny").mkdir(parents=True)
    return prepare(TINY, home, home / "runs" / "tiny")
