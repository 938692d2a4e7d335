"""The round-robin order of owners and jobs."""

from services.worker.engine.fair_queue import FairQueue
from services.worker.engine.sequence import Sequence
from shared.models.decoding import DecodingState
from tests.unit.services.worker.engine.engine_fixture import GRAMMAR, make_request, make_spec


def make_queue(*names: str) -> FairQueue:
    """The first letter of a name is its owner, the second its job."""
    queue = FairQueue()
    for name in names:
        decoding = DecodingState(make_spec(0), GRAMMAR, context=64)
        queue.push(Sequence(make_request(name, owner=name[0], job=name[1]), decoding))
    return queue


def pop_all(queue: FairQueue) -> list[object]:
    return [queue.pop().request.id for _ in range(len(queue))]


def test_owners_take_turns_then_their_jobs_and_each_job_is_first_in_first_out() -> None:
    queue = make_queue("ax1", "ax2", "ax3", "ay1", "bx1", "cx1", "cx2")
    assert pop_all(queue) == ["ax1", "bx1", "cx1", "ay1", "cx2", "ax2", "ax3"]
    assert not queue


def test_an_owner_without_sequences_rejoins_at_the_end() -> None:
    queue = make_queue("ax1", "bx1", "bx2")
    assert queue.pop().request.id == "ax1"
    queue.push(make_queue("ax2").pop())
    assert pop_all(queue) == ["bx1", "ax2", "bx2"]


def test_remove_keeps_the_order_of_the_other_sequences() -> None:
    queue = make_queue("ax1", "ax2", "bx1", "ax3")
    removed = queue.remove({"ax1", "bx1", "zx9"})
    assert {sequence.request.id for sequence in removed} == {"ax1", "bx1"}
    assert len(queue) == 2
    assert pop_all(queue) == ["ax2", "ax3"]
