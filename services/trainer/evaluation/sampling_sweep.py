"""Which sampling parameters of a version give music closest to held-out music.

Each setting generates melodies with the same seeds. Its distance is the mean, over the musical
features, of their distances to held-out excerpts of the same length. The cost of a setting is its
distance, plus the share of stuck melodies above that of the excerpts: the features differ little
between music that moves and music that stays on one pitch class. All settings are compared with few
melodies, and the best ones again with four times as many.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import torch

from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.notes import Metre
from ostinato.schemas.schema import Schema
from services.trainer.data.piece import Notes
from services.trainer.evaluation.musical_features import compare
from services.trainer.evaluation.sample_quality import HeldOutSet, held_out_excerpts
from shared.models.backends import build_inference_model
from shared.models.batch_generate import generate_batch
from shared.models.checkpoints import load_weights
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.quantization import PITCH, as_array
from shared.tokenizers.tokenizer import Tokenizer, load_tokenizer

TEMPERATURES = (0.6, 0.8, 0.9, 1.0)
MIN_PS = (0.0, 0.01, 0.05, 0.1, 0.2)
GRID = tuple(
    ResolvedSampling(temperature=temperature, min_p=min_p)
    for temperature, min_p in product(TEMPERATURES, MIN_PS)
)
FORMER_DEFAULT = ResolvedSampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.01)
"""The default of all versions before they had defaults of their own; always compared again."""
NUM_FINALISTS, FINALIST_FACTOR = 4, 4
"""How many settings are compared again, and how many times as many melodies they generate."""
BARS, BATCH_SIZE = 8, 32
STUCK_SHARE = 0.45
"""A piece is stuck if one pitch class has at least this share of its notes."""


class SettingRecord(Schema):
    """What one setting generates, in comparison with held-out music."""

    sampling: ResolvedSampling
    num_melodies: int
    num_silent: int
    """Melodies without notes, which all other measurements exclude."""
    distance: float
    """Mean of the features' distances, in standard deviations of the held-out side."""
    features: dict[str, float]
    """The distances by name of the musical feature."""
    stuck_share: float
    """Share of the melodies that are stuck on one pitch class."""

    def cost(self, held_out_stuck_share: float) -> float:
        """The distance, plus the share of stuck melodies above that of held-out music."""
        return self.distance + max(0.0, self.stuck_share - held_out_stuck_share)


class SweepRecord(Schema):
    """The sweep of one version."""

    version: str
    model_sha256: str
    bars: int
    num_excerpts: int
    held_out_stuck_share: float
    """Share of the held-out excerpts in which one pitch class is as frequent."""
    settings: tuple[SettingRecord, ...]
    """The settings with few melodies."""
    finalists: tuple[SettingRecord, ...]
    """The best of them, and what was the default of all versions, with more melodies."""

    @property
    def chosen(self) -> SettingRecord:
        """The finalist with the lowest cost."""
        return min(self.finalists, key=lambda record: record.cost(self.held_out_stuck_share))


class MelodyGenerator:
    """Generates melodies with the weights of a checkpoint folder, as a worker does."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Tokenizer = load_tokenizer(folder)
        self._grammar = self._tokenizer.grammar()
        self._model = build_inference_model(load_weights(folder), torch.device("cpu"))
        fits = self._tokenizer.fits_metre(Metre.FOUR_FOUR)
        bias = torch.from_numpy(np.where(fits, 0, -np.inf).astype(np.float32))
        self._biases = () if fits.all() else (bias,) * BARS

    def generate(self, sampling: ResolvedSampling, num_melodies: int) -> list[Notes]:
        """The notes of `num_melodies` melodies of `BARS` bars, with the seeds from 0."""
        specs = [
            GenerationSpec(
                pinned_prefix=(self._tokenizer.bos,),
                bars=BARS,
                seed=seed,
                logit_biases=self._biases,
                **dict(sampling),
            )
            for seed in range(num_melodies)
        ]
        batches = [specs[start : start + BATCH_SIZE] for start in range(0, len(specs), BATCH_SIZE)]
        return [
            as_array(self._tokenizer.incremental_decoder(BARS).feed(tokens))
            for batch in batches
            for tokens in generate_batch(self._model, self._grammar, batch)
        ]


def sweep(
    generator: MelodyGenerator,
    held_out: Sequence[HeldOutSet],
    *,
    version: str,
    model_sha256: str,
    num_melodies: int,
    grid: Sequence[ResolvedSampling] = GRID,
) -> SweepRecord:
    """Compare the settings of a grid; `num_melodies` of each, and more of the best ones.

    Raises:
        NothingToEvaluate: no held-out excerpt has enough notes.
    """
    excerpts = held_out_excerpts(held_out, BARS)
    usual_share = stuck_share(excerpts)

    def measured(sampling: ResolvedSampling, count: int) -> SettingRecord:
        return measure(sampling, generator.generate(sampling, count), excerpts)

    settings = [measured(sampling, num_melodies) for sampling in grid]
    ranked = sorted(settings, key=lambda record: record.cost(usual_share))
    finalists = [record.sampling for record in ranked[:NUM_FINALISTS]]
    if FORMER_DEFAULT not in finalists:
        finalists.append(FORMER_DEFAULT)
    return SweepRecord(
        version=version,
        model_sha256=model_sha256,
        bars=BARS,
        num_excerpts=len(excerpts),
        held_out_stuck_share=usual_share,
        settings=tuple(settings),
        finalists=tuple(
            measured(sampling, FINALIST_FACTOR * num_melodies) for sampling in finalists
        ),
    )


def measure(
    sampling: ResolvedSampling, melodies: Sequence[Notes], excerpts: Sequence[Notes]
) -> SettingRecord:
    """Compare melodies with held-out excerpts; without any note they are infinitely far away."""
    sounding = [notes for notes in melodies if len(notes)]
    features = {}
    if sounding:
        compared = compare(sounding, excerpts)
        features = {name: record.distance or 0.0 for name, record in compared.items()}
    return SettingRecord(
        sampling=sampling,
        num_melodies=len(melodies),
        num_silent=len(melodies) - len(sounding),
        distance=round(float(np.mean(list(features.values()))), 4) if features else np.inf,
        features=features,
        stuck_share=stuck_share(sounding),
    )


def stuck_share(pieces: Sequence[Notes]) -> float:
    """The share of pieces in which one pitch class has at least `STUCK_SHARE` of the notes."""
    stuck = [
        np.bincount(notes[:, PITCH] % 12).max() / len(notes) >= STUCK_SHARE for notes in pieces
    ]
    return round(float(np.mean(stuck)), 4) if stuck else 0.0
