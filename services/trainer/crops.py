"""What a step learns from: rows packed with random crops of pieces, in random keys.

The batch of a step is a pure function of the seed and the step, so a resumed run needs no memory of
what it has already seen. Refuses to know losses and networks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.data.piece import Piece
from services.trainer.recipes import Recipe
from shared.tokenizers.remi import Remi
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows without padding: crops end to end, each token with the one that follows in its crop."""

    ids: Tensor
    """[B, T] int64."""
    targets: Tensor
    """[B, T] int64."""


class Crops:
    """Random crops of pieces: about every second of a longer piece is its opening."""

    def __init__(self, pieces: Sequence[Piece], tokenizer: Remi, recipe: Recipe) -> None:
        self._pieces = pieces
        self._tokenizer = tokenizer
        self._opens_bar = tokenizer.grammar().bars > 0
        self._recipe = recipe
        self._context = recipe.network.context
        self._keys = [keys_of(piece, recipe.transpositions) for piece in pieces]
        self._spelt: dict[tuple[int, int], NDArray[np.int64]] = {}
        lengths = np.array([len(self._spell(at, 0)) for at in range(len(pieces))])
        crops = -(-lengths // self._context)
        self._share = crops / crops.sum()
        self.tokens = int(lengths.sum())
        """Of all pieces in their own keys."""

    def batch(self, step: int) -> Batch:
        """The rows of one step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        rows = [self._row(rng) for _ in range(self._recipe.optimization.batch)]
        both = torch.from_numpy(np.stack(rows))
        return Batch(ids=both[:, 0], targets=both[:, 1])

    def _row(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """[2, T]: ids and targets."""
        row = np.zeros((2, self._context), dtype=np.int64)
        at = 0
        while at < self._context:
            crop = self._crop(rng, self._context - at + 1)
            end = at + len(crop) - 1
            row[:, at:end] = crop[:-1], crop[1:]
            at = end
        return row

    def _crop(self, rng: np.random.Generator, room: int) -> NDArray[np.int64]:
        """A whole piece, or as much as there is room for from its start or from a bar line."""
        piece = int(rng.choice(len(self._pieces), p=self._share))
        tokens = self._spell(piece, int(rng.choice(self._keys[piece])))
        if len(tokens) <= room or rng.random() < 0.5:  # noqa: PLR2004 - every second one
            return tokens[:room]
        start = int(rng.choice(np.flatnonzero(self._opens_bar[tokens])))
        return tokens[start : start + room]

    def _spell(self, piece: int, semitones: int) -> NDArray[np.int64]:
        """A piece in a key as tokens; spelt once, when it is first drawn."""
        if (piece, semitones) not in self._spelt:
            transposed = self._pieces[piece].transposed(semitones)
            self._spelt[piece, semitones] = spell(transposed, self._tokenizer)
        return self._spelt[piece, semitones]


def spell(piece: Piece, tokenizer: Remi) -> NDArray[np.int64]:
    """BOS, the piece, EOS."""
    return np.array([tokenizer.bos, *tokenizer.encode(piece.as_notes()), tokenizer.eos])


def keys_of(piece: Piece, transpositions: Sequence[int]) -> list[int]:
    """The transpositions that keep the piece on the keyboard."""
    down = LOWEST_PITCH - piece.notes[:, 2].min()
    up = HIGHEST_PITCH - piece.notes[:, 2].max()
    return [semitones for semitones in transpositions if down <= semitones <= up]
