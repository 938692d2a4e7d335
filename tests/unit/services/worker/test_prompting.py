"""A request whose primer was deleted has no prompt: its melody would lack the primer."""

from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pytest

from ostinato.schemas.generations import GenerationRequest
from services.worker.prompting import build_prompt

if TYPE_CHECKING:
    from services.worker.model_registry import LoadedModel


def test_a_deleted_primer_is_an_error() -> None:
    request = GenerationRequest(model="mini", primer_id=uuid4())
    with pytest.raises(ValueError, match="deleted; upload it again"):
        build_prompt(request, None, cast("LoadedModel", None))
