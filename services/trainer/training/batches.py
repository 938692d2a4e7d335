"""Training batches: rows packed with augmented random crops of pieces.

The batch of a step is a pure function of the seed and the step, so a resumed run needs no sampler
state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato.schemas.notes import Metre
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.likelihood import IGNORE_INDEX
from services.trainer.recipes.recipe import ExampleConfig, Recipe
from services.trainer.training.control_tokens import (
    density_bounds,
    density_class,
    estimate_key,
    note_density,
    transpose_key,
)
from shared.tokenizers.infill import MIN_BARS, choose_gap, encode_example, split_bars
from shared.tokenizers.quantization import DURATION, PITCH, START, VELOCITY, bar_lines
from shared.tokenizers.remi import MAX_ENDING_BARS, RemiTokenizer
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH
from shared.tokenizers.tokenizer import Tokenizer

Ids = NDArray[np.int64]

DENSITY_CROPS = 2_000
"""Number of random crops from which the density classes are determined."""
ENCODE_MARGIN = 1.5
"""Notes that are tokenized for a crop, relative to the number that fills it on average."""
MIN_ENCODED_NOTES = 64
"""Number of notes tokenized in addition, since the note density varies within a piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of concatenated crops without padding; targets are the next tokens of the crops."""

    ids: Tensor
    """[B, T] int64."""
    targets: Tensor
    """[B, T] int64; `IGNORE_INDEX` at positions excluded from the loss."""


class BatchSource(Protocol):
    """The batches of a run."""

    def batch(self, step: int) -> Batch:
        """The rows of one step, which do not depend on earlier calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizedSet:
    """The training side of one data set."""

    pieces: Sequence[Piece]
    num_tokens: NDArray[np.int64]
    """[pieces]: the number of tokens of each piece."""
    is_performance: bool
    weight: float


class CropSampler:
    """Random crops of pieces; a share of them are openings, and a share reach the end."""

    def __init__(
        self, datasets: Sequence[TokenizedSet], tokenizer: Tokenizer, recipe: Recipe
    ) -> None:
        self._tokenizer = tokenizer
        self._opens_bar = tokenizer.grammar().opens_bar
        self._recipe = recipe
        self._examples: ExampleConfig = recipe.examples
        self._sources = [
            _PieceSource(piece, style, num_tokens, dataset.is_performance)
            for style, dataset in enumerate(datasets)
            for piece, num_tokens in zip(dataset.pieces, dataset.num_tokens.tolist(), strict=True)
        ]
        context = recipe.examples.context
        weights = np.concatenate([_sampling_weights(dataset, context) for dataset in datasets])
        self._probabilities = weights / weights.sum()
        self.density_bounds = self._density_bounds() if recipe.examples.control_rate else None
        """Notes per four quarters at which the next class begins; None without control tokens."""

    def batch(self, step: int) -> Batch:
        """The rows of one step."""
        rng = np.random.default_rng((self._recipe.seed, step))
        rows = [self._row(rng) for _ in range(self._recipe.optimization.batch_size)]
        ids_and_targets = torch.from_numpy(np.stack(rows))
        return Batch(ids=ids_and_targets[:, 0], targets=ids_and_targets[:, 1])

    def _density_bounds(self) -> tuple[float, ...]:
        """Bounds of equally frequent classes, from random crops of whole rows."""
        rng, context = np.random.default_rng(self._recipe.seed), self._examples.context
        densities = []
        for _ in range(DENSITY_CROPS):
            source = self._choose_source(rng)
            notes, _, _ = source.notes_from(int(rng.integers(source.num_bars)), context)
            if len(notes):
                densities.append(note_density(notes[: source.capacity(context)]))
        return density_bounds(densities)

    def _choose_source(self, rng: np.random.Generator) -> "_PieceSource":
        return self._sources[int(rng.choice(len(self._sources), p=self._probabilities))]

    def _row(self, rng: np.random.Generator) -> Ids:
        """[2, T]: ids and targets."""
        context = self._examples.context
        row = np.zeros((2, context), dtype=np.int64)
        start = 0
        while start < context:
            ids, targets = self._crop(rng, context - start + 1)
            end = start + len(ids) - 1
            row[:, start:end] = ids[:-1], targets[1:]
            start = end
        return row

    def _crop(self, rng: np.random.Generator, max_tokens: int) -> tuple[Ids, Ids]:
        """Ids and targets of 2 to `max_tokens` tokens of a piece."""
        source = self._choose_source(rng)
        part = rng.random() - self._examples.opening_rate
        is_opening = part < 0
        is_ending = 0 <= part < self._examples.ending_rate
        lowest = source.first_ending_bar(max_tokens) if is_ending else 0
        first_bar = 0 if is_opening else int(rng.integers(lowest, source.num_bars))
        notes, metres, reaches_end = source.notes_from(first_bar, max_tokens)
        notes, semitones = self._augment(rng, notes, stretch=source.is_performance)
        prefix = [self._tokenizer.bos] if is_opening else []
        prefix += self._control_tokens(rng, source, notes[: source.capacity(max_tokens)], semitones)
        music = self._encode(notes, metres, reaches_end=reaches_end)
        ids = self._apply_infill(rng, np.array(prefix, dtype=np.int64), music, max_tokens)
        ids = self._announce_ending(rng, ids)[:max_tokens]
        if len(ids) < 2:  # noqa: PLR2004 - an input and a target
            return self._crop(rng, max_tokens)
        return ids, self._targets(ids, len(prefix))

    def _augment(
        self, rng: np.random.Generator, notes: Notes, *, stretch: bool
    ) -> tuple[Notes, int]:
        """Transpose, change the velocity and stretch the time; also returns the semitones."""
        config = self._examples
        changed = notes.astype(np.int64)
        semitones = int(rng.choice(valid_transpositions(notes, config.transpositions)))
        changed[:, PITCH] += semitones
        if jitter := config.velocity_jitter:
            changed[:, VELOCITY] += rng.integers(-jitter, jitter + 1)
            changed[:, VELOCITY] = changed[:, VELOCITY].clip(1, 127)
        if stretch and config.time_stretch:
            factor = 1 + rng.uniform(-config.time_stretch, config.time_stretch)
            changed[:, [START, DURATION]] = np.rint(changed[:, [START, DURATION]] * factor)
            changed[:, DURATION] = changed[:, DURATION].clip(min=1)
        return changed, semitones

    def _control_tokens(
        self, rng: np.random.Generator, source: "_PieceSource", notes: Notes, semitones: int
    ) -> list[int]:
        """A random subset of the control tokens that describe these notes."""
        rate, tokenizer, bounds = self._examples.control_rate, self._tokenizer, self.density_bounds
        if bounds is None or not len(notes) or not isinstance(tokenizer, RemiTokenizer):
            return []
        names = (
            f"Style_{source.style}",
            f"Key_{transpose_key(source.key, semitones)}",
            f"Density_{density_class(note_density(notes), bounds)}",
        )
        return [tokenizer.control_tokens[name] for name in names if rng.random() < rate]

    def _announce_ending(self, rng: np.random.Generator, ids: Ids) -> Ids:
        """Ids that reach the end of a piece, possibly with a token before the last bars."""
        tokenizer = self._tokenizer
        if not self._examples.control_rate or not isinstance(tokenizer, RemiTokenizer):
            return ids
        lines = np.flatnonzero(self._opens_bar[ids])
        if tokenizer.fill in ids or not len(lines) or ids[-1] != tokenizer.eos:
            return ids
        if rng.random() >= self._examples.control_rate:
            return ids
        bars = int(rng.integers(min(MAX_ENDING_BARS, len(lines)))) + 1
        return np.insert(ids, lines[-bars], tokenizer.control_tokens[f"Ending_{bars}"])

    def _encode(self, notes: Notes, metres: Sequence[Metre], *, reaches_end: bool) -> Ids:
        """The tokens of the notes: with EOS if they reach the end, otherwise complete bars only."""
        if reaches_end:
            return np.array([*self._tokenizer.encode(notes, metres), self._tokenizer.eos])
        *lines, last_line, _ = bar_lines(int(notes[-1, START]) + 1, metres).tolist()
        end = len(lines)
        within = notes[notes[:, START] < last_line]
        ids = np.array(self._tokenizer.encode(within, metres), dtype=np.int64)
        complete: Ids = ids[self._opens_bar[ids].cumsum() <= end]
        return complete

    def _apply_infill(
        self, rng: np.random.Generator, prefix: Ids, music: Ids, max_tokens: int
    ) -> Ids:
        """The first `max_tokens` tokens of prefix and music; possibly as an infill example."""
        plain = np.concatenate((prefix, music))[:max_tokens]
        if not self._examples.infill_rate or rng.random() >= self._examples.infill_rate:
            return plain
        tokenizer = self._tokenizer
        assert isinstance(tokenizer, RemiTokenizer)  # noqa: S101 - only REMI recipes use infilling
        bars = split_bars(music[music != tokenizer.eos], tokenizer)[1]
        capacity = max_tokens - len(prefix) - 2  # FILL and EOS are added
        num_bars = int(np.searchsorted(np.cumsum([len(bar) for bar in bars]), capacity, "right"))
        if num_bars < MIN_BARS:
            return plain
        return encode_example(prefix, bars[:num_bars], choose_gap(rng, num_bars), tokenizer)

    def _targets(self, ids: Ids, prefix_length: int) -> Ids:
        """The targets of a crop: its ids, with control tokens and FILL excluded."""
        targets = ids.copy()
        targets[1:prefix_length] = IGNORE_INDEX
        if isinstance(tokenizer := self._tokenizer, RemiTokenizer):
            not_music = (tokenizer.fill, *tokenizer.control_tokens.values())
            targets[np.isin(ids, not_music)] = IGNORE_INDEX
        return targets


class _PieceSource:
    """A piece with the properties that sampling needs."""

    def __init__(self, piece: Piece, style: int, num_tokens: int, is_performance: bool) -> None:  # noqa: FBT001 - a property of the piece
        self.style = style
        self.is_performance = is_performance
        self.key = estimate_key(piece.notes)
        self._lines = piece.bar_lines
        self._metres = piece.metres
        self.num_bars = len(self._lines) - 1
        self._notes = piece.notes
        self._notes_per_token = len(piece.notes) / num_tokens

    def capacity(self, max_tokens: int) -> int:
        """The number of notes that `max_tokens` tokens encode on average."""
        return max(1, int(max_tokens * self._notes_per_token))

    def first_ending_bar(self, max_tokens: int) -> int:
        """The first bar from which about `max_tokens` tokens reach the end."""
        first = max(0, len(self._notes) - self.capacity(max_tokens))
        line = int(np.searchsorted(self._lines, self._notes[first, START]))
        return min(line, self.num_bars - 1)

    def notes_from(self, bar: int, max_tokens: int) -> tuple[Notes, tuple[Metre, ...], bool]:
        """Notes from a bar on, enough for `max_tokens` tokens, with the metres of its bars.

        Also whether they reach the end.
        """
        line = self._lines[bar]
        first = int(np.searchsorted(self._notes[:, START], line))
        count = int(ENCODE_MARGIN * max_tokens * self._notes_per_token) + MIN_ENCODED_NOTES
        notes = self._notes[first : first + count] - np.array([line, 0, 0, 0])
        return notes, self._metres[bar:], first + count >= len(self._notes)


def valid_transpositions(notes: Notes, transpositions: Sequence[int]) -> list[int]:
    """The transpositions that keep all notes in the piano range; [0] if there are none."""
    lowest, highest = LOWEST_PITCH - notes[:, PITCH].min(), HIGHEST_PITCH - notes[:, PITCH].max()
    return [semitones for semitones in transpositions if lowest <= semitones <= highest] or [0]


def _sampling_weights(dataset: TokenizedSet, context: int) -> NDArray[np.float64]:
    """[pieces]: weights proportional to the lengths; their sum is the weight of the data set."""
    crops: NDArray[np.float64] = np.ceil(dataset.num_tokens / context)
    return crops * (dataset.weight / float(crops.sum()))
