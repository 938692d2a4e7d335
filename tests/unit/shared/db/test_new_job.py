"""Idempotency keys of earlier releases identify the same requests."""

import pytest

from ostinato.schemas.generations import GenerationRequest
from shared.db.new_job import NewJob


@pytest.mark.parametrize(
    ("fields", "digest"),
    [
        ({}, "65c7c31f57f8b7b8ec2a31c905fdd68ebb56a5f3f3b9351eb223cdbe3a31a70d"),
        (
            {
                "model": "mini",
                "seed": 5,
                "tempo": 90,
                "sampling": {"temperature": 0.5, "top_k": 7},
            },
            "981c933e110c3a8dfa0324f035bd321458cf33b853967e180bf856b6914b2a70",
        ),
    ],
)
def test_a_request_has_the_digest_of_earlier_releases(
    fields: dict[str, object], digest: str
) -> None:
    request = GenerationRequest.model_validate(fields)
    job = NewJob(owner="ann", queue="batch", request=request, original_request=request)
    assert job.request_sha256.hex() == digest
