"""What may be asked for."""

import pytest
from pydantic import ValidationError

from ostinato.schemas.generations import MAX_SEED, GenerationRequest, Priority


def test_a_request_is_interactive_up_to_one_shard_and_a_batch_above() -> None:
    assert GenerationRequest(model="m", count=64).effective_priority is Priority.INTERACTIVE
    assert GenerationRequest(model="m", count=65).effective_priority is Priority.BATCH


def test_a_small_request_may_wait_on_purpose() -> None:
    request = GenerationRequest(model="m", priority=Priority.BATCH)
    assert request.effective_priority is Priority.BATCH


def test_every_melody_has_a_seed_that_javascript_can_hold() -> None:
    assert GenerationRequest(model="m", count=3, seed=MAX_SEED - 2).seed == MAX_SEED - 2
    with pytest.raises(ValidationError, match="seed"):
        GenerationRequest(model="m", count=3, seed=MAX_SEED - 1)


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        GenerationRequest.model_validate({"model": "m", "colour": "red"})
