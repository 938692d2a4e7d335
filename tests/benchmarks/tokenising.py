"""Files a second from MIDI to ids, with nothing cached, beside MidiTok, which must find the same.

And how long all of MAESTRO takes, the first time and the second, where it is there.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import Source, load_dataset
from services.trainer.data.midi_files import midi_files
from services.trainer.data.piece import Notes
from services.trainer.data.process_pool import PROCESSES
from services.trainer.data.tokenized import load_shards
from services.trainer.recipes.recipes import Ingredient, v7, v8
from services.trainer.settings import TrainingSettings
from services.trainer.training.training_data import prepare
from shared.tokenizers.midi_file import write_midi
from shared.tokenizers.remi import FILE, Remi
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.peers import miditok
from tests.benchmarks.row import Row

FILES, NOTES = 400, 5000
"""Each about as long and as dense as a piano performance."""
LEARNT_FROM = 20
"""Of the files."""
LIMITS = {
    "all of MAESTRO read, cleaned and tokenised, seconds": 90.0,
    "all of MAESTRO again, from the cache, seconds": 1.0,
}
"""What may be taken the first time, and the second."""
OURS, PEER = f"ours, {PROCESSES} processes", "MidiTok, one process"


def rows() -> Iterator[Row]:
    """Both, or without OSTINATO_DATA the first."""
    with tempfile.TemporaryDirectory() as folder:
        yield _beside_miditok(Path(folder))
    try:
        yield from _maestro()
    except DatasetNotFound as missing:
        Console(stderr=True).print(f"MAESTRO is left out. {missing.detail}")


def _beside_miditok(folder: Path) -> Row:
    files, vocabulary = folder / "files", folder / "vocabulary"
    pieces = [music(seed) for seed in range(FILES)]
    write_files(pieces, files)
    vocabulary.mkdir()
    learnt = Remi.train(pieces[:LEARNT_FROM], v7().vocabulary or 0)
    learnt.save(vocabulary)
    assert read_and_spell(files, vocabulary) == miditok.spell(vocabulary / FILE, midi_files(files))
    figures = interleave(
        {
            OURS: rate(FILES, lambda: read_and_spell(files, vocabulary)),
            PEER: rate(FILES, lambda: miditok.spell(vocabulary / FILE, midi_files(files))),
        }
    )
    name = f"tokenising with {PROCESSES} processes, files/s"
    return Row.of_rates(name, figures[OURS], PEER, figures[PEER], 3.0)


def _maestro() -> Iterator[Row]:
    """All that comes before the first step of a training on it, and of the next training."""
    recipe = replace(v8(), ingredients=(Ingredient(name="maestro"),))
    source = Source.of_name("maestro", TrainingSettings().data)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)

        def seconds() -> float:
            return prepare(recipe, [source], home, home / "run").seconds

        figures = interleave(dict.fromkeys(LIMITS, seconds), rounds=1)
    for name, limit in LIMITS.items():
        yield Row.of_times(name, figures[name], "the limit", limit, 1.0)


def music(seed: int) -> Notes:
    """Chords and runs of random keys, [NOTES, 4], on the grid.

    A key comes again when all others have been, so that none is struck while it sounds; and nothing
    sounds beyond the last bar that a note begins in, for MidiTok writes no bar line there.
    """
    random = np.random.default_rng(seed)
    starts = random.choice([0, 0, 60, 60, 120, 120, 240], NOTES).cumsum()
    end = (starts[-1] // TICKS_PER_BAR + 1) * TICKS_PER_BAR
    durations = np.minimum(random.choice([60, 120, 240, 480], NOTES), end - starts)
    pitches = np.resize(random.permutation(np.arange(30, 96)), NOTES)
    velocities = random.integers(30, 111, NOTES)
    return np.stack([starts, durations, pitches, velocities], axis=1)


def write_files(pieces: list[Notes], folder: Path) -> None:
    """A file for each, named by its number."""
    folder.mkdir()
    for number, notes in enumerate(pieces):
        bars = -(-int((notes[:, 0] + notes[:, 1]).max()) // TICKS_PER_BAR)
        midi = write_midi(
            [Note(*row) for row in notes.tolist()], tempo=120, instrument=0, bars=bars
        )
        (folder / f"{number}.mid").write_bytes(midi)


def read_and_spell(files: Path, vocabulary: Path) -> dict[str, list[int]]:
    """The ids of each file, by its name, as a training comes to them the first time."""
    with tempfile.TemporaryDirectory() as home:
        source = Source.of_folder(files, name="music", about="random notes", licence="")
        dataset = load_dataset(source, Path(home))
        shards = load_shards(dataset, vocabulary, Path(home))
        names = [piece.name for piece in dataset.split.kept]
        return {name: shards.piece(at).tolist() for at, name in enumerate(names)}
