"""Webhooks: requests that Ostinato sends when a job has ended.

They follow the Standard Webhooks specification: https://www.standardwebhooks.com
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field

from ostinato.schemas.schema import Schema

PRINTABLE = re.compile(r"[!-~]+")


class WebhookEventType(StrEnum):
    """What a webhook reports; all but the last are the final states of jobs."""

    JOB_SUCCEEDED = "job.succeeded"
    JOB_PARTIAL = "job.partial"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_EXPIRED = "job.expired"
    TEST = "webhook.test"
    """Sent by `POST /v1/webhooks/{id}/test` only."""


JobEventType = Literal[
    WebhookEventType.JOB_SUCCEEDED,
    WebhookEventType.JOB_PARTIAL,
    WebhookEventType.JOB_FAILED,
    WebhookEventType.JOB_CANCELLED,
    WebhookEventType.JOB_EXPIRED,
]
JobEventTypes = Annotated[
    tuple[JobEventType, ...], Field(min_length=1, max_length=5, fail_fast=True)
]


def _check_url(url: str) -> str:
    """The URL itself; where it may lead to is checked by the gateway and again when it is used."""
    if not PRINTABLE.fullmatch(url):
        raise ValueError("write it in ASCII without spaces, and a host name as punycode")
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("it must be an absolute URL, such as https://example.com/ostinato")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it must not contain a user or a password: verify the signature instead")
    if parts.fragment:
        raise ValueError("it must not have a fragment (#): it would not be sent")
    if parts.port == 0:  # .port raises ValueError for others that are invalid
        raise ValueError("0 is not a port")
    return url


WebhookUrl = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_check_url)]


class JobWebhook(Schema):
    """A URL that receives an event when one job has ended."""

    url: WebhookUrl
    """An https URL on a public address."""
    events: JobEventTypes | None = None
    """The types of events that are sent. If omitted: all."""


class WebhookRequest(JobWebhook):
    """A URL that receives an event for every job that ends, or those of one API key."""

    key_id: UUID | None = None
    """Only jobs that this API key of yours submits, also after it is rotated. If omitted: all."""


class Webhook(Schema):
    """A URL that receives an event for every job of its owner that ends, or those of one key."""

    id: UUID
    url: str
    events: JobEventTypes | None
    """The types of events that are sent; null: all."""
    key_id: UUID | None = None
    """The `first_id` of the API key whose jobs it reports; null: those of all keys."""
    created_at: datetime
    failing_since: datetime | None = None
    """The first failed attempt after the last successful one; null if the last one succeeded."""
    disabled_at: datetime | None = None
    """Since when nothing is sent to it; null if it is enabled."""
    disabled_reason: str | None = None
    """Why nothing is sent; null if it is enabled."""


class WebhookSecret(Schema):
    """What the receiver verifies signatures with."""

    secret: str
    """`whsec_` and base64; it is not shown again."""


class NewWebhook(Webhook, WebhookSecret):
    """A webhook that was just created, with its secret."""


class DeliveryState(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    """It is sent at `next_attempt_at`, or at the moment."""
    DELIVERED = "delivered"
    """The receiver has answered with a 2xx status."""
    DEAD = "dead"
    """A dead letter: no further attempt is made, unless it is redelivered."""


class WebhookDelivery(Schema):
    """One event for one URL, with the state of its delivery."""

    id: UUID
    """The header `webhook-id`: the same in all attempts, by which a receiver knows repetitions."""
    webhook_id: UUID | None
    """The webhook; null if the request of the job has named the URL."""
    job_id: UUID | None
    """The job; null for a test."""
    type: WebhookEventType
    url: str
    state: DeliveryState
    attempts: Annotated[int, Field(ge=0)]
    """Attempts that have ended; a redelivery counts again from 0."""
    next_attempt_at: datetime | None
    """When the next attempt is due; null if it has ended."""
    last_status: int | None
    """HTTP status of the last answer; null if there was none."""
    last_error: str | None
    """Why the last attempt failed; null if it succeeded, or before the first."""
    created_at: datetime
    """When the event occurred; the `timestamp` of the body."""
    ended_at: datetime | None
    """When it was delivered, or became a dead letter; it is deleted 30 days later."""


class WebhookEvent(Schema):
    """The body of a webhook."""

    type: WebhookEventType
    timestamp: datetime
    """When the event occurred."""
    data: Mapping[str, Any]
    """`kind` of the job, and the job as its own route shows it; if it was deleted: id and state."""
