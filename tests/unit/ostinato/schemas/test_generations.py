"""Validation of generation requests."""

import pytest
from pydantic import ValidationError

from ostinato.schemas.generations import MAX_SEED, GenerationRequest, Priority


def test_the_default_priority_is_interactive_up_to_one_shard_and_batch_above() -> None:
    assert GenerationRequest(model="m", count=64).resolved_priority is Priority.INTERACTIVE
    assert GenerationRequest(model="m", count=65).resolved_priority is Priority.BATCH


def test_a_small_request_may_be_a_batch() -> None:
    request = GenerationRequest(model="m", priority=Priority.BATCH)
    assert request.resolved_priority is Priority.BATCH


def test_no_seed_exceeds_the_integers_of_javascript() -> None:
    assert GenerationRequest(model="m", count=3, seed=MAX_SEED - 2).seed == MAX_SEED - 2
    with pytest.raises(ValidationError, match="seed"):
        GenerationRequest(model="m", count=3, seed=MAX_SEED - 1)


def test_unknown_fields_are_rejected() -> None:
    with pytest.raises(ValidationError, match="color"):
        GenerationRequest.model_validate({"model": "m", "color": "red"})
