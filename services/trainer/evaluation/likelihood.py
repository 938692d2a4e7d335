"""How well a model foretells music that it has never seen, in units that outlive a vocabulary.

A piece's negative log-likelihood counts every token that encodes it, EOS too, each seen with at
least half a context before it (or all there is). Divided by notes, or by seconds of music, it can
be compared between tokenizers. Refuses to know how the model came about.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from services.trainer.evaluation.precision import autocast
from services.trainer.training.batches import UNSCORED
from shared.tokenizers.vocabulary import Vocabulary

ROWS = 16

Window: TypeAlias = NDArray[np.int64]
"""[2, T]: ids and targets."""
Windows: TypeAlias = Sequence[Window]
Watch: TypeAlias = Callable[[Sequence[Windows]], Iterable[Windows]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelt:
    """A piece in tokens."""

    notes: int
    seconds: float
    tokens: NDArray[np.uint16]
    """Without BOS and EOS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A model's surprise at a set of pieces."""

    nats: float
    pieces: int
    notes: int
    tokens: int
    seconds: float

    @classmethod
    def sum(cls, scores: Sequence[Self]) -> Self:
        """The surprise at all of it."""
        return cls(
            nats=sum(score.nats for score in scores),
            pieces=sum(score.pieces for score in scores),
            notes=sum(score.notes for score in scores),
            tokens=sum(score.tokens for score in scores),
            seconds=sum(score.seconds for score in scores),
        )

    @property
    def nats_per_note(self) -> float:
        """Independent of the vocabulary; less is better."""
        return self.nats / self.notes

    @property
    def bits_per_second(self) -> float:
        """Bits a second of music, at each piece's own tempo."""
        return self.nats / math.log(2) / self.seconds


class Examination:
    """A fixed set of pieces, cut into windows once, for any number of models."""

    def __init__(self, pieces: Sequence[Spelt], vocabulary: Vocabulary, context: int) -> None:
        spelt = [_with_ends(piece, vocabulary) for piece in pieces]
        windows = sorted(
            (window for tokens in spelt for window in _windows(tokens, context)),
            key=lambda window: window.shape[1],
        )
        self._batches = [windows[at : at + ROWS] for at in range(0, len(windows), ROWS)]
        self._pieces = len(pieces)
        self._notes = sum(piece.notes for piece in pieces)
        self._seconds = sum(piece.seconds for piece in pieces)
        self.tokens = sum(len(tokens) - 1 for tokens in spelt)
        """To be foretold: every token but BOS."""

    @torch.inference_mode()
    def score(self, model: nn.Module, watch: Watch = iter) -> Score:
        """The model's total surprise, in the number format that it is trained in.

        `watch` goes through the batches and may tell how far it is.
        """
        was_training = model.training
        model.eval()
        with autocast():
            nats = sum(_nats(model, _padded(windows)) for windows in watch(self._batches))
        model.train(was_training)
        return Score(
            nats=nats,
            pieces=self._pieces,
            notes=self._notes,
            tokens=self.tokens,
            seconds=self._seconds,
        )


def _with_ends(piece: Spelt, vocabulary: Vocabulary) -> NDArray[np.int64]:
    return np.concatenate(([vocabulary.bos], piece.tokens.astype(np.int64), [vocabulary.eos]))


def _windows(tokens: NDArray[np.int64], context: int) -> Iterator[Window]:
    """[2, up to context]: ids and targets, half a context apart; each target is scored once."""
    ids, targets = tokens[:-1], tokens[1:]
    half = context // 2
    for start in range(0, max(1, len(ids) - half), half):
        seen = slice(start, start + context)
        window = np.stack((ids[seen], targets[seen]))
        if start:
            window[1, : context - half] = UNSCORED
        yield window


def _padded(windows: Windows) -> Tensor:
    """[2, B, T]: ids and targets of windows of like length, the longest last."""
    batch = np.full((2, len(windows), windows[-1].shape[1]), UNSCORED, dtype=np.int64)
    batch[0] = 0
    for row, window in enumerate(windows):
        batch[:, row, : window.shape[1]] = window
    return torch.from_numpy(batch)


def _nats(model: nn.Module, batch: Tensor) -> float:
    ids, targets = batch
    logits = model(ids).float().flatten(0, 1)
    return float(
        functional.cross_entropy(logits, targets.flatten(), ignore_index=UNSCORED, reduction="sum")
    )
