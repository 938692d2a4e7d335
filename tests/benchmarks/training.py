"""Tokens a second of a training at v7's shape, 8 rows of 512, beside Hugging Face's Trainer.

Same shape, same music in rows without padding, same optimizer (theirs, AdamW), same process. What
Muon, which v7 is really trained with, costs and gives is for `optimizers` to say.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from services.trainer.data.dataset import Source
from services.trainer.recipes.recipes import Recipe, v7
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared, prepare
from shared.models.numerics import number_format
from tests.benchmarks import ours
from tests.benchmarks.extras import MUSIC
from tests.benchmarks.measure import Contender, interleave
from tests.benchmarks.peers import huggingface
from tests.benchmarks.row import Row

BATCH, CONTEXT = 8, 512
STEPS = 2
"""Timed in each turn."""
OURS, PEER = "ours", "Hugging Face Trainer"


def rows() -> Iterator[Row]:
    """The one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        source = Source.of_folder(MUSIC, name="music", about="songs of the tests", licence="")
        material = prepare(recipe(), [source], home, home / "run")
        figures = interleave({OURS: _ours(material), PEER: _peer(material)})
    yield Row.of_rates("training, tokens/s", figures[OURS], PEER, figures[PEER], 1.2)


def recipe() -> Recipe:
    """v7's, on whatever music there is, without end."""
    base = v7()
    return replace(
        base,
        ingredients=base.ingredients[:1],
        examples=replace(base.examples, context=CONTEXT),
        optimization=replace(base.optimization, batch=BATCH, matrices="adamw"),
        steps=10**6,
    )


def _ours(material: Prepared) -> Contender:
    training = Training(
        recipe=recipe(),
        material=material,
        folder=Path(),  # nothing is saved
        progress=Progress(commit="benchmark"),
    )
    training._step()  # the first one allocates

    def run() -> float:
        before = training.progress.seconds
        for _ in range(STEPS):
            training._step()
        return STEPS * BATCH * CONTEXT / (training.progress.seconds - before)

    return run


def _peer(material: Prepared) -> Contender:
    model = huggingface.llama(ours.decoder(), torch.float32)
    batches = [material.crops.batch(step).ids for step in range(1 + STEPS)]
    bf16 = number_format(torch.device("cpu")) is torch.bfloat16
    school = huggingface.School(model, list(torch.cat(batches)), BATCH, bf16=bf16)
    return lambda: school.tokens_per_second(STEPS)
