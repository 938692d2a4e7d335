"""Deduplication and the split into a training and a held-out side.

Pieces are compared by their interval n-grams. Two pieces are duplicates if they are equal except
for their key, or share at least half of the n-grams of the longer one; one of them is used. Two
pieces are near-duplicates if they share at least a tenth of the n-grams of the shorter one (the
same tune in two books, a medley and its songs). Connected near-duplicates form a group, and a group
is never split between sides. The split depends on content only, and is made before any other step.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.trainer.data.piece import Piece
from shared.errors import UserError

Pair: TypeAlias = tuple[int, int]
"""Indices of two pieces, the lower first."""

NEAR_DUPLICATE_SHARE = 0.1
"""Shared n-grams, relative to the shorter piece, from which two pieces are near-duplicates."""
DUPLICATE_SHARE = 0.5
"""Shared n-grams, relative to the longer piece, from which two pieces are duplicates."""
COMPARISON_WINDOW = 64
"""A piece is compared with this many of the following pieces that have the same n-gram.

This bounds the pairs of an n-gram that thousands of pieces share: such a common figure makes no
near-duplicates, and a group of thousands stays connected through its neighbours.
"""
HOLDOUT_EVERY = 10
"""About one of this many groups is held out: at least one, and never the larger half of a set."""


class TooFewPieces(UserError):
    """A data set cannot be split: one of the sides would be empty."""

    code = "too_few_pieces"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The pieces of each side, and the names of the pieces of none."""

    train: tuple[Piece, ...]
    held_out: tuple[Piece, ...]
    test: tuple[Piece, ...] = ()
    """Never scored; only published splits have this side."""
    duplicates: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    """Pieces that a published split does not list."""
    duplicate_groups: int

    @property
    def used(self) -> tuple[Piece, ...]:
        """The pieces of all sides."""
        return self.train + self.held_out + self.test


def split_pieces(pieces: Sequence[Piece]) -> Split:
    """Split by group and content alone, independently of names and order.

    Raises:
        TooFewPieces: all pieces belong to one group.
    """
    unique = deduplicate(pieces)
    shared = _shared_ngrams(unique)
    duplicates = _connected_components(
        len(unique), (pair for pair in shared if _are_duplicates(unique, pair, shared))
    )
    chosen = {max(same, key=lambda at: (len(unique[at].notes), -at)) for same in duplicates}
    near_duplicates = (pair for pair in shared if _are_near_duplicates(unique, pair, shared))
    groups = [
        [unique[at] for at in group if at in chosen]
        for group in _connected_components(len(unique), near_duplicates)
    ]
    held_out = _choose_held_out(groups)
    names = {unique[at].name for at in chosen}
    return Split(
        train=tuple(unique[at] for at in sorted(chosen) if unique[at].name not in held_out),
        held_out=tuple(unique[at] for at in sorted(chosen) if unique[at].name in held_out),
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
    if len(by_number) < 2:  # noqa: PLR2004 - one per side
        raise TooFewPieces(
            f"{sum(map(len, groups))} pieces that are not variants of each other are too few: "
            "training needs some, and validation needs others; add music."
        )
    held_out: list[Piece] = []
    room = sum(map(len, groups)) // 2
    for number in sorted(by_number, key=lambda number: (number % HOLDOUT_EVERY != 0, number)):
        wanted = number % HOLDOUT_EVERY == 0 or not held_out
        if wanted and len(by_number[number]) <= room:
            held_out += by_number[number]
            room -= len(by_number[number])
    return {piece.name for piece in held_out}


def _are_duplicates(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    longer = max(len(pieces[at].interval_ngrams) for at in pair)
    return shared[pair] >= DUPLICATE_SHARE * longer


def _are_near_duplicates(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    shorter = min(len(pieces[at].interval_ngrams) for at in pair)
    return shared[pair] >= NEAR_DUPLICATE_SHARE * shorter


def _connected_components(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
    """Connected components of 0..count-1, by union-find."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    for one, other in pairs:
        parent[root(one)] = root(other)
    components: dict[int, list[int]] = defaultdict(list)
    for at in range(count):
        components[root(at)].append(at)
    return list(components.values())


def _shared_ngrams(pieces: Sequence[Piece]) -> Counter[Pair]:
    """The number of n-grams that two pieces share, for pairs that share any."""
    owners: dict[bytes, list[int]] = defaultdict(list)
    for at, piece in enumerate(pieces):
        for ngram in piece.interval_ngrams:
            owners[ngram].append(at)
    return Counter(pair for indices in owners.values() for pair in _nearby_pairs(indices))


def _nearby_pairs(owners: Sequence[int]) -> Iterator[Pair]:
    for at, one in enumerate(owners[:-1], start=1):
        for other in owners[at : at + COMPARISON_WINDOW]:
            yield one, other
