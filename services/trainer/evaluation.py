"""How well a model foretells music that it has never seen, in units that outlive a vocabulary.

A piece's negative log-likelihood counts every token that encodes it, EOS too, each seen with at
least half a context before it (or all there is). Divided by notes, or by seconds of music, it can
be compared between tokenizers. Refuses to know how the model came about.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from services.trainer.crops import spell
from services.trainer.data.piece import Piece
from shared.models.decoder import Decoder
from shared.schemas.notes import TICKS_PER_QUARTER
from shared.tokenizers.remi import Remi

TEMPO = 120
"""Quarter notes a minute: scores tell no seconds, so they are taken at this tempo."""
ROWS = 16
UNSCORED = -100
"""Marks a token that another window scores; what torch's cross entropy leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A model's surprise at a set of pieces."""

    nats: float
    pieces: int
    notes: int
    tokens: int
    seconds: float

    @property
    def nats_per_note(self) -> float:
        """Independent of the vocabulary; less is better."""
        return self.nats / self.notes

    @property
    def bits_per_second(self) -> float:
        """Bits a second of music at `TEMPO`."""
        return self.nats / math.log(2) / self.seconds


class Examination:
    """A fixed set of pieces, cut into windows once, for any number of models."""

    def __init__(self, pieces: Sequence[Piece], tokenizer: Remi, context: int) -> None:
        spelt = [spell(piece, tokenizer) for piece in pieces]
        self._windows = sorted(
            (window for tokens in spelt for window in _windows(tokens, context)),
            key=lambda window: window.shape[1],
        )
        self._pieces = len(pieces)
        self._notes = sum(len(piece.notes) for piece in pieces)
        self.tokens = sum(len(tokens) - 1 for tokens in spelt)
        """To be foretold: every token but BOS."""
        quarters = sum(int(piece.notes[:, :2].sum(axis=1).max()) for piece in pieces)
        self._seconds = quarters / TICKS_PER_QUARTER * 60 / TEMPO

    @torch.inference_mode()
    def score(self, model: Decoder) -> Score:
        """The model's total surprise, in bf16 as it is trained and served."""
        with torch.autocast("cpu", torch.bfloat16):
            nats = sum(_nats(model, batch) for batch in self._batches())
        return Score(
            nats=nats,
            pieces=self._pieces,
            notes=self._notes,
            tokens=self.tokens,
            seconds=self._seconds,
        )

    def _batches(self) -> Iterator[Tensor]:
        """[2, B, T]: ids and targets of windows of like length, the short ones padded."""
        for at in range(0, len(self._windows), ROWS):
            windows = self._windows[at : at + ROWS]
            batch = np.full((2, len(windows), windows[-1].shape[1]), UNSCORED, dtype=np.int64)
            batch[0] = 0
            for row, window in enumerate(windows):
                batch[:, row, : window.shape[1]] = window
            yield torch.from_numpy(batch)


def _windows(tokens: NDArray[np.int64], context: int) -> Iterator[NDArray[np.int64]]:
    """[2, up to context]: ids and targets, half a context apart; each target is scored once."""
    ids, targets = tokens[:-1], tokens[1:].copy()
    half = context // 2
    for start in range(0, max(1, len(ids) - half), half):
        window = np.stack((ids, targets))[:, start : start + context]
        if start:
            window[1, : context - half] = UNSCORED
        yield window


def _nats(model: Decoder, batch: Tensor) -> float:
    ids, targets = batch
    logits = model(ids).float().flatten(0, 1)
    return float(
        functional.cross_entropy(logits, targets.flatten(), ignore_index=UNSCORED, reduction="sum")
    )
