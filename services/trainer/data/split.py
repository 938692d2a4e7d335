"""Which pieces are held out, decided before anything else looks at the music.

Twins count once: pieces that are equal but for their key, or that share half of the longer one's
`runs`. Pieces that share a tenth of the shorter one's are a family (the same tune in two books, a
medley and its songs), and a family is never on both sides. Refuses to know where pieces come from
and what is learnt from them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.trainer.data.piece import Piece
from shared.errors import UserError

Pair: TypeAlias = tuple[int, int]
"""Places of two pieces, the lower first."""

KINSHIP = 0.1
"""The share of the shorter piece's runs that makes two pieces kin."""
TWINSHIP = 0.5
"""The share of the longer piece's runs that makes two pieces the same music."""
NEIGHBOURS = 64
"""Of all that have a run, each is compared with so many that come next.

A figure that thousands have makes no kin, and would make millions of pairs; a family of thousands
is a chain of neighbours, and stays one.
"""
ONE_IN = 10
"""One family in so many is held out, and one at the least, but never the larger part of a set."""


class TooFewPieces(UserError):
    """There is nothing to hold out, or nothing left to learn from."""

    code = "too_few_pieces"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The sides, and what is on none."""

    train: tuple[Piece, ...]
    held_out: tuple[Piece, ...]
    test: tuple[Piece, ...] = ()
    """Nothing is scored on it; only sets that publish such a side have it."""
    duplicates: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    """Of no side; only sets that publish their sides have such."""
    families: int

    @property
    def kept(self) -> tuple[Piece, ...]:
        """All sides."""
        return self.train + self.held_out + self.test


def split_pieces(pieces: Sequence[Piece]) -> Split:
    """Split by family and content alone, so that names and order change nothing.

    Raises:
        TooFewPieces: all that is there is one family.
    """
    kept = unique(pieces)
    shared = _shared_runs(kept)
    twins = _components(len(kept), (pair for pair in shared if _are_twins(kept, pair, shared)))
    chosen = {max(same, key=lambda at: (len(kept[at].notes), -at)) for same in twins}
    kin = (pair for pair in shared if _are_kin(kept, pair, shared))
    families = [
        [kept[at] for at in family if at in chosen] for family in _components(len(kept), kin)
    ]
    held = _choose(families)
    names = {kept[at].name for at in chosen}
    return Split(
        train=tuple(kept[at] for at in sorted(chosen) if kept[at].name not in held),
        held_out=tuple(kept[at] for at in sorted(chosen) if kept[at].name in held),
        duplicates=tuple(piece.name for piece in pieces if piece.name not in names),
        families=len(families),
    )


def unique(pieces: Sequence[Piece]) -> list[Piece]:
    """Each identity once, under its first name, in an order that the content decides."""
    by_identity = {piece.identity: piece for piece in reversed(pieces)}
    return [by_identity[identity] for identity in sorted(by_identity)]


def _choose(families: list[list[Piece]]) -> set[str]:
    """The names of the pieces to hold out: never more than are left to learn from."""
    numbers = {int(min(piece.identity for piece in family), 16): family for family in families}
    if len(numbers) < 2:  # noqa: PLR2004 - a side each
        raise TooFewPieces(
            f"{sum(map(len, families))} pieces that are no variants of one another: a model learns "
            "from some and is judged by others, so add music."
        )
    held: list[Piece] = []
    room = sum(map(len, families)) // 2
    for number in sorted(numbers, key=lambda number: (number % ONE_IN != 0, number)):
        wanted = number % ONE_IN == 0 or not held
        if wanted and len(numbers[number]) <= room:
            held += numbers[number]
            room -= len(numbers[number])
    return {piece.name for piece in held}


def _are_twins(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    return shared[pair] >= TWINSHIP * max(len(pieces[at].runs) for at in pair)


def _are_kin(pieces: Sequence[Piece], pair: Pair, shared: Counter[Pair]) -> bool:
    return shared[pair] >= KINSHIP * min(len(pieces[at].runs) for at in pair)


def _components(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
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


def _shared_runs(pieces: Sequence[Piece]) -> Counter[Pair]:
    """How many runs each two pieces have in common; pairs without any are left out."""
    owners: dict[bytes, list[int]] = defaultdict(list)
    for at, piece in enumerate(pieces):
        for run in piece.runs:
            owners[run].append(at)
    return Counter(pair for having in owners.values() for pair in _neighbours(having))


def _neighbours(owners: Sequence[int]) -> Iterator[Pair]:
    for at, one in enumerate(owners[:-1], start=1):
        for other in owners[at : at + NEIGHBOURS]:
            yield one, other
