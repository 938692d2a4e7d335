"""Turns."""

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence
from shared.models.piece import Piece
from tests.unit.services.worker.engine.rig import GRAMMAR, request, sample


def queue(*names: str) -> FairQueue:
    """A name's first letter is its group."""
    made = FairQueue()
    for name in names:
        piece = Piece(sample(0), GRAMMAR, context=64)
        made.push(Sequence(request(name, group=name[0]), piece))
    return made


def drain(made: FairQueue) -> list[object]:
    return [made.pop().request.id for _ in range(len(made))]


def test_groups_take_turns_and_each_keeps_its_order() -> None:
    made = queue("a1", "a2", "a3", "b1", "c1", "c2")
    assert drain(made) == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert not made


def test_a_group_that_comes_back_comes_last() -> None:
    made = queue("a1", "b1", "b2")
    assert made.pop().request.id == "a1"
    late = queue("a2").pop()
    made.push(late)
    assert drain(made) == ["b1", "a2", "b2"]


def test_what_is_removed_is_gone_and_the_rest_keeps_its_order() -> None:
    made = queue("a1", "a2", "b1", "a3")
    removed = made.remove({"a1", "b1", "z9"})
    assert {each.request.id for each in removed} == {"a1", "b1"}
    assert len(made) == 2
    assert drain(made) == ["a2", "a3"]
