"""The assignment of slots: reservation, priority, moves and cancellation."""

import pytest

from services.worker.engine.interface import FinishReason
from services.worker.engine.scheduler import Scheduler
from services.worker.engine.sequence import Sequence
from shared.models.decoding import DecodingState
from tests.unit.services.worker.engine.engine_fixture import GRAMMAR, make_request, make_spec


def make_sequence(name: str, *, interactive: bool = False) -> Sequence:
    decoding = DecodingState(make_spec(0), GRAMMAR, context=64)
    return Sequence(make_request(name, interactive=interactive), decoding)


def make_scheduler(*sequences: Sequence) -> Scheduler:
    scheduler = Scheduler(max_num_seqs=4, reserved_interactive_seqs=2)
    for sequence in sequences:
        scheduler.add(sequence)
    scheduler.admit()
    return scheduler


def slots(scheduler: Scheduler) -> str:
    """The first letter of each running sequence, in order of slot."""
    return "".join(str(sequence.request.id)[0] for sequence in scheduler.running)


def test_batch_sequences_leave_the_reserved_slots_free() -> None:
    scheduler = make_scheduler(*(make_sequence(name) for name in "abc"))
    assert slots(scheduler) == "ab"
    assert scheduler.num_waiting == 1


def test_interactive_sequences_go_first_and_may_use_all_slots() -> None:
    interactive = [make_sequence(name, interactive=True) for name in "abcde"]
    scheduler = make_scheduler(make_sequence("batch"), *interactive)
    assert slots(scheduler) == "abcd"
    assert scheduler.num_waiting == 2


@pytest.mark.parametrize(
    ("finished", "remaining", "moves"),
    [
        ("", "abcd", []),
        ("d", "abc", []),
        ("a", "dbc", [(3, 0)]),
        ("ac", "db", [(3, 2), (2, 0)]),
        ("bd", "ac", [(2, 1)]),
        ("abc", "d", [(3, 2), (2, 1), (1, 0)]),
        ("abcd", "", []),
    ],
)
def test_the_last_sequence_moves_into_a_freed_slot(
    finished: str, remaining: str, moves: list[tuple[int, int]]
) -> None:
    scheduler = make_scheduler(*(make_sequence(name, interactive=True) for name in "abcd"))
    for sequence in scheduler.running:
        if str(sequence.request.id) in finished:
            sequence.finish_reason = FinishReason.COMPLETE
    assert scheduler.remove_finished() == moves
    assert slots(scheduler) == remaining


def test_a_waiting_sequence_gets_a_freed_slot() -> None:
    scheduler = make_scheduler(*(make_sequence(name) for name in "abc"))
    scheduler.running[0].finish_reason = FinishReason.COMPLETE
    scheduler.remove_finished()
    scheduler.admit()
    assert slots(scheduler) == "bc"
    assert scheduler.num_waiting == 0


def test_cancel_finds_waiting_and_running_sequences() -> None:
    batch = [make_sequence(name) for name in "abc"]
    scheduler = make_scheduler(*batch, make_sequence("d", interactive=True))
    cancelled = scheduler.cancel({"a", "c", "d", "unknown"})
    assert {sequence.request.id for sequence in cancelled} == {"a", "c", "d"}
    assert {sequence.finish_reason for sequence in cancelled} == {FinishReason.CANCELLED}
    scheduler.remove_finished()
    assert slots(scheduler) == "b"
    assert scheduler.has_work
    scheduler.cancel({"b"})
    scheduler.remove_finished()
    assert not scheduler.has_work


def test_reserving_all_slots_is_an_error() -> None:
    with pytest.raises(ValueError, match="reserved_interactive_seqs: 4 of 4"):
        Scheduler(max_num_seqs=4, reserved_interactive_seqs=4)


def owned(name: str) -> Sequence:
    """An interactive sequence; the first letter of its name is its owner."""
    decoding = DecodingState(make_spec(0), GRAMMAR, context=64)
    return Sequence(make_request(name, interactive=True, owner=name[0]), decoding)


def names(scheduler: Scheduler) -> list[object]:
    return [sequence.request.id for sequence in scheduler.running]


def test_without_a_free_slot_an_owner_gets_one_of_the_owner_with_the_most() -> None:
    scheduler = make_scheduler(*map(owned, ("a1", "a2", "a3", "a4", "a5")))
    scheduler.running[0].decoding.position = 5
    scheduler.add(owned("b1"))
    scheduler.admit()
    assert sorted(map(str, names(scheduler))) == ["a1", "a3", "a4", "b1"], (
        "the shortest one gives up its slot"
    )
    assert scheduler.num_waiting == 2


def test_preemption_ends_when_the_owners_have_equal_shares() -> None:
    scheduler = make_scheduler(*map(owned, ("a1", "a2", "a3", "a4")))
    for name in ("b1", "b2", "b3", "b4"):
        scheduler.add(owned(name))
    for _ in range(3):
        scheduler.admit()
    assert sorted(str(name)[0] for name in names(scheduler)) == ["a", "a", "b", "b"]


def test_a_preempted_sequence_is_the_next_of_its_job_and_is_recomputed() -> None:
    scheduler = make_scheduler(*map(owned, ("a1", "a2", "a3", "a4", "a5")))
    for sequence in scheduler.running:
        sequence.decoding.mark_computed()
    scheduler.add(owned("b1"))
    scheduler.admit()
    [preempted] = {"a1", "a2", "a3", "a4"} - set(map(str, names(scheduler)))
    finished = next(item for item in scheduler.running if str(item.request.id)[0] == "a")
    finished.finish_reason = FinishReason.COMPLETE
    scheduler.remove_finished()
    scheduler.admit()
    again = next(item for item in scheduler.running if item.request.id == preempted)
    assert again.decoding.pending.start == 0


def test_batch_sequences_preempt_nothing() -> None:
    scheduler = make_scheduler(*map(owned, ("a1", "a2", "a3", "a4")))
    scheduler.add(make_sequence("batch"))
    scheduler.admit()
    assert names(scheduler) == ["a1", "a2", "a3", "a4"]
