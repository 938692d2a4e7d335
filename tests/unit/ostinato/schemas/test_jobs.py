"""The state machine of a job."""

from ostinato.schemas.jobs import TRANSITIONS, JobState


def test_terminal_states_have_no_transitions() -> None:
    terminal = {state for state in JobState if state.is_terminal}
    assert terminal == {
        JobState.SUCCEEDED,
        JobState.PARTIAL,
        JobState.FAILED,
        JobState.CANCELLED,
        JobState.EXPIRED,
    }


def test_every_state_is_reachable_from_queued() -> None:
    reached = {JobState.QUEUED}
    while (
        new := {following for state in reached for following in TRANSITIONS.get(state, ())}
        - reached
    ):
        reached |= new
    assert reached == set(JobState)
