"""Negative log-likelihood of held-out pieces, in tokenizer-independent units.

The likelihood of a piece includes each of its tokens and EOS. Each is predicted from at least half
a context of preceding tokens, or from all preceding tokens if there are fewer. Likelihoods per note
or per second of music can be compared between tokenizers.
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
        self, pieces: Sequence[TokenizedPiece], tokenizer: Tokenizer, context: int
    ) -> None:
        delimited = [_with_bos_and_eos(piece, tokenizer) for piece in pieces]
        windows = sorted(
            (window for tokens in delimited for window in _windows(tokens, context)),
            key=lambda window: window.shape[1],
        )
        self._batches = [
            windows[start : start + BATCH_SIZE] for start in range(0, len(windows), BATCH_SIZE)
        ]
        self._num_pieces = len(pieces)
        self._num_notes = sum(piece.num_notes for piece in pieces)
        self._seconds = sum(piece.seconds for piece in pieces)
        self.num_tokens = sum(len(tokens) - 1 for tokens in delimited)
        """Number of tokens that are predicted: all except BOS."""

    @torch.inference_mode()
    def score(self, model: nn.Module, progress: ProgressWrapper = iter) -> LikelihoodScore:
        """Score the model in the data type of training; restores its training mode.

        `progress` iterates over the batches, and may show a progress bar.
        """
        was_training = model.training
        model.eval()
        with autocast():
            nats = sum(_nats(model, _padded(windows)) for windows in progress(self._batches))
        model.train(was_training)
        return LikelihoodScore(
            nats=nats,
            num_pieces=self._num_pieces,
            num_notes=self._num_notes,
            num_tokens=self.num_tokens,
            seconds=self._seconds,
        )


def _with_bos_and_eos(piece: TokenizedPiece, tokenizer: Tokenizer) -> NDArray[np.int64]:
    return np.concatenate(([tokenizer.bos], piece.tokens.astype(np.int64), [tokenizer.eos]))


def _windows(tokens: NDArray[np.int64], context: int) -> Iterator[Window]:
    """[2, up to context]: ids and targets, half a context apart; each target is scored once."""
    ids, targets = tokens[:-1], tokens[1:]
    half = context // 2
    for start in range(0, max(1, len(ids) - half), half):
        extent = slice(start, start + context)
        window = np.stack((ids[extent], targets[extent]))
        if start:
            window[1, : context - half] = IGNORE_INDEX
        yield window


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
