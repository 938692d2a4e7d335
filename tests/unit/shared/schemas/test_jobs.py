"""The states of a job."""

from ostinato.schemas.jobs import LEGAL_MOVES, JobState


def test_terminal_states_are_those_without_a_move() -> None:
    terminal = {state for state in JobState if state.is_terminal}
    assert terminal == {
        JobState.SUCCEEDED,
        JobState.PARTIAL,
        JobState.FAILED,
        JobState.CANCELLED,
    }


def test_every_state_can_be_reached_and_left_for_an_end() -> None:
    reached = {JobState.QUEUED}
    while new := {to for state in reached for to in LEGAL_MOVES.get(state, ())} - reached:
        reached |= new
    assert reached == set(JobState)
