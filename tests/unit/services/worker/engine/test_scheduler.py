"""Who gets a row."""

import pytest

from services.worker.engine.scheduler import Scheduler
from services.worker.engine.sequence import Sequence
from services.worker.engine.interface import FinishReason
from shared.models.decoding import Piece
from tests.unit.services.worker.engine.rig import GRAMMAR, request, sample


def sequence(ident: str, *, interactive: bool = False, job: str = "job") -> Sequence:
    piece = Piece(sample(0), GRAMMAR, context=64)
    return Sequence(request(ident, interactive=interactive, job=job), piece)


def scheduler(*sequences: Sequence) -> Scheduler:
    made = Scheduler(slots=4, reserved=2)
    for each in sequences:
        made.add(each)
    made.admit()
    return made


def rows(made: Scheduler) -> str:
    return "".join(str(each.request.id)[0] for each in made.running)


def test_rows_are_reserved_for_the_interactive() -> None:
    made = scheduler(*(sequence(name) for name in "abc"))
    assert rows(made) == "ab"
    assert made.num_waiting == 1


def test_the_interactive_go_first_and_may_take_all_rows() -> None:
    waiting = [sequence("batch"), *(sequence(name, interactive=True) for name in "abcde")]
    made = scheduler(*waiting)
    assert rows(made) == "abcd"
    assert made.num_waiting == 2


@pytest.mark.parametrize(
    ("finished", "left", "moves"),
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
def test_where_one_ends_the_last_one_moves_in(
    finished: str, left: str, moves: list[tuple[int, int]]
) -> None:
    made = scheduler(*(sequence(name, interactive=True) for name in "abcd"))
    for each in made.running:
        if str(each.request.id) in finished:
            each.finish = FinishReason.COMPLETE
    assert made.remove_finished() == moves
    assert rows(made) == left


def test_a_free_row_is_taken_by_who_waits() -> None:
    made = scheduler(*(sequence(name) for name in "abc"))
    made.running[0].finish = FinishReason.COMPLETE
    made.remove_finished()
    made.admit()
    assert rows(made) == "bc"
    assert made.num_waiting == 0


def test_cancelling_finds_those_who_wait_and_those_who_run() -> None:
    made = scheduler(*(sequence(name) for name in "abc"), sequence("d", interactive=True))
    cancelled = made.cancel({"a", "c", "d", "nobody"})
    assert {each.request.id for each in cancelled} == {"a", "c", "d"}
    assert {each.finish for each in cancelled} == {FinishReason.CANCELLED}
    made.remove_finished()
    assert rows(made) == "b"
    assert made.has_work
    made.cancel({"b"})
    made.remove_finished()
    assert not made.has_work


def test_reserving_all_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="reserved: 4 of 4"):
        Scheduler(slots=4, reserved=4)
