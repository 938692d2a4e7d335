"""Which pieces are held out, decided before anything else looks at the music.

Equal pieces count once. Pieces that share a tenth of their `runs` are a family (the same tune in
two books, in another key, in other note values), and a family is never on both sides. Refuses to
know where pieces come from and what is learnt from them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.trainer.data.piece import Piece

KINSHIP = 0.1
"""The share of the shorter piece's runs that makes two pieces kin."""
ONE_IN = 10
"""One family in so many is held out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The two sides, and what was there twice."""

    train: tuple[Piece, ...]
    held_out: tuple[Piece, ...]
    duplicates: tuple[str, ...]
    families: int


def split_pieces(pieces: Sequence[Piece]) -> Split:
    """Split by family and content alone, so that names and order change nothing."""
    unique = {piece.identity: piece for piece in reversed(pieces)}
    kept = [unique[identity] for identity in sorted(unique)]
    names = {piece.name for piece in kept}
    families = _families(kept)
    held = {id(piece) for family in families if _is_held_out(family) for piece in family}
    return Split(
        train=tuple(piece for piece in kept if id(piece) not in held),
        held_out=tuple(piece for piece in kept if id(piece) in held),
        duplicates=tuple(piece.name for piece in pieces if piece.name not in names),
        families=len(families),
    )


def _is_held_out(family: Iterable[Piece]) -> bool:
    return int(min(piece.identity for piece in family), 16) % ONE_IN == 0


def _families(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Connected components of kinship, by union-find."""
    parent = list(range(len(pieces)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    for (one, other), shared in _shared_runs(pieces).items():
        if shared >= KINSHIP * min(len(pieces[one].runs), len(pieces[other].runs)):
            parent[root(one)] = root(other)
    families: dict[int, list[Piece]] = defaultdict(list)
    for at, piece in enumerate(pieces):
        families[root(at)].append(piece)
    return list(families.values())


def _shared_runs(pieces: Sequence[Piece]) -> Counter[tuple[int, int]]:
    """How many runs each two pieces have in common; pairs without any are left out."""
    owners: dict[bytes, list[int]] = defaultdict(list)
    for at, piece in enumerate(pieces):
        for run in piece.runs:
            owners[run].append(at)
    return Counter(pair for having in owners.values() for pair in combinations(having, 2))
