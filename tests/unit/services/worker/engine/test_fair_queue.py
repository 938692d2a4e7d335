"""Turns."""

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence
from shared.models.decoding import Piece
from tests.unit.services.worker.engine.rig import GRAMMAR, request, sample


def queue(*names: str) -> FairQueue:
    """A name's first letter is its owner, the second its job."""
    made = FairQueue()
    for name in names:
        piece = Piece(sample(0), GRAMMAR, context=64)
        made.push(Sequence(request(name, owner=name[0], job=name[1]), piece))
    return made


def drain(made: FairQueue) -> list[object]:
    return [made.pop().request.id for _ in range(len(made))]


def test_owners_take_turns_then_their_jobs_and_each_job_keeps_its_order() -> None:
    made = queue("ax1", "ax2", "ax3", "ay1", "bx1", "cx1", "cx2")
    assert drain(made) == ["ax1", "bx1", "cx1", "ay1", "cx2", "ax2", "ax3"]
    assert not made


def test_an_owner_that_comes_back_comes_last() -> None:
    made = queue("ax1", "bx1", "bx2")
    assert made.pop().request.id == "ax1"
    late = queue("ax2").pop()
    made.push(late)
    assert drain(made) == ["bx1", "ax2", "bx2"]


def test_what_is_removed_is_gone_and_the_rest_keeps_its_order() -> None:
    made = queue("ax1", "ax2", "bx1", "ax3")
    removed = made.remove({"ax1", "bx1", "zx9"})
    assert {each.request.id for each in removed} == {"ax1", "bx1"}
    assert len(made) == 2
    assert drain(made) == ["ax2", "ax3"]
