"""Training on music in several metres: a small model learns the rhythm of each of them."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import Metre, Note
from services.trainer.data.dataset import DatasetSource, load_dataset
from services.trainer.publishing.checkpoint_export import capabilities
from services.trainer.training.batches import Batch
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import (
    TrainingData,
    prepare_training_data,
)
from services.worker.logit_bias import logit_biases
from shared.midi.writer import write_midi
from shared.models.backends import build_inference_model
from shared.models.generate import generate
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.remi import RemiTokenizer
from tests.unit.services.trainer.conftest import TINY

METRES = (Metre.FOUR_FOUR, Metre.THREE_FOUR, Metre.SIX_EIGHT)
ONSETS = {
    Metre.FOUR_FOUR: (0, 480, 960, 1440),
    Metre.THREE_FOUR: (0, 480, 960),
    Metre.SIX_EIGHT: (0, 240, 480, 720, 960, 1200),
}
"""Ticks after the bar line at which the notes of the training music begin."""
RECIPE = replace(
    TINY,
    metres=METRES,
    vocab_size=400,
    examples=replace(TINY.examples, context=64, infill_rate=0.3),
    optimization=replace(TINY.optimization, batch_size=4, learning_rate=0.005),
    steps=200,
    validate_every=50,
)
NUM_BARS = 12


def write_music(folder: Path) -> None:
    """Twelve pieces in each metre."""
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True)
    for metre in METRES:
        for number in range(12):
            starts = [
                bar * metre.bar_length + it for bar in range(NUM_BARS) for it in ONSETS[metre]
            ]
            notes = [Note(start, 240, int(rng.integers(60, 72)), 80) for start in starts]
            midi = write_midi(notes, tempo=120, instrument=0, bars=NUM_BARS, metre=metre)
            (folder / f"{metre.replace('/', '-')} {number}.mid").write_bytes(midi)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    folder = tmp_path_factory.mktemp("metres")
    write_music(folder / "music")
    source = DatasetSource.from_folder(
        folder / "music", name="mine", description="for a test", license="none"
    )
    return prepare_training_data(RECIPE, [source], folder / "cache", folder / "run")


def test_the_pieces_keep_their_metres_in_the_cache(data: TrainingData, tmp_path: Path) -> None:
    pieces = data.datasets[0].split.used
    assert len(pieces) == 36
    for piece in pieces:
        metre = Metre(piece.name.partition(" ")[0].replace("-", "/"))
        assert piece.metres == (metre,) * NUM_BARS
        assert piece.bar_lines.tolist() == [metre.bar_length * bar for bar in range(NUM_BARS + 1)]
    tokens = data.tokenized[0].piece(0)
    assert data.tokenizer.metres == METRES
    assert isinstance(data.tokenizer, RemiTokenizer)
    assert tuple(data.tokenizer.bar_metres(tokens.tolist())) == pieces[0].metres


def test_without_metres_only_pieces_in_common_time_are_used(tmp_path: Path) -> None:
    write_music(tmp_path / "music")
    source = DatasetSource.from_folder(
        tmp_path / "music", name="mine", description="for a test", license="none"
    )
    plain = load_dataset(source, tmp_path)
    assert (len(plain.split.used), len(plain.skipped)) == (12, 24)
    assert {piece.metres for piece in plain.split.used} == {()}
    assert plain.cache_key != load_dataset(source, tmp_path, metres=METRES).cache_key


def bars_of(tokenizer: RemiTokenizer, batch: Batch) -> list[tuple[Metre, list[int]]]:
    """The metre and the onsets of each complete bar in a batch."""
    bars = []
    for ids in batch.ids.numpy():
        starts = np.flatnonzero(tokenizer.opens_bar[ids])
        for start, end in pairwise(starts.tolist()):
            bar = ids[start:end].tolist()
            if any(not tokenizer.token_symbols[token] or token == tokenizer.eos for token in bar):
                continue
            [metre] = tokenizer.bar_metres(bar)
            try:
                notes = tokenizer.decode(bar)
            except ValueError:
                continue
            bars.append((metre, [note.start for note in notes]))
    return bars


def test_batches_have_the_bars_of_each_metre(data: TrainingData) -> None:
    assert isinstance(data.tokenizer, RemiTokenizer)
    bars = [bar for step in range(40) for bar in bars_of(data.tokenizer, data.batches.batch(step))]
    assert Counter(metre for metre, _ in bars).keys() == set(METRES)
    wrong = [(metre, onsets) for metre, onsets in bars if not set(onsets) <= set(ONSETS[metre])]
    assert wrong == []


def test_a_trained_model_has_the_rhythm_of_the_metre_that_is_asked_for(
    data: TrainingData, tmp_path: Path
) -> None:
    trainer = Trainer(recipe=RECIPE, data=data, folder=tmp_path, state=TrainerState(commit="none"))
    assert trainer.run(lambda: False, lambda: None)
    tokenizer, grammar = data.tokenizer, data.tokenizer.grammar()
    model = build_inference_model(trainer.model, torch.device("cpu"))
    for metre in METRES:
        onsets = Counter[int]()
        for seed in range(4):
            bars = dict.fromkeys(range(8), metre)
            spec = GenerationSpec(
                pinned_prefix=(tokenizer.bos,),
                bars=8,
                seed=seed,
                temperature=0.7,
                min_p=0.05,
                logit_biases=logit_biases(GenerationRequest(), tokenizer, bars),
            )
            decoder = tokenizer.incremental_decoder(8, metres=[metre] * 8)
            notes = decoder.feed(generate(model, grammar, spec))
            onsets.update(note.start % metre.bar_length for note in notes)
        expected = sum(onsets[tick] for tick in ONSETS[metre])
        assert expected > 0.8 * onsets.total() > 0, (metre, onsets)


def test_the_capabilities_of_a_recipe_name_its_metres() -> None:
    assert capabilities(RECIPE).time_signatures == METRES
    assert capabilities(TINY).time_signatures == (Metre.FOUR_FOUR,)
    assert "metres" not in TINY.to_json()
    assert RECIPE.to_json()["metres"] == ["4/4", "3/4", "6/8"]
