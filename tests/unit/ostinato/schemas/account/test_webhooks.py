"""Tests of the schemas of webhooks."""

from typing import get_args

import pytest
from pydantic import ValidationError

from ostinato.schemas.account.webhooks import JobEventType, WebhookEventType, WebhookRequest
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState


def test_there_is_an_event_for_every_final_state() -> None:
    events = {f"job.{state}" for state in JobState if state.is_terminal}
    assert events <= set(get_args(JobEventType))
    assert {*get_args(JobEventType), WebhookEventType.TEST} == set(WebhookEventType)


def test_a_request_without_a_webhook_is_written_as_before() -> None:
    """Idempotency keys are bound to it, and earlier releases read it."""
    assert "webhook" not in GenerationRequest(model="mini").model_dump_json()


@pytest.mark.parametrize("url", ["https://a.example", "http://127.0.0.1:9000/a?b=c"])
def test_a_url_is_accepted(url: str) -> None:
    assert WebhookRequest(url=url).url == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example", "absolute URL"),
        ("https://", "absolute URL"),
        ("https://user@a.example", "user or a password"),
        ("https://a.example/#b", "fragment"),
        ("https://a.example:0", "port"),
        ("https://a.example:70000", "ort"),
        ("https://a.example/\n", "ASCII"),
        ("https://ä.example", "punycode"),
        (f"https://a.example/{'a' * 2048}", "2048"),
    ],
)
def test_a_url_is_rejected_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        WebhookRequest(url=url)
