"""Converts the run states of release 0.1.0 when a checkpoint is loaded."""

from typing import Any

from shared.card_migration import recipe_from_0_1_0, stop_reason_from_0_1_0

STATE_0_1_0_KEY = "progress"
"""Key that all states of release 0.1.0 have and no later state has."""


def is_state_of_0_1_0(state: dict[str, Any]) -> bool:
    """Whether a run state has the format of release 0.1.0."""
    return STATE_0_1_0_KEY in state


def state_from_0_1_0(state: dict[str, Any]) -> dict[str, Any]:
    """The state with the keys of release 0.2.0; tensors are not changed."""
    progress = state[STATE_0_1_0_KEY]
    converted = {key: value for key, value in state.items() if key != STATE_0_1_0_KEY}
    return converted | {
        "recipe": recipe_from_0_1_0(state["recipe"]),
        "trainer_state": {
            "commit": progress["commit"],
            "minutes": progress["minutes"],
            "step": progress["step"],
            "tokens": progress["tokens"],
            "seconds": progress["seconds"],
            "losses_since_validation": progress["losses"],
            "validations": [_validation(point) for point in progress["curve"]],
            "stop_reason": progress["end"] and stop_reason_from_0_1_0(progress["end"]),
        },
    }


def _validation(point: dict[str, Any]) -> dict[str, Any]:
    converted = {key: value for key, value in point.items() if key != "sample"}
    return converted | {"preview_notes": point.get("sample", ())}
