"""Deduplication and the split into a training and a held-out side.

Pieces are compared by their interval n-grams. Two pieces are duplicates if they are equal except
for their key, or if they share at least half of the n-grams of the longer piece. Of duplicates, one
piece is used. Two pieces are near-duplicates if they share at least a tenth of the n-grams of the
shorter piece (the same tune in two books, or a medley and its songs). Connected near-duplicates
form a group, all of whose pieces are on the same side. The split depends on content only, and is
made before any other step.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.trainer.data.piece import Piece
from shared.errors import UserError

Pair: TypeAlias = tuple[int, int]
"""Indices of two pieces, the lower index first."""

NEAR_DUPLICATE_SHARE = 0.1
"""Minimum share of the shorter piece's n-grams that near-duplicates have in common."""
DUPLICATE_SHARE = 0.5
"""Minimum share of the longer piece's n-grams that duplicates have in common."""
COMPARISON_WINDOW = 64
"""A piece is compared with this many of the following pieces that have the same n-gram.

This bounds the number of pairs for an n-gram that thousands of pieces share. Such a common motif
alone does not make pieces near-duplicates, and a group of thousands stays connected through its
neighbors.
"""
HOLDOUT_EVERY = 10
"""About one of this many groups is held out: at least one, and at most half of the pieces."""


class TooFewPieces(UserError):
    """A data set cannot be split: one of the sides would be empty."""

    code = "too_few_pieces"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The pieces of each side, and the names of the pieces on neither."""

    train: tuple[Piece, ...]
    held_out: tuple[Piece, ...]
    test: tuple[Piece, ...] = ()
    """Pieces that are never scored; only published splits have this side."""
    duplicates: tuple[str, ...] = ()
    """Names of pieces that are duplicates of a used piece."""
    unlisted: tuple[str, ...] = ()
    """Names of pieces that a published split does not list."""
    duplicate_groups: int

    @property
    def used(self) -> tuple[Piece, ...]:
        """The pieces of all sides."""
        return self.train + self.held_out + self.test


def split_pieces(pieces: Sequence[Piece]) -> Split:
    """Split by group and content only, independently of names and order.

    Raises:
        TooFewPieces: all pieces belong to one group.
    """
    unique = deduplicate(pieces)
    shared = _shared_ngrams(unique)
    duplicates = _connected_components(
        len(unique), (pair for pair in shared if _are_duplicates(unique, pair, shared))
    )
    chosen = {
        max(component, key=lambda index: (len(unique[index].notes), -index))
        for component in duplicates
    }
    near_duplicates = (pair for pair in shared if _are_near_duplicates(unique, pair, shared))
    groups = [
        [unique[index] for index in group if index in chosen]
        for group in _connected_components(len(unique), near_duplicates)
    ]
    held_out = _choose_held_out(groups)
    used = [unique[index] for index in sorted(chosen)]
    names = {piece.name for piece in used}
    return Split(
        train=tuple(piece for piece in used if piece.name not in held_out),
        held_out=tuple(piece for piece in used if piece.name in held_out),
        duplicates=tuple(piece.name for piece in pieces if piece.name not in names),
        duplicate_groups=len(groups),
    )


def deduplicate(pieces: Sequence[Piece]) -> list[Piece]:
    """One piece per content hash, under its first name, in the order of the hashes."""
    by_hash = {piece.content_hash: piece for piece in reversed(pieces)}
    return [by_hash[content_hash] for content_hash in sorted(by_hash)]


def _choose_held_out(groups: list[list[Piece]]) -> set[str]:
    """The names of the held-out pieces: at most half of all pieces."""
    by_number = {int(min(piece.content_hash for piece in group), 16): group for group in groups}
    if len(by_number) < 2:  # noqa: PLR2004 - one for each side
        raise TooFewPieces(
            f"{sum(map(len, groups))} pieces that are not variants of each other are too few: "
            "training needs some, and validation needs others; add music."
        )
    held_out: list[Piece] = []
    capacity = sum(map(len, groups)) // 2
    for number in sorted(by_number, key=lambda number: (number % HOLDOUT_EVERY != 0, number)):
        wanted = number % HOLDOUT_EVERY == 0 or not held_out
        if wanted and len(by_number[number]) <= capacity:
            held_out += by_number[number]
            capacity -= len(by_number[number])
    return {piece.name for piece in held_out}


def _are_duplicates(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    longer = max(len(pieces[index].interval_ngrams) for index in pair)
    return shared[pair] >= DUPLICATE_SHARE * longer


def _are_near_duplicates(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    shorter = min(len(pieces[index].interval_ngrams) for index in pair)
    return shared[pair] >= NEAR_DUPLICATE_SHARE * shorter


def _connected_components(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
    """Connected components of 0..count-1, by union-find."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for first, second in pairs:
        parent[root(first)] = root(second)
    components: dict[int, list[int]] = defaultdict(list)
    for node in range(count):
        components[root(node)].append(node)
    return list(components.values())


def _shared_ngrams(pieces: Sequence[Piece]) -> Counter[Pair]:
    """For each compared pair that shares n-grams, how many n-grams it shares."""
    by_ngram: dict[bytes, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        for ngram in piece.interval_ngrams:
            by_ngram[ngram].append(index)
    return Counter(pair for indices in by_ngram.values() for pair in _nearby_pairs(indices))


def _nearby_pairs(indices: Sequence[int]) -> Iterator[Pair]:
    """Each index with the `COMPARISON_WINDOW` indices that follow it."""
    for following, first in enumerate(indices[:-1], start=1):
        for second in indices[following : following + COMPARISON_WINDOW]:
            yield first, second
