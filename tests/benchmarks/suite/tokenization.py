"""Tokenization rate from MIDI files to token ids, compared with MidiTok; nothing is cached.

Both must produce the same ids. If MAESTRO is available, its preparation is timed with and without
a cache.
"""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import DatasetSource, load_dataset
from services.trainer.data.midi_files import find_midi_files
from services.trainer.data.piece import Notes
from services.trainer.data.process_pool import PROCESSES
from services.trainer.data.tokenized import load_tokenized
from services.trainer.recipes.recipe import WeightedDataset
from services.trainer.recipes.recipes import v7, v8
from services.trainer.settings import TrainingSettings
from services.trainer.training.training_data import prepare_training_data
from shared.midi.writer import write_midi
from shared.tokenizers.remi import FILE, RemiTokenizer
from tests.benchmarks.baselines import miditok
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.result import Row

FILES, NOTES = 400, 5000
"""Number of files and of notes in each: the length and density of a piano performance."""
TRAINING_FILES = 20
"""Number of files that the vocabulary is trained on."""
LIMITS = {
    "all of MAESTRO read, cleaned and tokenized, seconds": 90.0,
    "all of MAESTRO again, from the cache, seconds": 1.0,
}
"""Longest intended times in seconds, without and with a cache."""
OSTINATO, BASELINE = f"Ostinato, {PROCESSES} processes", "MidiTok, one process"


def rows() -> Iterator[Row]:
    """Measure all rows; without MAESTRO only the first."""
    with tempfile.TemporaryDirectory() as folder:
        yield _compare_with_miditok(Path(folder))
    try:
        yield from _maestro()
    except DatasetNotFound as error:
        Console(stderr=True).print(f"MAESTRO is skipped: {error.detail}")


def _compare_with_miditok(folder: Path) -> Row:
    files, tokenizer_dir = folder / "files", folder / "tokenizer"
    pieces = [random_piece(seed) for seed in range(FILES)]
    write_files(pieces, files)
    tokenizer_dir.mkdir()
    tokenizer = RemiTokenizer.train(pieces[:TRAINING_FILES], v7().vocab_size or 0)
    tokenizer.save(tokenizer_dir)
    assert read_and_tokenize(files, tokenizer_dir) == miditok.tokenize(
        tokenizer_dir / FILE, find_midi_files(files)
    )
    rates = interleave(
        {
            OSTINATO: rate(FILES, lambda: read_and_tokenize(files, tokenizer_dir)),
            BASELINE: rate(
                FILES, lambda: miditok.tokenize(tokenizer_dir / FILE, find_midi_files(files))
            ),
        }
    )
    name = f"tokenizing with {PROCESSES} processes, files/s"
    return Row.of_rates(name, rates[OSTINATO], BASELINE, rates[BASELINE], 3.0)


def _maestro() -> Iterator[Row]:
    """Time the preparation of a training on MAESTRO, and of a second one with the cache."""
    recipe = replace(v8(), datasets=(WeightedDataset(name="maestro"),))
    source = DatasetSource.from_name("maestro", TrainingSettings().datasets_dir)
    with tempfile.TemporaryDirectory() as folder:
        cache_dir = Path(folder)

        def preparation_seconds() -> float:
            return prepare_training_data(
                recipe, [source], cache_dir, cache_dir / "run"
            ).preparation_seconds

        seconds_by_name = interleave(dict.fromkeys(LIMITS, preparation_seconds), rounds=1)
    for name, limit in LIMITS.items():
        yield Row.of_times(name, seconds_by_name[name], "the limit", limit, 1.0)


def random_piece(seed: int) -> Notes:
    """Chords and runs of random pitches, [NOTES, 4], on the quantization grid.

    A pitch repeats only after all others, so no note starts while its pitch sounds. No note extends
    beyond the last bar in which one starts, because MidiTok writes no bar token there.
    """
    random = np.random.default_rng(seed)
    starts = random.choice([0, 0, 60, 60, 120, 120, 240], NOTES).cumsum()
    end = (starts[-1] // TICKS_PER_BAR + 1) * TICKS_PER_BAR
    durations = np.minimum(random.choice([60, 120, 240, 480], NOTES), end - starts)
    pitches = np.resize(random.permutation(np.arange(30, 96)), NOTES)
    velocities = random.integers(30, 111, NOTES)
    return np.stack([starts, durations, pitches, velocities], axis=1)


def write_files(pieces: list[Notes], folder: Path) -> None:
    """Write each piece to a file named by its number."""
    folder.mkdir()
    for number, notes in enumerate(pieces):
        bars = math.ceil((notes[:, 0] + notes[:, 1]).max() / TICKS_PER_BAR)
        midi = write_midi(
            [Note(*row) for row in notes.tolist()], tempo=120, instrument=0, bars=bars
        )
        (folder / f"{number}.mid").write_bytes(midi)


def read_and_tokenize(files: Path, tokenizer_dir: Path) -> dict[str, list[int]]:
    """The token ids of each file by name, as a training computes them with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        cache_dir = Path(folder)
        source = DatasetSource.from_folder(
            files, name="music", description="random notes", license=""
        )
        dataset = load_dataset(source, cache_dir)
        tokenized = load_tokenized(dataset, tokenizer_dir, cache_dir)
        names = [piece.name for piece in dataset.split.used]
        return {name: tokenized.piece(index).tolist() for index, name in enumerate(names)}
