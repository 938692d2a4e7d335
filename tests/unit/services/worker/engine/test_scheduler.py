"""Who gets a slot."""

import pytest

from services.worker.engine.request import FinishReason
from services.worker.engine.scheduler import MAX_JOINS, Scheduler
from services.worker.engine.sequence import Sequence
from shared.models.piece import Piece
from tests.unit.services.worker.engine.rig import GRAMMAR, request, sample


def sequence(ident: str, *, interactive: bool = False, group: str = "job") -> Sequence:
    piece = Piece(sample(0), GRAMMAR, context=64)
    return Sequence(request(ident, interactive=interactive, group=group), piece)


def scheduler(*sequences: Sequence) -> Scheduler:
    made = Scheduler(slots=4, reserved=2)
    for each in sequences:
        made.add(each)
    made.admit()
    return made


def seated(made: Scheduler) -> dict[int, object]:
    return {slot: each.request.id for slot, each in made.running.items()}


def test_slots_are_reserved_for_the_interactive() -> None:
    made = scheduler(*(sequence(name) for name in "abc"))
    assert seated(made) == {0: "a", 1: "b"}
    assert made.num_waiting == 1


def test_the_interactive_go_first_and_may_take_all_slots() -> None:
    waiting = [sequence("batch"), *(sequence(name, interactive=True) for name in "abcde")]
    made = scheduler(*waiting)
    assert seated(made) == {0: "a", 1: "b", 2: "c", 3: "d"}
    assert made.num_waiting == 2


def test_few_join_at_a_time() -> None:
    made = Scheduler(slots=16, reserved=2)
    for index in range(16):
        made.add(sequence(str(index), interactive=True))
    made.admit()
    assert len(made.running) == MAX_JOINS
    made.admit()
    assert len(made.running) == 2 * MAX_JOINS


def test_the_lowest_free_slot_is_taken_first() -> None:
    made = scheduler(*(sequence(name, interactive=True) for name in "abcd"))
    made.cancel({"c", "a"})
    made.add(sequence("e", interactive=True))
    made.admit()
    assert seated(made) == {0: "e", 1: "b", 3: "d"}


def test_the_finished_free_their_slots() -> None:
    first, second = sequence("a"), sequence("b")
    made = scheduler(first, second, sequence("c"))
    first.finish = FinishReason.COMPLETE
    made.remove_finished()
    made.admit()
    assert seated(made) == {0: "c", 1: "b"}


def test_cancelling_finds_those_who_wait_and_those_who_run() -> None:
    made = scheduler(*(sequence(name) for name in "abc"), sequence("d", interactive=True))
    cancelled = made.cancel({"a", "c", "d", "nobody"})
    assert {each.request.id for each in cancelled} == {"a", "c", "d"}
    assert {each.finish for each in cancelled} == {FinishReason.CANCELLED}
    assert seated(made) == {2: "b"}
    assert made.has_work
    made.cancel({"b"})
    assert not made.has_work


def test_reserving_all_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="reserved: 4 of 4"):
        Scheduler(slots=4, reserved=4)
