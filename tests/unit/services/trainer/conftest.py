"""Small music in files, and a recipe that is trained on it in a second."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.catalog import CATALOGUE
from services.trainer.data.dataset import Source
from services.trainer.data.piece import Notes, Piece
from services.trainer.recipes.recipes import (
    DecoderShape,
    Examples,
    Ingredient,
    Optimization,
    Recipe,
    Tokens,
)
from services.trainer.training.training_data import Prepared, prepare
from shared.tokenizers.midi_file import write_midi

SET = "folk"
TINY = Recipe(
    version="tiny",
    description="A recipe for tests.",
    ingredients=(Ingredient(name=SET),),
    tokens=Tokens.REMI_BPE,
    vocabulary=300,
    examples=Examples(context=32, transpositions=(-2, 0, 3)),
    network=DecoderShape(layers=1, heads=2, d_model=64, d_ff=64),
    optimization=Optimization(
        batch=2, learning_rate=0.01, weight_decay=0.1, clip=1.0, warmup=0.1, decay=0.5
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
    return Piece(name=f"random/{seed}", notes=notes.astype(np.int64), seconds=length / 2)


def write_piece(path: Path, notes: Notes) -> None:
    """The notes as a MIDI file."""
    bars = -(-int((notes[:, 0] + notes[:, 1]).max()) // TICKS_PER_BAR)
    rows = [Note(*row) for row in notes.tolist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_midi(rows, tempo=120, instrument=0, bars=bars))


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """For tensors this small, a second thread is one to wait for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of data sets, with one in it: forty random pieces."""
    folder = tmp_path_factory.mktemp("data")
    for seed in range(40):
        write_piece(folder / CATALOGUE[SET].path / f"{seed}.mid", random_piece(seed).notes)
    return folder


@pytest.fixture(scope="package")
def warm_home(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder where that data set was read and spelt before."""
    home = tmp_path_factory.mktemp("home")
    prepare(TINY, [Source.of_name(SET, data)], home, home / "runs" / "tiny")
    return home


@pytest.fixture
def recipe() -> Recipe:
    return TINY


@pytest.fixture
def home(warm_home: Path, tmp_path: Path) -> Path:
    """A home folder of the test's own, with what was read before."""
    for name in ("datasets", "tokens"):
        (tmp_path / name).symlink_to(warm_home / name)
    tokenizer = tmp_path / "runs" / "tiny" / "tokenizer.json"
    tokenizer.parent.mkdir(parents=True)
    tokenizer.write_bytes((warm_home / "runs" / "tiny" / "tokenizer.json").read_bytes())
    return tmp_path


@pytest.fixture
def material(home: Path, data: Path) -> Prepared:
    return prepare(TINY, [Source.of_name(SET, data)], home, home / "runs" / "tiny")
