"""What a step learns from: rows packed with random crops of pieces, changed as the recipe says.

The batch of a step is a pure function of the seed and the step, so a resumed run needs no memory of
what it has already seen. Refuses to know losses and networks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, Piece
from services.trainer.infill import FEWEST_BARS, choose, take_out
from services.trainer.recipes.recipes import Examples, Recipe
from services.trainer.training.control_tokens import density_of, key_of, transpose_key
from shared.tokenizers.grid import DURATION, PITCH, START, VELOCITY
from shared.tokenizers.remi import Remi
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH
from shared.tokenizers.vocabulary import Vocabulary

UNSCORED = -100
"""Marks a target that nothing is learnt from; what torch's cross entropy leaves out."""
MARGIN = 1.5
"""Of the notes that usually fill a row, so many times as many are spelt, and the rest cut off."""
FEWEST_NOTES = 64
"""Spelt for a crop, however little room there is: bars differ in how full they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows without padding: crops end to end, each token with the one that follows in its crop."""

    ids: Tensor
    """[B, T] int64."""
    targets: Tensor
    """[B, T] int64; `UNSCORED` where there is nothing to foretell."""


class Lessons(Protocol):
    """Where a run has its batches from."""

    def batch(self, step: int) -> Batch:
        """The rows of one step: a function of the step and of nothing that happened before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Pieces of one data set, and what was found when they were spelt."""

    pieces: Sequence[Piece]
    num_tokens: NDArray[np.int64]
    """Of each piece."""
    performed: bool
    weight: float


class Crops:
    """Random crops of pieces: about every second is the opening of its piece."""

    def __init__(
        self, materials: Sequence[Material], vocabulary: Vocabulary, recipe: Recipe
    ) -> None:
        self._vocabulary = vocabulary
        self._opens_bar = vocabulary.grammar().bars > 0
        self._recipe = recipe
        self._examples: Examples = recipe.examples
        self._sources = [
            _Source(piece, style, tokens, material.performed)
            for style, material in enumerate(materials)
            for piece, tokens in zip(material.pieces, material.num_tokens.tolist(), strict=True)
        ]
        self._share = np.concatenate([_share(each, recipe.examples.context) for each in materials])
        self._share /= self._share.sum()

    def batch(self, step: int) -> Batch:
        """The rows of one step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        rows = [self._row(rng) for _ in range(self._recipe.optimization.batch)]
        both = torch.from_numpy(np.stack(rows))
        return Batch(ids=both[:, 0], targets=both[:, 1])

    def _row(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """[2, T]: ids and targets."""
        context = self._examples.context
        row = np.zeros((2, context), dtype=np.int64)
        at = 0
        while at < context:
            ids, targets = self._crop(rng, context - at + 1)
            end = at + len(ids) - 1
            row[:, at:end] = ids[:-1], targets[1:]
            at = end
        return row

    def _crop(
        self, rng: np.random.Generator, room: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids of music, at least two and at most `room`, and the same as targets."""
        source = self._sources[int(rng.choice(len(self._sources), p=self._share))]
        is_opening = bool(rng.random() < 0.5)  # noqa: PLR2004 - every second one
        first = 0 if is_opening else int(rng.integers(source.num_bars))
        notes, is_rest = source.notes_from(first, room)
        notes, semitones = self._change(rng, notes, stretched=source.performed)
        head = [self._vocabulary.bos] if is_opening else []
        head += self._controls(rng, source, notes, semitones)
        music = self._spell(notes, is_rest=is_rest)
        ids = self._arrange(rng, np.array(head, dtype=np.int64), music, room)
        if len(ids) < 2:  # noqa: PLR2004 - a token, and one that follows
            return self._crop(rng, room)
        return ids, self._targets(ids, len(head))

    def _change(
        self, rng: np.random.Generator, notes: Notes, *, stretched: bool
    ) -> tuple[Notes, int]:
        """Another key, another force, and where there is no beat another tempo."""
        config = self._examples
        changed = notes.astype(np.int64)
        semitones = int(rng.choice(keys_of(notes, config.transpositions)))
        changed[:, PITCH] += semitones
        if config.velocity:
            changed[:, VELOCITY] += rng.integers(-config.velocity, config.velocity + 1)
            changed[:, VELOCITY] = changed[:, VELOCITY].clip(1, 127)
        if stretched and config.stretch:
            factor = 1 + rng.uniform(-config.stretch, config.stretch)
            changed[:, [START, DURATION]] = np.rint(changed[:, [START, DURATION]] * factor)
            changed[:, DURATION] = changed[:, DURATION].clip(min=1)
        return changed, semitones

    def _controls(
        self, rng: np.random.Generator, source: "_Source", notes: Notes, semitones: int
    ) -> list[int]:
        """Some of the prefixes that hold for these notes."""
        if not self._examples.controls or not len(notes) or not isinstance(self._vocabulary, Remi):
            return []
        names = (
            f"Style_{source.style}",
            f"Key_{transpose_key(source.key, semitones)}",
            f"Density_{density_of(notes)}",
        )
        return [
            self._vocabulary.controls[name]
            for name in names
            if rng.random() < self._examples.controls
        ]

    def _spell(self, notes: Notes, *, is_rest: bool) -> NDArray[np.int64]:
        """Notes as ids: to the end and EOS, or only bars of which nothing is missing."""
        if is_rest:
            return np.array([*self._vocabulary.encode(notes), self._vocabulary.eos])
        end = notes[-1, START] // TICKS_PER_BAR
        within = notes[notes[:, START] < end * TICKS_PER_BAR]
        ids = np.array(self._vocabulary.encode(within), dtype=np.int64)
        complete: NDArray[np.int64] = ids[self._opens_bar[ids].cumsum() <= end]
        return complete

    def _arrange(
        self,
        rng: np.random.Generator,
        head: NDArray[np.int64],
        music: NDArray[np.int64],
        room: int,
    ) -> NDArray[np.int64]:
        """Head and music as they are, or with bars taken out of the music."""
        plain = np.concatenate((head, music))[:room]
        if not self._examples.infill or rng.random() >= self._examples.infill:
            return plain
        assert isinstance(self._vocabulary, Remi)  # noqa: S101 - only such recipes ask for it
        cut = music[music != self._vocabulary.eos][: max(0, room - len(head))]
        lines = np.flatnonzero(self._opens_bar[cut])
        # A FILL for each bar taken out, SEP and EOS need room; the last bar may be incomplete
        num_bars = int(np.searchsorted(lines, len(cut) - len(lines) // 2 - 2)) - 1
        if num_bars < FEWEST_BARS:
            return plain
        whole = np.concatenate((head, cut[: lines[num_bars]]))
        return take_out(whole, self._vocabulary, choose(rng, num_bars))

    def _targets(self, ids: NDArray[np.int64], head: int) -> NDArray[np.int64]:
        """What is to be foretold: music and its end, but neither prefixes nor where a gap comes."""
        targets = ids.copy()
        targets[1:head] = UNSCORED
        if isinstance(self._vocabulary, Remi):
            targets[np.isin(ids, (self._vocabulary.fill, self._vocabulary.sep))] = UNSCORED
        return targets


class _Source:
    """A piece, and what crops need to know of it."""

    def __init__(self, piece: Piece, style: int, num_tokens: int, performed: bool) -> None:  # noqa: FBT001 - a fact, no switch
        self.style = style
        self.performed = performed
        self.key = key_of(piece.notes)
        self.num_bars = int(piece.notes[-1, START]) // TICKS_PER_BAR + 1
        self._notes = piece.notes
        self._notes_a_token = len(piece.notes) / num_tokens

    def notes_from(self, bar: int, room: int) -> tuple[Notes, bool]:
        """Notes from a bar line on, more than `room` tokens hold, and whether they are the rest."""
        first = int(np.searchsorted(self._notes[:, START], bar * TICKS_PER_BAR))
        count = int(MARGIN * room * self._notes_a_token) + FEWEST_NOTES
        notes = self._notes[first : first + count] - np.array([bar * TICKS_PER_BAR, 0, 0, 0])
        return notes, first + count >= len(self._notes)


def keys_of(notes: Notes, transpositions: Sequence[int]) -> list[int]:
    """The transpositions that keep the notes on the keyboard; if none does, they stay."""
    down, up = LOWEST_PITCH - notes[:, PITCH].min(), HIGHEST_PITCH - notes[:, PITCH].max()
    return [semitones for semitones in transpositions if down <= semitones <= up] or [0]


def _share(material: Material, context: int) -> NDArray[np.float64]:
    """How often each piece is drawn: by its length, and by its set's weight."""
    crops: NDArray[np.float64] = np.ceil(material.num_tokens / context)
    return crops * (material.weight / float(crops.sum()))
