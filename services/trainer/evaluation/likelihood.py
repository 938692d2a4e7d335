"""Negative log-likelihood of held-out pieces, in tokenizer-independent units.

The likelihood of a piece includes each of its tokens and EOS. Each is predicted from at least half
a context of preceding tokens, or from all preceding tokens if there are fewer. Likelihoods per note
or per second of music can be compared between tokenizers.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from services.trainer.evaluation.precision import autocast
from shared.tokenizers.tokenizer import Tokenizer

IGNORE_INDEX = -100
"""A target that is excluded from the loss; the default of torch's cross_entropy."""
BATCH_SIZE = 16

Window: TypeAlias = NDArray[np.int64]
"""[2, T]: ids and targets."""
Windows: TypeAlias = Sequence[Window]
ProgressWrapper: TypeAlias = Callable[[Sequence[Windows]], Iterable[Windows]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizedPiece:
    """The tokens of a piece, and its size in notes and seconds."""

    num_notes: int
    seconds: float
    tokens: NDArray[np.uint16]
    """Token ids without BOS and EOS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodScore:
    """The negative log-likelihood of a set of pieces, and the size of the set."""

    nats: float
    num_pieces: int
    num_notes: int
    num_tokens: int
    seconds: float

    @classmethod
    def sum(cls, scores: Sequence[Self]) -> Self:
        """The score of the union of several sets."""
        return cls(
            nats=sum(score.nats for score in scores),
            num_pieces=sum(score.num_pieces for score in scores),
            num_notes=sum(score.num_notes for score in scores),
            num_tokens=sum(score.num_tokens for score in scores),
            seconds=sum(score.seconds for score in scores),
        )

    @property
    def nats_per_note(self) -> float:
        """Nats per note, which do not depend on the tokenizer; lower is better."""
        return self.nats / self.num_notes

    @property
    def bits_per_second(self) -> float:
        """Bits per second of music, at each piece's own tempo."""
        return self.nats / math.log(2) / self.seconds


class HeldOutScorer:
    """Scores models on a fixed set of pieces, which is divided into windows once."""

    def __init__(
        self,
        pieces: Sequence[TokenizedPiece],
        tokenizer: Tokenizer,
        context: int,
        max_tokens: int | None = None,
    ) -> None:
        """Score all tokens, or windows of about `max_tokens`, spread evenly over all pieces."""
        places = [
            (index, start)
            for index, piece in enumerate(pieces)
            for start in _window_starts(len(piece.tokens) + 1, context)
        ]
        if max_tokens is not None:
            count = min(len(places), max(1, max_tokens // (context // 2)))
            chosen = np.linspace(0, len(places) - 1, count).round().astype(int)
            places = [places[index] for index in chosen.tolist()]
        pitches = tokenizer.pitch_counts.sum(axis=1)
        self._windows: list[Window] = []
        self.num_tokens = 0
        """Number of tokens that are predicted; if no sample was asked for, all except BOS."""
        num_notes = seconds = 0.0
        for index, group in groupby(places, key=itemgetter(0)):
            piece = pieces[index]
            tokens = _with_bos_and_eos(piece, tokenizer)
            windows = [_window(tokens, start, context) for _, start in group]
            scored = np.concatenate([targets[targets != IGNORE_INDEX] for _, targets in windows])
            share = float(pitches[scored].sum()) / max(1, int(pitches[tokens].sum()))
            num_notes += share * piece.num_notes
            seconds += share * piece.seconds
            self.num_tokens += len(scored)
            self._windows += windows
        self._num_notes, self._seconds = round(num_notes), seconds
        self._num_pieces = len({index for index, _ in places})
        self._windows.sort(key=lambda window: window.shape[1])

    @torch.inference_mode()
    def score(self, model: nn.Module, progress: ProgressWrapper = iter) -> LikelihoodScore:
        """Score the model on its device, in the data type of training; restores its training mode.

        `progress` iterates over the batches, and may show a progress bar.
        """
        was_training = model.training
        model.eval()
        device = next(model.parameters()).device
        with autocast(device):
            nats = sum(
                _nats(model, _padded(windows).to(device)) for windows in progress(self._batches())
            )
        model.train(was_training)
        return LikelihoodScore(
            nats=nats,
            num_pieces=self._num_pieces,
            num_notes=self._num_notes,
            num_tokens=self.num_tokens,
            seconds=self._seconds,
        )

    def _batches(self) -> list[Windows]:
        """Windows of similar length."""
        starts = range(0, len(self._windows), BATCH_SIZE)
        return [self._windows[start : start + BATCH_SIZE] for start in starts]


def _with_bos_and_eos(piece: TokenizedPiece, tokenizer: Tokenizer) -> NDArray[np.int64]:
    return np.concatenate(([tokenizer.bos], piece.tokens.astype(np.int64), [tokenizer.eos]))


def _window_starts(num_ids: int, context: int) -> range:
    """The first ids of windows that are half a context apart."""
    half = context // 2
    return range(0, max(1, num_ids - half), half)


def _window(tokens: NDArray[np.int64], start: int, context: int) -> Window:
    """[2, up to context]: ids and targets, without the targets of the window before."""
    extent = slice(start, start + context)
    window = np.stack((tokens[:-1][extent], tokens[1:][extent]))
    if start:
        window[1, : context - context // 2] = IGNORE_INDEX
    return window


def _padded(windows: Windows) -> Tensor:
    """[2, B, T]: ids and targets of windows of similar length, the longest last."""
    batch = np.full((2, len(windows), windows[-1].shape[1]), IGNORE_INDEX, dtype=np.int64)
    batch[0] = 0
    for row, window in enumerate(windows):
        batch[:, row, : window.shape[1]] = window
    return torch.from_numpy(batch)


def _nats(model: nn.Module, batch: Tensor) -> float:
    ids, targets = batch
    logits = model(ids).float().flatten(0, 1)
    return float(
        functional.cross_entropy(
            logits, targets.flatten(), ignore_index=IGNORE_INDEX, reduction="sum"
        )
    )
