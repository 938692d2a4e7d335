"""Dispatcher settings, from `OSTINATO_*` environment variables."""

from typing import Annotated

from pydantic import Field

from shared.settings import MAX_DAYS, OptionalDays, RetentionSettings, WebhookSettings

Days = Annotated[float, Field(gt=0, le=MAX_DAYS)]


class DispatcherSettings(WebhookSettings, RetentionSettings):
    """The intervals of the dispatcher's loops, how long results are kept, and webhooks."""

    engraving_lifetime_days: Days = 7
    """Days after its end until an engraving is deleted; it can be made again."""
    evaluation_lifetime_days: OptionalDays = None
    """Days after its end until an evaluation is deleted; its result stays in the card of the
    version. If unset: it is kept until its owner deletes it."""
    training_lifetime_days: OptionalDays = None
    """Days after its end until a training is deleted with its metrics; trainings whose version
    exists stay. If unset: it is kept until its owner deletes it."""
    failed_job_lifetime_days: Days = 30
    """Days after which trainings, evaluations and data set imports that failed or were cancelled
    are deleted. The zip of such a data set is deleted at once."""
    primer_lifetime_days: OptionalDays = None
    """Days until an uploaded primer is deleted; those of owners with unfinished generations wait.
    If unset: it is kept until its owner deletes it."""
    dispatcher_interval_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two checks for overdue messages, expired leases and passed deadlines."""
    outage_grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """Seconds after an outage of PostgreSQL without reaping; at least two heartbeat intervals."""
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Seconds in which the receiver of a webhook has to answer."""
