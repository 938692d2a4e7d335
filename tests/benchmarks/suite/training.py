"""Training rate at v7's shape, 8 rows of 512 tokens, compared with Hugging Face's Trainer.

Both train a network of the same shape on the same rows without padding, with the same optimizer
(AdamW), in the same process. The script `optimizers` measures Muon, the optimizer of v7.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from services.trainer.data.dataset import DatasetSource
from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipes import v7
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData, prepare_training_data
from shared.models.numerics import compute_dtype
from tests.benchmarks import engine
from tests.benchmarks.baselines import huggingface
from tests.benchmarks.measure import Contender, interleave
from tests.benchmarks.result import Row
from tests.benchmarks.suite.overheads import MUSIC

BATCH, CONTEXT = 8, 512
STEPS = 2
"""Number of timed steps in each turn."""
OSTINATO, BASELINE = "Ostinato", "Hugging Face Trainer"


def rows() -> Iterator[Row]:
    """Measure the one row."""
    with tempfile.TemporaryDirectory() as folder:
        cache_dir = Path(folder)
        source = DatasetSource.from_folder(
            MUSIC, name="music", description="music of the tests", license=""
        )
        data = prepare_training_data(recipe(), [source], cache_dir, cache_dir / "run")
        rates = interleave({OSTINATO: _ostinato(data), BASELINE: _hugging_face(data)})
    yield Row.of_rates("training, tokens/s", rates[OSTINATO], BASELINE, rates[BASELINE], 1.2)


def recipe() -> Recipe:
    """v7's recipe, for the music of the tests and without a step limit."""
    base = v7()
    return replace(
        base,
        datasets=base.datasets[:1],
        examples=replace(base.examples, context=CONTEXT),
        optimization=replace(base.optimization, batch_size=BATCH, matrix_optimizer="adamw"),
        steps=10**6,
    )


def _ostinato(data: TrainingData) -> Contender:
    trainer = Trainer(
        recipe=recipe(),
        data=data,
        folder=Path(),  # nothing is saved
        state=TrainerState(commit="benchmark"),
    )
    trainer._step()  # the first step allocates

    def run() -> float:
        before = trainer.state.seconds
        for _ in range(STEPS):
            trainer._step()
        return STEPS * BATCH * CONTEXT / (trainer.state.seconds - before)

    return run


def _hugging_face(data: TrainingData) -> Contender:
    model = huggingface.llama(engine.decoder(), torch.float32)
    batches = [data.batches.batch(step).ids for step in range(1 + STEPS)]
    bf16 = compute_dtype(torch.device("cpu")) is torch.bfloat16
    trainer = huggingface.TrainerBenchmark(model, list(torch.cat(batches)), BATCH, bf16=bf16)
    return lambda: trainer.tokens_per_second(STEPS)
