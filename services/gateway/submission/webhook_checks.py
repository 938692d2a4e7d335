"""Checks the webhooks in requests before they are stored."""

from ostinato.schemas.account.webhooks import JobWebhook
from services.gateway.app_state import AppState
from shared.db.webhooks.endpoints import Webhooks
from shared.errors import Conflict, InvalidRequest
from shared.public_addresses import public_url_error


def check_url(app: AppState, webhook: JobWebhook, *, field: str = "url") -> None:
    """Check that the URL of a webhook may be public.

    Raises:
        InvalidRequest: it is not, and local ones are not allowed.
    """
    error = public_url_error(webhook.url)
    if error is not None and not app.settings.webhooks_allow_local:
        raise InvalidRequest(
            f"{field}: {error}; webhooks are sent to https URLs on public addresses only.",
            field=field,
        )


async def check_job_webhook(app: AppState, owner: str, webhook: JobWebhook | None) -> None:
    """Check the webhook of a job, if its request has one.

    Raises:
        InvalidRequest: its URL is not public.
        Conflict: the owner has no secret to sign it with.
    """
    if webhook is None:
        return
    check_url(app, webhook, field="webhook.url")
    async with app.database.connection() as connection:
        if not await Webhooks(connection).has_job_secret(owner):
            raise Conflict(
                "webhook: there is no secret to sign it with; create one with "
                "POST /v1/webhooks/job-secret.",
                field="webhook",
            )
